"""Splines through values on grids: polynomials exactly, orders of convergence, walls, lattices as points."""

import itertools

import numpy as np
import pytest
import torch

from pinr.superresolution.spline import Axis, at_points, on_lattice, through_units, with_walls

AXES = (Axis(9, 0.25), Axis(7, 0.5, walls=(0.5, 0.3)), Axis(12, 0.1, is_periodic=True))
INDICES = [index for index in itertools.product(range(3), repeat=3) if sum(index) <= 3]
NAN = float("nan")


def random_values(seed=0, fields=2):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(1, fields, *(len(a.known) for a in AXES), generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("walls", [None, (0.5, 0.5), (1.2, 0.1)])
@pytest.mark.parametrize("order", range(5))
def test_polynomials_of_fifth_degree_are_met_with_their_derivatives(walls, order):
    axis = Axis(8, 0.3, walls=walls)
    polynomial = np.polynomial.Polynomial([1.0, -1, 2, -1, 0.5, 0.2])
    places = np.linspace(-1, 8, 37)
    found = axis.matrix(places, order) @ polynomial(axis.known * axis.spacing)
    exact = polynomial.deriv(order)(places * axis.spacing) if order else polynomial(places * axis.spacing)
    np.testing.assert_allclose(found, exact, rtol=1e-8, atol=1e-8 * 10**order)


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_few_values_have_splines_of_lower_degree(count):
    matrix = Axis(count, 1.0).matrix(np.array([0.0, count - 1.0]))
    np.testing.assert_allclose(matrix, np.eye(count)[[0, -1]], atol=1e-12)


@pytest.mark.parametrize(("order", "power"), [(0, 6), (1, 5), (2, 4)])
def test_a_periodic_spline_closes_and_converges(order, power):
    errors = []
    for count in (16, 32):
        axis = Axis(count, 1 / count, is_periodic=True)
        wave = np.sin(2 * np.pi * np.arange(count) / count)
        places = np.linspace(0, count, 301)
        found = axis.matrix(places, order) @ wave
        assert found[0] == pytest.approx(found[-1], abs=1e-9)
        exact = (2 * np.pi) ** order * np.sin(2 * np.pi * places / count + order * np.pi / 2)
        errors.append(np.abs(found - exact).max())
    assert errors[0] / errors[1] > 0.75 * 2**power


def test_four_derivatives_are_continuous_across_nodes():
    for order in range(5):
        before, after = (AXES[2].matrix(np.array([5 + side]), order) for side in (-1e-9, 1e-9))
        np.testing.assert_allclose(before, after, rtol=0, atol=1e-6 * np.abs(after).max())


def test_no_weight_is_so_small_that_single_precision_is_slow():
    weights = np.abs(Axis(256, 1 / 64, is_periodic=True).matrix(np.arange(0.3, 256, 2), 2))
    assert weights[weights > 0].min() > 1e-30


def test_known_values_at_walls_are_met_and_unknown_ones_go_on():
    axis = AXES[1]
    z = torch.arange(7, dtype=torch.float64) * axis.spacing
    values = torch.stack([z**5 - z, torch.cos(z)])[None]
    ends = torch.tensor([[NAN, NAN], [0.25, -4.0]])
    held = with_walls(values, [axis], [ends])
    places = axis.known[[0, -1]]
    found = on_lattice(held, [axis], [places], [(0,)])[0,][0]
    z_walls = torch.from_numpy(places * axis.spacing)
    torch.testing.assert_close(found[0], z_walls**5 - z_walls)
    torch.testing.assert_close(found[1], ends[1].double())
    inside = on_lattice(held, [axis], [np.arange(7.0)], [(0,)])[0,]
    torch.testing.assert_close(inside, values)


@pytest.mark.parametrize(
    "places",
    [
        [np.arange(9.0), np.arange(7.0), np.arange(12.0)],
        [np.array([0.3, 4.0]), np.array([-0.5, 6.3]), np.array([11.7])],
    ],
    ids=["nodes", "between"],
)
def test_a_lattice_gives_what_its_points_give(places):
    values = random_values()
    found = on_lattice(values, AXES, places, INDICES)
    points = np.stack([g.ravel() for g in np.meshgrid(*places, indexing="ij")], axis=1)
    for index in INDICES:
        one_by_one = at_points(values[0].numpy(), AXES, points, index)
        size = max(1.0, np.abs(one_by_one).max())
        np.testing.assert_allclose(found[index][0].flatten(1).t().numpy(), one_by_one, rtol=0, atol=1e-9 * size)


def test_derivatives_are_those_of_the_values():
    values, h = random_values(1)[0].numpy(), 1e-5
    points = np.random.default_rng(2).uniform(1, 5, (20, 3))
    for k, axis in enumerate(AXES):
        index = tuple(int(j == k) for j in range(3))
        shift = h * np.array(index)
        slopes = at_points(values, AXES, points + shift, (0, 0, 0)) - at_points(values, AXES, points - shift, (0, 0, 0))
        slopes /= 2 * h * axis.spacing
        np.testing.assert_allclose(at_points(values, AXES, points, index), slopes, rtol=1e-4, atol=1e-4)


def test_gradients_go_back_to_the_values():
    values = random_values(3).requires_grad_()
    places = [np.array([1.5]), np.array([2.25]), np.array([3.0])]
    found = on_lattice(values, AXES, places, [(0, 0, 1)])[0, 0, 1]
    found.sum().backward()
    assert values.grad is not None
    torch.testing.assert_close((values.grad * values).sum(), found.sum())  # it is linear


def test_splines_are_made_once():
    assert through_units(AXES[0]) is through_units(Axis(9, 0.25))
