"""Laplace's equation on a square with four holes.

`Δu = 0` on −½ ≤ x, y ≤ ½ without four discs of radius 0.1 at (±0.3, ±0.3); `u = 1` on the square, `u = 0` on the
circles.

**What to expect.** A hot frame with four cold pipes through the plate: the field falls from 1 to 0 across the narrow
bridges between frame and pipes, and is almost flat in the middle, at a value that all boundaries together decide. There
are no sources; only the shape makes it interesting, and the circles are small targets for random points.

**Good values.** Width 32, depth 3; 20 s on one core gave 4e-3.

**Reference.** `references/poisson_four_holes.npz` is made with a series of poles in the holes and in their mirror
images, good to 2e-11 everywhere by the maximum principle; finite elements with curved edges certify it, 1e-7 from it.
It is stored in float32 (3e-8). The case is Poisson2d-C of PINNacle (Hao et al., 2023, arXiv:2306.08827), whose own data
differ by 2.8e-5.
"""

from pathlib import Path

import numpy as np
import xarray

from pinr import Ball, Box, Eq, Problem, Siren, coordinates, laplacian, on, unknown

width = 32
depth = 3

x, y = coordinates("x y")
u = unknown("u", x, y)
plate = Box(x=(-0.5, 0.5), y=(-0.5, 0.5))
for centre_x in (-0.3, 0.3):
    for centre_y in (-0.3, 0.3):
        plate = plate - Ball(x=centre_x, y=centre_y, radius=0.1)
sides = ("x-", "x+", "y-", "y+")

with np.load(Path(__file__).parent / "references" / "poisson_four_holes.npz") as stored:
    computed = xarray.DataArray(stored["u"].astype(float), coords={"x": stored["x"], "y": stored["y"]})

problem = Problem(
    on(plate, Eq(laplacian(u), 0)),
    on(plate.boundary.part(*sides), Eq(u, 1), name="square"),
    on(plate.boundary.without(*sides), Eq(u, 0), name="circles"),
    name="Poisson with four holes",
    reference={u: computed},
)
network = Siren(width=width, depth=depth)
