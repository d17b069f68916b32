"""Poisson's equation on the L-shape: a corner that smooth fields cannot follow.

`−Δu = 1` on the square −1 ≤ x, y ≤ 1 without its quadrant x, y > 0, with `u = 0` on the boundary.

**What to expect.** A hill bent around the corner, 0.149 high; the stress function of a twisted bar with this section.
At the inner corner the field behaves like `r^(2/3)`: its slope is infinite there, as the stress is in the bar. A
network is smooth and rounds the corner off, where nearly all of its error is found; pinr therefore adds the singular
terms of this corner to it. Never build `u = 0` into the network here: smooth fields that are exactly 0 on both sides of
the corner converge to a wrong answer, with a small loss.

**Good values.** Width 32, depth 3; without singular terms 20 s on one core gave 1e-2.

**Reference.** No closed form. `references/poisson_lshape.npz` is made with rational functions whose poles cluster at
the corners, good to 3e-9 everywhere by the maximum principle; graded finite elements certify it, 4e-6 from it and
nearer with every refinement. It is stored in float32 (1e-8). The data of DeepXDE for this case, with the maximum 0.134,
are 10 % too low.
"""

from pathlib import Path

import numpy as np
import xarray

from pinr import Box, Eq, Problem, Siren, coordinates, laplacian, on, unknown

width = 32
depth = 3

x, y = coordinates("x y")
u = unknown("u", x, y)
lshape = Box(x=(-1, 1), y=(-1, 1)) - Box(x=(0, 1), y=(0, 1))

with np.load(Path(__file__).parent / "references" / "poisson_lshape.npz") as stored:
    computed = xarray.DataArray(stored["u"].astype(float), coords={"x": stored["x"], "y": stored["y"]})

problem = Problem(
    on(lshape, Eq(-laplacian(u), 1)),
    on(lshape.boundary, Eq(u, 0)),
    name="Poisson on the L-shape",
    reference={u: computed},
)
network = Siren(width=width, depth=depth)
