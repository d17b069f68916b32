"""The Allen–Cahn equation: two phases separate.

`u_t = D u_xx + 5(u − u³)` with `D = 0.001` on −1 ≤ x ≤ 1, 0 ≤ t ≤ 1; `u(±1, t) = −1` and `u(x, 0) = x² cos πx`.

**What to expect.** Every value is drawn to the nearer of the stable phases, −1 and 1, and away from the unstable 0.
Phase 1 takes the middle, |x| < ½, up to two walls of width `√(2D/5) = 1/50`; but at x = 0, where the field starts from
0, it lingers, and a narrow notch is left at t = 1. Hard because the reaction amplifies early errors by up to `e⁵`, and
because 0 and ±1 satisfy the equation as well, where networks like to settle.

**Good values.** Width 32, depth 3. After 10 s on one core the error was still 0.7: give it minutes. `diffusion = 0.01`
is a gentle start.

**Reference.** No closed form. `references/allen_cahn.npz` is made by Chebyshev collocation with Radau IIA and
certified by a cosine series with extrapolated splitting, which agrees to 5e-10; it is stored in float32 (6e-8).
DeepXDE's `Allen_Cahn.mat` differs by 1.6e-4, which is its own error. It holds for these constants; with others there
is none.
"""

from pathlib import Path

import numpy as np
import xarray
from sympy import cos, pi

from pinr import Box, Eq, Problem, Siren, coordinates, laplacian, on, unknown

diffusion = 0.001
reaction = 5
width = 32
depth = 3

x, t = coordinates("x", time="t")
u = unknown("u", x, t)
strip = Box(x=(-1, 1)) * Box(t=(0, 1))

with np.load(Path(__file__).parent / "references" / "allen_cahn.npz") as stored:
    computed = xarray.DataArray(stored["u"].astype(float), coords={"x": stored["x"], "t": stored["t"]})

problem = Problem(
    on(strip, Eq(u.diff(t), diffusion * laplacian(u) + reaction * (u - u**3))),
    on(strip.boundary, Eq(u, -1)),
    on(strip.at(t=0), Eq(u, x**2 * cos(pi * x))),
    name="Allen–Cahn",
    reference={u: computed} if (diffusion, reaction) == (0.001, 5) else None,
)
network = Siren(width=width, depth=depth)
