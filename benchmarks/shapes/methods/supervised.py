"""Exact distances to a mesh, learned (as in DeepSDF: Park et al., CVPR 2019)."""

import numpy as np

from benchmarks.shapes.method import Given, Method, Training
from pinr import Box, Eq, FreshPoints, PointCloud, Problem, Siren, Solid, coordinates, on, unknown

SPREAD = 0.05
SELDOM = FreshPoints(every=40)  # finding distances at all points takes longer than a step


def problem(given: Given) -> Problem:
    x, y, z = coordinates("x y z")
    phi = unknown("phi", x, y, z)
    cube, solid = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1)), Solid(given.mesh.vertices, given.mesh.faces)
    away = SPREAD * np.random.default_rng(0).normal(size=given.points.shape)
    nearby = PointCloud(given.points + away, name="nearby")
    return Problem(
        on(cube, Eq(phi, solid.distance), loss="l1", name="everywhere"),
        on(nearby, Eq(phi, solid.distance), weight=10, loss="l1", name="next to it"),
        on(solid.boundary, Eq(phi, 0), weight=10, loss="l1", name="on it"),
    )


SUPERVISED = Method(
    "supervised, from the mesh",
    problem,
    detailed=Training(Siren(width=128, depth=4, omega=30), steps=11_000, sampling=SELDOM),
    plain=Training(Siren(width=64, depth=3, omega=15), steps=2_000, rate=2e-3, sampling=SELDOM),
)
