"""Points of unsigned distances: of a disc in space, and what is refused."""

import numpy as np
import pytest
import torch
from sympy import sqrt

from pinr import Box, Eq, PointCloud, Problem, coordinates, grad, on, unknown
from pinr.errors import DeclarationError, GeometryError
from tests.solution.closed_forms import ClosedForm, solution_of

x, y, z = coordinates("x y z")
phi = unknown("phi", x, y, z)
CUBE = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))
RADIUS = 0.5


def to_disc(x, y, z):
    """The distance to a disc in the plane z = 0, rounded off by 1e-6 as networks are."""
    beyond = torch.relu(torch.sqrt(x**2 + y**2 + 1e-12) - RADIUS)
    return (torch.sqrt(beyond**2 + z**2 + 1e-12),)


@pytest.fixture(scope="module")
def solution():
    return solution_of(Problem(on(CUBE, Eq(phi, 1))), ClosedForm(to_disc))


def test_a_disc_has_an_edge_and_nothing_beyond_it(solution):
    cloud = solution.cloud(phi, count=3000)
    assert isinstance(cloud, PointCloud) and cloud.names == ("x", "y", "z") and cloud.count == 3000
    out = np.hypot(*cloud.points[:, :2].T)
    assert np.abs(cloud.points[:, 2]).max() < 1e-5
    assert out.max() < RADIUS + 1e-5 and out.max() > RADIUS - 1e-3


def test_an_expression_will_do(solution):
    np.testing.assert_array_equal(solution.cloud(sqrt(phi**2), count=100).points[:, 2].round(5), 0)


def test_the_seed_says_which_points(solution):
    one, same, other = (solution.cloud(phi, count=50, seed=seed).points for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_field_that_is_nowhere_zero_is_an_error(solution):
    with pytest.raises(GeometryError, match=r"`cloud\(phi \+ 0\.1, count=10\)`.*below 0\.01.*within"):
        solution.cloud(phi + 0.1, count=10, within=0.01)


@pytest.mark.parametrize("options", [{"count": 0}, {"count": 2.5}, {"within": 0.0}], ids=["none", "half", "within"])
def test_numbers_must_be_positive(solution, options):
    with pytest.raises(GeometryError, match="must be positive"):
        solution.cloud(phi, **options)


def test_a_vector_is_no_distance(solution):
    with pytest.raises(DeclarationError, match="scalar function of two or three coordinates"):
        solution.cloud(grad(phi))
