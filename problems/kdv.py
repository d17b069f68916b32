"""The Korteweg–de Vries equation: a wave breaks up into solitons.

`u_t + u u_x + δ² u_xxx = 0` with `δ = 0.022` on −1 ≤ x ≤ 1, periodic, 0 ≤ t ≤ 1, with `u(x, 0) = cos πx`.

**What to expect.** At first the crest runs ahead of the trough as in Burgers' equation. Where a shock would form, at
t = 1/π, dispersion takes over: ripples grow behind the steep place, and by t = 1 eight of them are separate humps, the
higher the faster and the narrower, each about 0.1 wide. Hard because nothing is damped, so that every error made early
stays, and because third derivatives amplify what is short.

**Good values.** `δ = 0.022` is the published case, of which t = 1 shows a tenth of a recurrence; larger δ give fewer
solitons. Width 32, depth 3; the network is periodic in x by construction. 20 s on one core gave 0.1: give it
minutes.

**Reference.** No closed form. `references/kdv.npz` is made by a Fourier series with an integrating factor and certified
by differences of order 8 with Radau IIA, which agree to 3e-9; it is stored in float32 (1e-7). It holds for this δ;
with others there is none. The case of N. J. Zabusky and M. D. Kruskal, Phys. Rev. Lett. 15, 1965, who found solitons
in it.
"""

from pathlib import Path

import numpy as np
import xarray
from sympy import cos, pi

from pinr import Box, Eq, Problem, Siren, coordinates, on, unknown

dispersion = 0.022  # δ
width = 32
depth = 3

x, t = coordinates("x", time="t")
u = unknown("u", x, t)
ring = Box(x=(-1, 1), periodic="x") * Box(t=(0, 1))

with np.load(Path(__file__).parent / "references" / "kdv.npz") as stored:
    computed = xarray.DataArray(stored["u"].astype(float), coords={"x": stored["x"], "t": stored["t"]})

problem = Problem(
    on(ring, Eq(u.diff(t) + u * u.diff(x) + dispersion**2 * u.diff(x, 3), 0)),
    on(ring.at(t=0), Eq(u, cos(pi * x))),
    name="Korteweg–de Vries",
    reference={u: computed} if dispersion == 0.022 else None,
)
network = Siren(width=width, depth=depth)
