"""The inside of a mesh by cross-entropy (Mescheder et al., Occupancy Networks, CVPR 2019)."""

import numpy as np
from sympy import Abs, Max, exp, log, sign

from benchmarks.shapes.method import Given, Method, Training
from pinr import Box, FreshPoints, PointCloud, Problem, Siren, Solid, coordinates, on, unknown

COPIES = 10
SPREADS = (0.005, 0.05)


def problem(given: Given) -> Problem:
    x, y, z = coordinates("x y z")
    phi = unknown("phi", x, y, z)
    solid = Solid(given.mesh.vertices, given.mesh.faces, name="solid")
    random = np.random.default_rng(0)
    places = np.tile(given.points, (COPIES, 1))
    noise = random.normal(size=places.shape) * random.choice(SPREADS, size=(len(places), 1))
    near, cube = PointCloud(places + noise, name="near"), Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))
    logit = -10 * sign(solid.distance) * phi
    entropy = Max(logit, 0) + log(1 + exp(-Abs(logit)))
    return Problem(
        on(cube, entropy, loss="l1", name="inside"),
        on(near, entropy, loss="l1", name="inside nearby"),
    )


OCCUPANCY = Method(
    "occupancy, from the mesh",
    problem,
    detailed=Training(Siren(width=128, depth=4, omega=20), steps=3_000, rate=2e-4, sampling=FreshPoints(every=10)),
    plain=Training(Siren(width=64, depth=3, omega=4), steps=3_000, rate=5e-4, sampling=FreshPoints(every=10)),
    is_distance=False,
)
