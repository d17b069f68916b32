"""A signed distance from points without normals, by the sign-agnostic loss (Atzmon and Lipman, SAL, CVPR 2020)."""

import numpy as np
from sympy import Abs

from benchmarks.shapes.method import Given, Method, Training
from pinr import Box, Eq, FreshPoints, PointCloud, Problem, Siren, Surface, coordinates, on, unknown

COPIES = 10
SPREADS = (0.01, 0.05)  # the second is about the distance to the fiftieth neighbour among 20,000 points


def problem(given: Given) -> Problem:
    return sign_agnostic(given.bare_scan, given.points)


def sign_agnostic(data: PointCloud | Surface, points: np.ndarray) -> Problem:
    """The fit to the unsigned distance to points or triangles; `points` are some of the surface."""
    x, y, z = coordinates("x y z")
    phi = unknown("phi", x, y, z)
    random = np.random.default_rng(0)
    places = np.tile(points, (COPIES, 1))
    noise = random.normal(size=places.shape) * random.choice(SPREADS, size=(len(places), 1))
    near, cube = PointCloud(places + noise, name="near"), Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))
    return Problem(
        on(cube, Eq(Abs(phi), data.distance), loss="l1", name="distance"),
        on(near, Eq(Abs(phi), data.distance), loss="l1", name="distance nearby"),
        on(data, Eq(phi, 0), loss="l1", name="on the scan"),
    )


SAL = Method(
    "SAL, without normals",
    problem,
    detailed=Training(
        Siren(width=128, depth=4, omega=10, sphere=0.9), steps=2_000, rate=1e-3, sampling=FreshPoints(every=10)
    ),
    plain=Training(
        Siren(width=64, depth=3, omega=4, sphere=0.9), steps=3_000, rate=2e-3, sampling=FreshPoints(every=10)
    ),
)
