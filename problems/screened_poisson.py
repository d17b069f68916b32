"""A surface from points with normals as the jump of a field: screened Poisson reconstruction.

`∇χ = 0` in −1 ≤ x, y, z ≤ 1, `∇χ = n / (4 σ)` at places that are the points of the scan and an offset of size σ, with
the normals `n` of the points; and `χ = 0` at the points.

**What to expect.** χ is nearly constant inside and outside, about −½ and ½, and rises within some σ of the surface,
which is where χ is 0. It is no distance. The integral `∫ |∇χ − V|²` of the method, with `V` the normals spread by a
Gaussian, is here a sum over the places where `V` lives and one over the cube, where it vanishes.

**Good values.** `spread` σ one to two times the distance between points: it smooths the surface. `screening` says how
closely the surface follows the points; small for noisy ones. Normals may be wrong in places, but have to point
outward.

**Reference.** The distance to a torus, in closed form; the scan is made from it. Only its sign and its zero set can
be compared. The functional is that of Kazhdan and Hoppe, Screened Poisson Surface Reconstruction, ACM Trans. Graph.
32, 2013, in a norm that counts the neighbourhood of the points more.
"""

import numpy as np
from sympy import sqrt

from pinr import Adam, Box, Eq, PointCloud, Problem, Siren, coordinates, grad, on, unknown

radius, thickness = 0.5, 0.25
points = 2000
spread = 0.05
screening = 100.0
width = 64
depth = 3
frequency = 10

number = np.arange(points) + 0.5
around, across = 2 * np.pi * number * (5**0.5 - 1) / 2, 2 * np.pi * number / points  # of the ring, of the tube
outward = np.stack([np.cos(across) * np.cos(around), np.cos(across) * np.sin(around), np.sin(across)], axis=1)
ring = radius * np.stack([np.cos(around), np.sin(around), 0 * around], axis=1)
places = ring + thickness * outward
scan = PointCloud(places, normals=outward, name="scan")
noise = np.random.default_rng(0).normal(scale=spread, size=(10 * points, 3))
near = PointCloud(np.tile(places, (10, 1)) + noise, normals=np.tile(outward, (10, 1)), name="near")

x, y, z = coordinates("x y z")
chi = unknown("chi", x, y, z)
cube = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))

problem = Problem(
    on(cube, grad(chi), weight=1, name="flat elsewhere"),
    on(near, grad(chi) - near.normal / (4 * spread), weight=1, name="normals"),
    on(scan, Eq(chi, 0), weight=screening, name="screening"),
    name="Screened Poisson",
    reference={chi: sqrt((sqrt(x**2 + y**2) - radius) ** 2 + z**2) - thickness},
)
network = Siren(width=width, depth=depth, omega=frequency)
stages = [Adam(steps=1_000, rate=1e-3)]
