"""Points projected onto surfaces without sides: half a circle, of which the unsigned distance is a formula."""

import numpy as np
import pytest

from pinr.surfaces.gradient_projection import along_gradient, points_of_zero_set

LOW, HIGH = np.array([-1.0, -1.0]), np.array([1.0, 1.0])
RADIUS = 0.6


def nearest(points):
    """On the half circle above the x axis, and at its ends below."""
    x, y = points.T
    on_circle = RADIUS * points / np.linalg.norm(points, axis=1, keepdims=True)
    ends = np.stack([np.where(x > 0, RADIUS, -RADIUS), 0 * x], axis=1)
    return np.where((y > 0)[:, None], on_circle, ends)


def distance(points):
    return np.linalg.norm(points - nearest(points), axis=1)


def gradient(points):
    away, lengths = points - nearest(points), distance(points)[:, None]
    return np.divide(away, lengths, out=np.zeros_like(away), where=lengths > 0)


def scattered(count, seed=0):
    return np.random.default_rng(seed).uniform(LOW, HIGH, (count, 2))


def test_an_exact_distance_brings_every_point_to_the_nearest_place():
    points = scattered(200)
    np.testing.assert_allclose(along_gradient(points, distance, gradient, reach=2.0), nearest(points), atol=1e-12)


def test_the_size_of_the_gradient_does_not_matter():
    points = scattered(50)
    found = along_gradient(points, distance, lambda rows: 3 * gradient(rows), reach=2.0)
    np.testing.assert_allclose(found, nearest(points), atol=1e-12)


def test_no_step_is_longer_than_the_reach():
    points = scattered(200)
    moved = along_gradient(points, distance, gradient, reach=0.01)
    assert np.linalg.norm(moved - points, axis=1).max() <= 5 * 0.01 + 1e-12


def test_where_the_gradient_vanishes_a_point_stays():
    points = np.array([[RADIUS, 0.0], [0.0, RADIUS]])
    np.testing.assert_array_equal(along_gradient(points, distance, gradient, reach=1.0), points)


def zero_set(**changes):
    options = {"count": 2000, "reach": 0.1, "within": 1e-6, "generator": np.random.default_rng(1)} | changes
    return points_of_zero_set(distance, gradient, LOW, HIGH, **options)


def test_the_points_lie_on_the_curve_and_all_along_it_and_it_stays_open():
    points = zero_set()
    assert points.shape == (2000, 2)
    assert distance(points).max() < 1e-6
    assert points[:, 1].min() > -1e-6
    angles = np.linspace(0, np.pi, 200)
    curve = RADIUS * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert np.linalg.norm(curve[:, None] - points, axis=2).min(axis=1).max() < 0.02


def test_few_seeds_near_the_surface_are_made_many():
    assert len(zero_set(reach=0.005)) == 2000


def test_a_field_that_is_nowhere_small_has_no_points():
    generator = np.random.default_rng(0)
    found = points_of_zero_set(
        lambda rows: distance(rows) + 0.05, gradient, LOW, HIGH, count=10, reach=0.1, within=0.01, generator=generator
    )
    assert found.shape == (0, 2)


@pytest.mark.parametrize("seed", [0, 1])
def test_equal_generators_give_equal_points(seed):
    one, other = (zero_set(generator=np.random.default_rng(seed), count=100) for _ in range(2))
    np.testing.assert_array_equal(one, other)
