"""An inverse problem: a conductivity from few and noisy temperatures.

`−∇·(k ∇u) = 10` on 0 ≤ x, y ≤ 1 with `u = 0` on the boundary. The temperature `u` is measured at 400 random places,
with noise of 1 % of its largest value; the conductivity `k` is sought, and given nowhere.

**What to expect.** The field `k` is seen through second derivatives of the temperature, which noise spoils first: what
is sought must be smooth, and a small network is. One that follows the noise of the data finds a rough `k`, however
small its residuals are. `k` is carried along the temperature's gradient from the summit, where `k Δu = −10`, outwards.

**Good values.** `draw` numbers the draws of places and noise. A constant, `k = 1`, has the error 0.24; a tenth is a
good result. Width 32, depth 2: one network for both fields. 20 s on one core gave 4e-2 for `k` and 5e-3 for `u`.

**Reference.** `k = 1 + ½ sin 2πx sin 2πy` in closed form. Its temperature, and that of the data, is in
`references/inverse_conductivity_noisy.npz`, made by Chebyshev collocation and certified by finite elements of order 4,
which agree to 1e-7.
"""

from pathlib import Path

import numpy as np
import xarray
from numpy.polynomial.chebyshev import chebgrid2d, chebval2d
from sympy import pi, sin

from pinr import Box, Eq, Measurements, Problem, Siren, coordinates, div, grad, on, unknown

draw = 0
noise = 0.01  # standard deviation, relative to the largest temperature
count = 400
width = 32
depth = 2

x, y = coordinates("x y")
u = unknown("u", x, y)
k = unknown("k", x, y)
square = Box(x=(0, 1), y=(0, 1))
conductivity = 1 + sin(2 * pi * x) * sin(2 * pi * y) / 2

with np.load(Path(__file__).parent / "references" / "inverse_conductivity_noisy.npz") as stored:
    coefficients = stored["coefficients"]
positions = np.linspace(0, 1, 101)
axes = {"x": positions, "y": positions}
temperature = xarray.DataArray(chebgrid2d(2 * positions - 1, 2 * positions - 1, coefficients), coords=axes)

random = np.random.default_rng(draw)
places = random.uniform(0, 1, (2, count))
errors = noise * float(temperature.max()) * random.standard_normal(count)
values = chebval2d(*(2 * places - 1), coefficients) + errors
probes = Measurements(x=places[0], y=places[1], u=values, name="probes")

problem = Problem(
    on(square, Eq(-div(k * grad(u)), 10), name="balance of heat"),
    on(square.boundary, Eq(u, 0), name="rim"),
    on(probes, Eq(u, probes["u"]), name="probes"),
    name="conductivity from noise",
    reference={u: temperature, k: conductivity},
)
network = Siren(width=width, depth=depth)
