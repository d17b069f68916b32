"""Meshes, elements and time steps by themselves."""

import numpy as np
import pytest

from pinr import Box, Eq, Problem, coordinates, laplacian, on, unknown
from pinr.geometry import Ball, Polygon
from pinr.verification import verify
from pinr.verification.field import checked
from pinr.verification.meshes import coarsest_mesh
from pinr.verification.model import model_of

x, y, t = coordinates("x y", time="t")
u, w = unknown("u", x, y), unknown("w", x, t)

REGIONS = {
    "square": (Box(x=(0, 1), y=(0, 1)), 1.0),
    "disc": (Ball(x=0, y=0, radius=1), np.pi),
    "lens": (Ball(x=0, y=0, radius=1) & Ball(x=1, y=0, radius=1), 2 * np.pi / 3 - np.sqrt(3) / 2),
    "triangle": (Polygon(x=(0, 2, 0), y=(0, 0, 1)), 1.0),
    "small hole": (Box(x=(-1, 1), y=(-1, 1)) - Ball(x=0.3, y=0, radius=0.05), 4 - np.pi * 0.05**2),
    "thin ring": (Ball(x=0, y=0, radius=1) - Ball(x=0, y=0, radius=0.99), np.pi * (1 - 0.99**2)),
    "two pieces": (Box(x=(0, 1), y=(0, 1)) | Ball(x=3, y=0, radius=1), 1 + np.pi),
}


def dirichlet(region):
    return Problem(on(region, Eq(laplacian(u), 1)), on(region.boundary, Eq(u, 0)))


@pytest.mark.parametrize("name", REGIONS)
def test_the_area_of_the_mesh_converges_to_that_of_the_region(name):
    region, area = REGIONS[name]
    coarse = coarsest_mesh(model_of(dirichlet(region), checked(lambda x, y: x)))
    errors = [abs(mesh.basis.dx.sum() - area) for mesh in (coarse, coarse.refined())]
    assert errors[0] < 1e-3 * area
    assert errors[1] < errors[0] / 12 + 1e-7 * area  # parabolas along a curve: order 4


@pytest.mark.parametrize("name", REGIONS)
def test_quadratic_functions_are_prolonged_exactly(name):
    region, _ = REGIONS[name]
    mesh = coarsest_mesh(model_of(dirichlet(region), checked(lambda x, y: x)))
    straight = mesh.basis.doflocs[0] * 2 - mesh.basis.doflocs[1]
    fine = mesh.refined().basis.doflocs
    assert mesh.prolonged(straight) == pytest.approx(fine[0] * 2 - fine[1], abs=1e-9)


def test_a_quadratic_solution_is_found_exactly():
    square = Box(x=(0, 1), y=(0, 1))
    exact = 1 + x**2 - 3 * x * y
    problem = Problem(on(square, Eq(laplacian(u), 2)), on(square.boundary, Eq(u, exact)))
    found = verify(problem, lambda x, y: 1 + x**2 - 3 * x * y, size=1)
    assert found.maximum_error < 1e-12


def test_a_solution_that_is_quadratic_in_time_is_found_exactly():
    rod = Box(x=(0, 1)) * Box(t=(0, 2))
    exact = t**2 + t * x
    problem = Problem(
        on(rod, Eq(w.diff(t), laplacian(w) + 2 * t + x)), on(rod.boundary, Eq(w, exact)), on(rod.at(t=0), Eq(w, 0))
    )
    found = verify(problem, lambda x, t: t**2 + t * x, size=1)
    assert found.maximum_error < 1e-11
