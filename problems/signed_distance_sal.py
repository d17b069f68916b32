"""A signed distance from points alone, of which nobody says where outside is: the sign-agnostic loss.

`|φ| = h` in −1 ≤ x, y, z ≤ 1 and near the points, where `h` is the distance to the nearest of them; `φ = 0` at the
points. The network begins as the distance to a sphere around all of them, which gives the signs.

**What to expect.** `φ = h` solves the equations as well as `φ = −h` inside and `φ = h` outside. What is smooth
through the surface is easier for a network, so that the zero set of the sphere shrinks onto the points within some
tens of steps. The shape is then there; details and thin parts follow.

**Good values.** `sphere` so that it encloses the shape: what is outside of it at first keeps the sign of outside.
`spread` some times the distance between points. `frequency` 4 for a shape as plain as this, 10 for a statue.

**Reference.** The distance to a torus, in closed form; the points are made from it. Nearer to the surface than half
the distance between points `h` is too large, and the last equation counts. The loss is that of Atzmon and Lipman,
SAL: Sign Agnostic Learning of Shapes from Raw Data, CVPR 2020; the network there is one of rectifiers.
"""

import numpy as np
from sympy import Abs, sqrt

from pinr import Adam, Box, Eq, PointCloud, Problem, Siren, coordinates, on, unknown

radius, thickness = 0.5, 0.25
points = 2000
spread = 0.05
width = 64
depth = 3
frequency = 4
sphere = 0.9

number = np.arange(points) + 0.5
around, across = 2 * np.pi * number * (5**0.5 - 1) / 2, 2 * np.pi * number / points  # of the ring, of the tube
ring = radius + thickness * np.cos(across)
places = np.stack([ring * np.cos(around), ring * np.sin(around), thickness * np.sin(across)], axis=1)
scan = PointCloud(places, name="scan")
noise = np.random.default_rng(0).normal(scale=spread, size=(10 * points, 3))
near = PointCloud(np.tile(places, (10, 1)) + noise, name="near")

x, y, z = coordinates("x y z")
phi = unknown("phi", x, y, z)
cube = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))

problem = Problem(
    on(cube, Eq(Abs(phi), scan.distance), loss="l1", name="distance"),
    on(near, Eq(Abs(phi), scan.distance), loss="l1", name="distance nearby"),
    on(scan, Eq(phi, 0), loss="l1", name="on the scan"),
    name="Signed distance without sides",
    reference={phi: sqrt((sqrt(x**2 + y**2) - radius) ** 2 + z**2) - thickness},
)
network = Siren(width=width, depth=depth, omega=frequency, sphere=sphere)
stages = [Adam(steps=1_000, rate=1e-3)]
