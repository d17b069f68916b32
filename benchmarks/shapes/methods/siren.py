"""SIREN's signed distance, from points with normals (Sitzmann et al., NeurIPS 2020, sec. 4.2)."""

from sympy import Abs, exp

from benchmarks.shapes.method import Given, Method, Training
from pinr import Box, Eq, Problem, Siren, coordinates, dot, grad, norm, on, unknown


def problem(given: Given) -> Problem:
    x, y, z = coordinates("x y z")
    phi = unknown("phi", x, y, z)
    cube, scan = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1)), given.scan
    return Problem(
        on(cube, Eq(norm(grad(phi)), 1), weight=50, loss="l1", name="eikonal"),
        on(scan, Eq(norm(grad(phi)), 1), weight=50, loss="l1", name="eikonal at the scan"),
        on(scan, Eq(phi, 0), weight=3e3, loss="l1", name="on the scan"),
        on(scan, 1 - dot(grad(phi), scan.normal) / norm(grad(phi)), weight=1e2, loss="l1", name="normals"),
        on(cube, exp(-100 * Abs(phi)), weight=1e2, loss="l1", name="nothing elsewhere"),
    )


SIREN = Method(
    "SIREN, with normals",
    problem,
    detailed=Training(Siren(width=128, depth=4, omega=30), steps=11_000),
    plain=Training(Siren(width=64, depth=3, omega=15), steps=2_000, rate=2e-3),
)
