"""Screened Poisson reconstruction as a field, from points with normals (Kazhdan and Hoppe, 2013)."""

import numpy as np

from benchmarks.shapes.method import Given, Method, Training
from pinr import Box, Eq, FreshPoints, PointCloud, Problem, Siren, coordinates, grad, on, unknown

COPIES = 10
SPREAD = 0.015  # about the distance between 20,000 points


def problem(given: Given) -> Problem:
    x, y, z = coordinates("x y z")
    chi = unknown("chi", x, y, z)
    random = np.random.default_rng(0)
    places, normals = (np.tile(rows, (COPIES, 1)) for rows in (given.points, given.normals))
    near = PointCloud(places + random.normal(scale=SPREAD, size=places.shape), normals=normals, name="near")
    cube = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))
    return Problem(
        on(cube, grad(chi), weight=1, name="flat elsewhere"),
        on(near, grad(chi) - near.normal / (4 * SPREAD), weight=1, name="normals"),
        on(given.scan, Eq(chi, 0), weight=1000, name="screening"),
    )


SCREENED = Method(
    "screened Poisson as a field",
    problem,
    detailed=Training(Siren(width=128, depth=4, omega=30), steps=3_000, rate=1e-3, sampling=FreshPoints(every=10)),
    plain=Training(Siren(width=64, depth=3, omega=10), steps=3_000, rate=2e-3, sampling=FreshPoints(every=10)),
    is_distance=False,
)
