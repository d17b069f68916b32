"""Warps: the unit cube with a density that is given at the nodes of a grid."""

import numpy as np
import pytest

from pinr.geometry.sampling import Sobol
from pinr.geometry.warp import Warp


def product(u):
    return np.prod(1 + u**2, axis=1) + u[:, 0] * u[:, -1]


@pytest.mark.parametrize("dimension", [1, 2, 3, 4])
def test_backward_undoes_forward(dimension):
    unit = Sobol().draw(dimension, 500, seed=0)
    bent = Warp.of(product, dimension)
    np.testing.assert_allclose(bent.backward(bent.forward(unit)), unit, atol=1e-13)


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_means_over_warped_points_are_means_with_the_density(dimension):
    """∫ f ρ / ∫ ρ for f = Σ u², against plain quasi-random points with weights."""
    unit = Sobol().draw(dimension, 2**13, seed=1)
    bent = np.sum(Warp.of(product, dimension).forward(unit) ** 2, axis=1).mean()
    assert bent == pytest.approx(np.average(np.sum(unit**2, axis=1), weights=product(unit)), rel=2e-3)


def test_a_linear_density_is_met_exactly():
    unit = np.linspace(0, 1, 11)[:, None]
    np.testing.assert_allclose(Warp.of(lambda u: u[:, 0], 1).forward(unit), np.sqrt(unit), atol=1e-15)


def test_nothing_is_put_where_the_density_vanishes():
    unit = Sobol().draw(1, 1024, seed=0)
    placed = Warp.of(lambda u: np.maximum(u[:, 0] - 0.5, 0), 1).forward(unit)
    assert placed.min() > 0.499 and np.isfinite(placed).all()


def test_only_the_axes_that_matter_are_bent():
    unit = Sobol().draw(3, 100, seed=0)
    bent = Warp.of(lambda u: 1 + u[:, 1], 3)
    assert bent.axes == (1,)
    np.testing.assert_array_equal(bent.forward(unit)[:, [0, 2]], unit[:, [0, 2]])
    assert Warp.of(lambda u: np.full(len(u), 2.0), 3) is None
    assert Warp.of(lambda u: np.ones(len(u)), 0) is None
