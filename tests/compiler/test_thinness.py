"""Sizes and waves of what is held at 0 all around follow from how far away that is, not from the box alone."""

import pytest
from sympy import sqrt

from pinr import (
    Ball,
    Box,
    Eq,
    LevelSet,
    Problem,
    Siren,
    compile_problem,
    coordinates,
    dot,
    grad,
    laplacian,
    on,
    unknown,
)
from pinr.compiler.thinness import thinness
from pinr.declaration.ansatz import Exactness

x, y, z = coordinates("x y z")
u, T = unknown("u", x, y), unknown("T", x, y, z)
CUBE = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))


def kappa(problem):
    return thinness(problem, problem.unknowns[0], Exactness())


def held(region, field=u):
    return Problem(on(region, Eq(-laplacian(field), 1)), on(region.boundary, Eq(field, 0)))


def tube(radius):
    """Around a circle, `V/S = radius/2`."""
    return LevelSet(sqrt((sqrt(x**2 + y**2) - 0.7) ** 2 + z**2) < radius, CUBE, resolution=80)


@pytest.mark.parametrize(
    "problem",
    [held(Box(x=(0, 3), y=(0, 1))), held(Ball(x=0, y=0, radius=2)), held(Box(x=(0, 30), y=(0, 0.1)))],
    ids=["box", "disc", "rod"],
)
def test_boxes_and_balls_are_as_thin_as_their_box(problem):
    assert kappa(problem) == 1.0


def test_a_bent_tube_is_thinner_by_the_ratio_of_mean_distances():
    radius, side = 0.1, 2 * 0.8
    of_the_box = 1 / (2 / side + 2 / side + 2 / (2 * radius))
    found = kappa(held(tube(radius), T))
    assert found == 1.0 and radius / 2 / of_the_box > 0.35  # its box is flat already
    standing = tube(radius) | LevelSet(sqrt((sqrt(x**2 + z**2) - 0.7) ** 2 + y**2) < radius, CUBE, resolution=80)
    assert kappa(held(standing, T)) == pytest.approx(radius / 2 / (side / 6), rel=0.1)


def test_a_flux_that_is_held_says_nothing_of_distances():
    region = LevelSet(x**2 + y**2 / 0.01 < 1, Box(x=(-2, 2), y=(-2, 2))) | LevelSet(
        y**2 + x**2 / 0.01 < 1, Box(x=(-2, 2), y=(-2, 2))
    )
    insulated = Problem(
        on(region, Eq(u - laplacian(u), 1)), on(region.boundary, Eq(dot(grad(u), region.boundary.normal), 0))
    )
    assert kappa(insulated) == 1.0
    assert 0.1 < kappa(held(region)) < 0.3


def test_sizes_and_waves_follow_from_how_thin_a_region_is():
    """`−Δu = 1` by a probe with `κ^(−1/2)` times as many waves is `κ` times as large."""
    plane, arm = Box(x=(-2, 2), y=(-2, 2)), 0.1
    cross = LevelSet((x**2 < 1) & (y**2 < arm**2), plane) | LevelSet((y**2 < 1) & (x**2 < arm**2), plane)
    thin, thick = (held(region) for region in (cross, Box(x=(-1, 1), y=(-1, 1))))
    programs = [compile_problem(problem, Siren(width=8, depth=2), exact=False) for problem in (thin, thick)]
    ratio = kappa(thin)
    assert ratio < 0.3 and kappa(thick) == 1.0
    assert programs[0].frequency == pytest.approx(4 / ratio) and programs[1].frequency == 4.0
    assert programs[0].unknown_scales["u"] / programs[1].unknown_scales["u"] == pytest.approx(ratio, rel=0.1)
