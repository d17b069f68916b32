"""The corners where a smooth ansatz fails: re-entrant ones, and changes from Dirichlet to Neumann conditions."""

import numpy as np
import pytest
from sympy import Rational, atan2, cos, pi, sin, sqrt

from pinr import Box, Eq, Problem, coordinates, laplacian, on, unknown
from pinr.verification import verify
from tests.verification.manufactured import Manufactured

x, y = coordinates("x y")
u = unknown("u", x, y)
lshape = Box(x=(-1, 1), y=(-1, 1)) - Box(x=(-1, 0), y=(0, 1))


def reentrant():
    """`r^(2/3) sin(2θ/3)` on the L-shape; the branch of the angle is turned into the part that is cut out."""
    angle = atan2((x + y) / sqrt(2), (x - y) / sqrt(2)) + 3 * pi / 4
    exact = (x**2 + y**2) ** Rational(1, 3) * sin(2 * angle / 3)
    return Manufactured(Problem(on(lshape, Eq(laplacian(u), 0)), on(lshape.boundary, Eq(u, exact))), exact)


def change_of_kind():
    """`r^(1/2) cos(θ/2)`, which is 0 on the left of the lower side and has no flux through the right of it."""
    box = Box(x=(-1, 1), y=(0, 1))
    exact = (x**2 + y**2) ** Rational(1, 4) * cos(atan2(y, x) / 2)
    lower = box.boundary.part("y-")
    problem = Problem(
        on(box, Eq(laplacian(u), 0)),
        on(box.boundary.without("y-"), Eq(u, exact)),
        on(lower.where(x > 0), Eq(u.diff(y), 0)),
        on(lower.where(x < 0), Eq(u, 0)),
    )
    return Manufactured(problem, exact)


@pytest.mark.parametrize("make", [reentrant, change_of_kind])
def test_the_reference_is_good_at_singular_corners_and_knows_how_good(make):
    manufactured = make()
    found = verify(manufactured.problem, manufactured.field(), size=1)
    assert found.relative_l2 <= found.reference_error < 1e-4
    assert found.maximum_error <= found.reference_maximum_error


def test_a_smooth_function_on_the_lshape_is_wrong():
    """The maximum of the true solution is 0.1494, as two solvers found; a bubble of that height is far off."""
    problem = Problem(on(lshape, Eq(-laplacian(u), 1)), on(lshape.boundary, Eq(u, 0)))

    def bubble(x, y):
        return 0.1494 * np.cos(np.pi * (x - 0.5) / 2) ** 2 * np.cos(np.pi * (y + 0.5) / 2) ** 2

    found = verify(problem, bubble)
    assert found.verdict == "wrong"
    assert found.uncertainty < 0.01 < 0.3 < found.relative_l2
    assert "the solution is wrong" in str(found)


def test_the_lshape_reference_has_the_known_maximum():
    problem = Problem(on(lshape, Eq(-laplacian(u), 1)), on(lshape.boundary, Eq(u, 0)))
    found = verify(problem, lambda x, y: 0 * x, size=1)
    assert found.maximum_error == pytest.approx(0.1494, abs=2e-4)
    assert found.relative_l2 == pytest.approx(1)
