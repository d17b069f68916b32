"""Samplers and how they share points; the properties run through the table of all samplers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinr.geometry.apportionment import apportioned
from pinr.geometry.sampling import Grid, Sobol, Uniform

SAMPLERS = [Sobol(), Uniform(), Grid()]
every_sampler = pytest.mark.parametrize("sampler", SAMPLERS, ids=repr)


@every_sampler
@pytest.mark.parametrize("dimension", [0, 1, 2, 3, 6])
@pytest.mark.parametrize("count", [1, 7, 64, 100])
def test_draws_lie_in_the_unit_cube(sampler, dimension, count):
    points = sampler.draw(dimension, count, seed=0)
    assert points.dtype == np.float64 and points.shape[1] == dimension and len(points) >= 1
    assert (points >= 0).all() and (points < 1).all()
    if sampler.gives_exact_count:
        assert len(points) == count


@every_sampler
def test_draws_are_a_function_of_the_seed(sampler):
    np.testing.assert_array_equal(sampler.draw(2, 50, seed=3), sampler.draw(2, 50, seed=(3,)))


@every_sampler
def test_means_converge_to_the_integral(sampler):
    points = sampler.draw(2, 4096, seed=0)
    assert np.mean(points[:, 0] * points[:, 1] ** 2) == pytest.approx(1 / 6, abs=0.01)


@pytest.mark.parametrize("sampler", [Sobol(), Uniform()], ids=repr)
def test_seeds_give_different_draws(sampler):
    assert not np.array_equal(sampler.draw(2, 8, seed=0), sampler.draw(2, 8, seed=1))
    assert not np.array_equal(sampler.draw(2, 8, seed=(0, 1)), sampler.draw(2, 8, seed=(1, 0)))


@pytest.mark.parametrize("seed", range(5))
def test_sobol_puts_one_point_into_each_cell_of_a_dyadic_grid(seed):
    points = Sobol().draw(2, 64, seed=seed)
    cells, _, _ = np.histogram2d(*points.T, bins=8, range=[(0, 1), (0, 1)])
    assert (cells == 1).all()


def test_a_grid_has_the_centres_of_its_cells():
    np.testing.assert_allclose(Grid().draw(1, 4, seed=0).ravel(), [0.125, 0.375, 0.625, 0.875])
    assert Grid().draw(2, 10, seed=0).shape == (9, 2)
    assert Grid().draw(0, 10, seed=0).shape == (1, 0)


@given(st.integers(1, 500), st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=12))
def test_apportioned_numbers_sum_up_and_stay_near_their_quotas(count, weights):
    counts = apportioned(count, weights)
    assert sum(counts) == count and min(counts) >= 0
    if count >= len(weights):
        assert min(counts) >= 1
    quotas = count * np.array(weights) / sum(weights)
    if (quotas >= 1).all():
        assert (np.abs(np.array(counts) - quotas) < 1).all()


def test_the_largest_remainders_get_the_rest():
    assert apportioned(10, [1.0, 1.0, 1.0]) == [4, 3, 3]
    assert apportioned(10, [5.4, 2.3, 2.3]) == [6, 2, 2]
