"""The inside of a mesh as a classification: occupancy by cross-entropy.

`log(1 + e^(−10 s φ)) → 0` in −1 ≤ x, y, z ≤ 1 and near the surface, with `s = −1` inside of the mesh and `s = 1`
outside: the probability that a point is inside is `1 / (1 + e^(10 φ))`, and inside is where `φ < 0`.

**What to expect.** The shape is there after some hundred steps, and gets sharper as long as it is trained: φ grows on
both sides and is no distance. The factor 10 lets it be sure of itself with values of about 1.

**Good values.** Points near the surface decide how sharp it is, `spread` a few hundredths of the shape. A small rate:
the factor makes steps as much longer, and at 1e-3 parts that were found are lost again. Where the mesh has holes, the
winding number says what is inside. Who has a mesh and wants a distance takes `signed_distance_supervised`.

**Reference.** The distance to a torus, in closed form, of which the mesh is made; only its sign can be compared. The
loss is that of Mescheder et al., Occupancy Networks: Learning 3D Reconstruction in Function Space, CVPR 2019.
"""

import numpy as np
from sympy import Abs, Max, exp, log, sign, sqrt

from pinr import Adam, Box, PointCloud, Problem, Siren, Solid, coordinates, on, unknown

radius, thickness = 0.5, 0.25
around, across = 96, 48
spread = 0.05
width = 64
depth = 3
frequency = 4

u, v = np.meshgrid(2 * np.pi * np.arange(around) / around, 2 * np.pi * np.arange(across) / across, indexing="ij")
ring = radius + thickness * np.cos(v)
vertices = np.stack([ring * np.cos(u), ring * np.sin(u), thickness * np.sin(v)], axis=2).reshape(-1, 3)
corner = np.arange(around * across).reshape(around, across)
right, up, both = (np.roll(corner, shift, axis=(0, 1)) for shift in ((-1, 0), (0, -1), (-1, -1)))
faces = np.concatenate([np.stack(c, axis=2).reshape(-1, 3) for c in ((corner, right, both), (corner, both, up))])
solid = Solid(vertices, faces, name="solid")
noise = np.random.default_rng(0).normal(scale=spread, size=(5 * len(vertices), 3))
near = PointCloud(np.tile(vertices, (5, 1)) + noise, name="near")

x, y, z = coordinates("x y z")
phi = unknown("phi", x, y, z)
logit = -10 * sign(solid.distance) * phi
entropy = Max(logit, 0) + log(1 + exp(-Abs(logit)))  # log(1 + e^logit) without overflow
cube = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))

problem = Problem(
    on(cube, entropy, loss="l1", name="inside"),
    on(near, entropy, loss="l1", name="inside nearby"),
    name="Occupancy",
    reference={phi: sqrt((sqrt(x**2 + y**2) - radius) ** 2 + z**2) - thickness},
)
network = Siren(width=width, depth=depth, omega=frequency)
stages = [Adam(steps=1_000, rate=2e-4)]
