"""The nonlinear Schrödinger equation: two solitons, bound to each other, breathe.

`i h_t + ½ h_xx + |h|² h = 0` on −5 ≤ x ≤ 5, periodic, 0 ≤ t ≤ π/2, with `h(x, 0) = 2 sech x`; written for the real and
the imaginary part, `h = u + iv`: `u_t + ½ v_xx + |h|² v = 0` and `v_t − ½ u_xx − |h|² u = 0`.

**What to expect.** The hump contracts to a spike of twice its height, |h| = 4 at t = π/4, and opens again, period π/2.
Meanwhile the phase turns, fastest in the spike, so that real and imaginary part oscillate. Hard because everything
after the spike depends on it: errors grow where |h|² is large.

**Good values.** Width 32, depth 3; the network is periodic in x by construction. 20 s on an idle
core gave 7e-2 and 0.12, a busy one 0.4 and 0.6: give it minutes.

**Reference.** No closed form, since the interval is cut where `2 sech 5 = 0.03`. `references/schroedinger.npz` is made
by a Fourier series with extrapolated Strang splitting, converged to 3e-6; on a wide interval the same function agrees
with the closed form of Satsuma and Yajima (1974) to 1e-8. A benchmark since Raissi, Perdikaris and Karniadakis (J.
Comput. Phys. 378, 2019), who reach 2e-3 for |h|.
"""

from pathlib import Path

import numpy as np
import xarray
from sympy import cosh, pi

from pinr import Box, Eq, Problem, Siren, coordinates, laplacian, on, unknown

width = 32
depth = 3
points = 1024

x, t = coordinates("x", time="t")
u, v = unknown("u", x, t), unknown("v", x, t)
ring = Box(x=(-5, 5), periodic="x") * Box(t=(0, pi / 2))
density = u**2 + v**2

with np.load(Path(__file__).parent / "references" / "schroedinger.npz") as stored:
    axes = {"x": stored["x"], "t": stored["t"]}
    computed_u, computed_v = (xarray.DataArray(stored[part].astype(float), coords=axes) for part in ("re", "im"))

problem = Problem(
    on(
        ring,
        Eq(u.diff(t) + laplacian(v) / 2 + density * v, 0),
        Eq(v.diff(t) - laplacian(u) / 2 - density * u, 0),
        points=points,
        name="wave",
    ),
    on(ring.at(t=0), Eq(u, 2 / cosh(x)), Eq(v, 0), points=points, name="start"),
    name="Schrödinger",
    reference={u: computed_u, v: computed_v},
)
network = Siren(width=width, depth=depth)
