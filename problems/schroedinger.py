"""The nonlinear Schrödinger equation: two solitons, bound to each other, breathe.

`i h_t + ½ h_xx + |h|² h = 0` on −5 ≤ x ≤ 5, periodic, 0 ≤ t ≤ π/2, with `h(x, 0) = 2 sech x`; `h` is a
complex unknown, one network with two outputs.

**What to expect.** The hump contracts to a spike of twice its height, |h| = 4 at t = π/4, and opens again, period π/2.
Meanwhile the phase turns, fastest in the spike, so that real and imaginary part oscillate. Hard because everything
after the spike depends on it: errors grow where |h|² is large.

**Good values.** Width 32, depth 3; the network is periodic in x by construction. 20 s on one core gave 0.1, and half
of that if it was idle: give it minutes.

**Reference.** No closed form, since the interval is cut where `2 sech 5 = 0.03`. `references/schroedinger.npz` is made
by a Fourier series with extrapolated Strang splitting, converged to 3e-6; on a wide interval the same function agrees
with the closed form of Satsuma and Yajima (1974) to 1e-8. A benchmark since Raissi, Perdikaris and Karniadakis (J.
Comput. Phys. 378, 2019), who reach 2e-3 for |h|.
"""

from pathlib import Path

import numpy as np
import xarray
from sympy import Abs, I, cosh, pi

from pinr import Box, Eq, Problem, Siren, coordinates, laplacian, on, unknown

width = 32
depth = 3
points = 1024

x, t = coordinates("x", time="t")
h = unknown("h", x, t, complex=True)
ring = Box(x=(-5, 5), periodic="x") * Box(t=(0, pi / 2))

with np.load(Path(__file__).parent / "references" / "schroedinger.npz") as stored:
    values = stored["re"].astype(float) + 1j * stored["im"]
    computed = xarray.DataArray(values, coords={"x": stored["x"], "t": stored["t"]})

problem = Problem(
    on(ring, Eq(I * h.diff(t) + laplacian(h) / 2 + Abs(h) ** 2 * h, 0), points=points, name="wave"),
    on(ring.at(t=0), Eq(h, 2 / cosh(x)), points=points, name="start"),
    name="Schrödinger",
    reference={h: computed},
)
network = Siren(width=width, depth=depth)
