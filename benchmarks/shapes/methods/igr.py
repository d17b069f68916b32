"""Implicit geometric regularisation: points without normals (Gropp et al., ICML 2020), with sine layers.

The distance to the nearest point, as of SAL (Atzmon and Lipman, CVPR 2020), says where the surface is not; it counts by
how far it is, since next to the surface it is off by as much as points are apart.
"""

from sympy import Abs

from benchmarks.shapes.method import Given, Method, Training
from pinr import Box, Eq, Problem, Siren, coordinates, grad, norm, on, unknown


def problem(given: Given) -> Problem:
    x, y, z = coordinates("x y z")
    phi = unknown("phi", x, y, z)
    cube, scan = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1)), given.bare_scan
    return Problem(
        on(scan, Eq(phi, 0), weight=3e3, loss="l1", name="on the scan"),
        on(scan, Eq(norm(grad(phi)), 1), weight=50, loss="l1", name="eikonal at the scan"),
        on(cube, Eq(norm(grad(phi)), 1), weight=50, loss="l1", name="eikonal"),
        on(cube, scan.distance * (Abs(phi) - scan.distance), weight=300, loss="l1", name="distances of points"),
        on(cube.boundary, phi >= 0.1, weight=100, loss="l1", name="outside"),
    )


IGR = Method(
    "IGR, without normals",
    problem,
    detailed=Training(Siren(width=128, depth=4, omega=30, sphere=0.5), steps=10_000),
    plain=Training(Siren(width=64, depth=3, omega=15, sphere=0.5), steps=2_000, rate=2e-3),
)
