"""Trained with conditions met exactly, errors are small, and not only losses."""

from pathlib import Path
from runpy import run_path

from sympy import log, pi, sin, sqrt

from pinr.declaration.constraint import on
from pinr.declaration.problem import Problem
from pinr.geometry import Ball, Box
from pinr.language.coordinates import coordinates
from pinr.language.equations import Eq
from pinr.language.fields import unknown
from pinr.language.operators import laplacian
from pinr.networks import Siren
from pinr.optimizers import Adam, GaussNewton
from pinr.training.solve import solve

x, y = coordinates("x y")
u = unknown("u", x, y)
NETWORK = Siren(10, 2)
STAGES = (Adam(steps=100), GaussNewton(steps=12))
LONGER = (Siren(14, 3), (Adam(steps=200), GaussNewton(steps=25)))


def error(problem, network=NETWORK, stages=STAGES, **options):
    return solve(problem, network, stages=stages, progress=False, **options).error()


def test_poisson_gains_a_digit():
    square, exact = Box(x=(0, 1), y=(0, 1)), sin(pi * x) * sin(pi * y)
    problem = Problem(
        on(square, Eq(-laplacian(u), 2 * pi**2 * exact)), on(square.boundary, Eq(u, 0)), reference={u: exact}
    )
    assert error(problem) < 0.3 * error(problem, exact=False)


def test_a_small_hole_with_a_value_of_its_own_does_not_spoil_the_solution():
    ring = Ball(x=0, y=0, radius=1) - Ball(x=0, y=0, radius=0.1, name="hole")
    exact = log(sqrt(x**2 + y**2)) / log(0.1)
    problem = Problem(
        on(ring, Eq(laplacian(u), 0)),
        on(ring.boundary.part("hole"), Eq(u, 1)),
        on(ring.boundary.without("hole"), Eq(u, 0)),
        reference={u: exact},
    )
    assert error(problem, *LONGER) < 0.3 * error(problem, *LONGER, exact=False)


def test_the_l_shape_has_a_small_error_and_not_only_a_small_loss():
    problem = run_path(str(Path(__file__).parents[2] / "problems" / "poisson_lshape.py"))["problem"]
    assert error(problem, *LONGER) < 1e-2
