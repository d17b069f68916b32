"""A signed distance from a mesh: exact distances, learned.

`φ = d` in −1 ≤ x, y, z ≤ 1, next to the mesh, and on it, with d its exact signed distance, negative inside.

**What to expect.** The plain way where there is a mesh: no eikonal equation, no weights to balance, and the right sign
everywhere. What is left of the error is at edges and on medial axes, where distances have kinks and the network has
none. Half of the points are next to the surface, since that is where the shape is.

**Good values.** `frequency` 4 for plain shapes, 30 for details; `spread` the distance from the surface within which
it is to be exact.

**Reference.** The distance itself, to a cuboid of 12 triangles. Park, Florence, Straub, Newcombe and Lovegrove,
DeepSDF: Learning Continuous Signed Distance Functions for Shape Representation, CVPR 2019, without their clamping.
"""

import itertools

import numpy as np

from pinr import Box, Eq, PointCloud, Problem, Siren, Solid, Uniform, coordinates, on, unknown

points = 10_000
spread = 0.05
width = 64
depth = 3
frequency = 4

corners = np.array(list(itertools.product((-0.5, 0.5), (-0.6, 0.6), (-0.4, 0.4))))
sides = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
triangles = [triangle for a, b, c, d in sides for triangle in ((a, b, c), (a, c, d))]
solid = Solid(corners, np.array(triangles), name="cuboid")

on_it = solid.boundary.sample(points, sampler=Uniform(), seed=0).points
places = np.stack([on_it[name] for name in "xyz"], axis=1)
nearby = PointCloud(places + spread * np.random.default_rng(0).normal(size=places.shape), name="nearby")

x, y, z = coordinates("x y z")
phi = unknown("phi", x, y, z)
cube = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))

problem = Problem(
    on(cube, Eq(phi, solid.distance), name="everywhere"),
    on(nearby, Eq(phi, solid.distance), weight=10, name="next to it"),
    on(solid.boundary, Eq(phi, 0), weight=10, name="on it"),
    name="Signed distance from a mesh",
    reference={phi: solid.distance},
)
network = Siren(width=width, depth=depth, omega=frequency)
