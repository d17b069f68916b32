"""Implicit geometric regularisation: points without normals (Gropp et al., ICML 2020), with sine layers."""

import numpy as np
from sympy import Abs, exp

from benchmarks.shapes.method import Given, Method, Training
from pinr import Box, Eq, PointCloud, Problem, Siren, coordinates, grad, norm, on, unknown

SPREAD = 0.05


def problem(given: Given) -> Problem:
    x, y, z = coordinates("x y z")
    phi = unknown("phi", x, y, z)
    cube, scan = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1)), given.bare_scan
    away = SPREAD * np.random.default_rng(0).normal(size=given.points.shape)
    nearby = PointCloud(given.points + away, name="nearby")
    return Problem(
        on(scan, Eq(phi, 0), weight=3e3, loss="l1", name="on the scan"),
        on(scan, Eq(norm(grad(phi)), 1), weight=50, loss="l1", name="eikonal at the scan"),
        on(nearby, Eq(norm(grad(phi)), 1), weight=50, loss="l1", name="eikonal next to it"),
        on(cube, Eq(norm(grad(phi)), 1), weight=50, loss="l1", name="eikonal"),
        on(cube, exp(-100 * Abs(phi)), weight=1e2, loss="l1", name="nothing elsewhere"),
    )


IGR = Method(
    "IGR, without normals",
    problem,
    detailed=Training(Siren(width=128, depth=4, omega=30, sphere=0.5), steps=11_000),
    plain=Training(Siren(width=64, depth=3, omega=4, sphere=0.5), steps=3_000, rate=2e-3),
)
