"""Splines on grids: cubic polynomials exactly, two continuous derivatives, lattices as points."""

import itertools

import pytest
import torch

from pinr.superresolution.spline import Axis, Lattice, at_points, interpolating, on_lattice, padded, taps

AXES = (Axis(9, 0.25), Axis(7, 0.5), Axis(12, 0.1, is_periodic=True))
INDICES = [index for index in itertools.product(range(3), repeat=3) if sum(index) <= 3]


def coefficients(seed=0, fields=2, axes=AXES):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(1, fields, *(a.count for a in axes), generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("order", range(4))
def test_taps_are_derivatives_of_each_other_and_a_partition_of_one(order):
    f = torch.linspace(0, 1, 9, dtype=torch.float64, requires_grad=True)
    weights = taps(f, order)
    torch.testing.assert_close(weights.sum(dim=1), torch.full((9,), float(order == 0), dtype=torch.float64))
    if order < 3:
        slopes = torch.stack([torch.autograd.grad(w.sum(), f, retain_graph=True)[0] for w in weights.unbind(1)], dim=1)
        torch.testing.assert_close(slopes, taps(f, order + 1).detach())


def test_two_derivatives_are_continuous_across_nodes():
    ends = torch.tensor([0.0, 1.0], dtype=torch.float64)
    for order in range(3):
        at_node, before = taps(ends, order)
        torch.testing.assert_close(at_node[:3], before[1:])
        assert at_node[3] == 0 and before[0] == 0


def test_cubic_polynomials_are_reproduced_with_their_derivatives_up_to_beyond_the_ends():
    axis = Axis(8, 0.3)
    x = torch.arange(8, dtype=torch.float64) * axis.spacing
    polynomial, slope, bend = (
        (lambda s: 1 - s + 2 * s**2 - s**3),
        (lambda s: -1 + 4 * s - 3 * s**2),
        lambda s: 4 - 6 * s,
    )
    c = padded(interpolating(polynomial(x)[None, None], (axis,)), (axis,))
    places = torch.linspace(-1, 8, 37, dtype=torch.float64)[:, None]
    found = at_points(c[0], (axis,), places, [(0,), (1,), (2,)])
    for order, exact in enumerate((polynomial, slope, bend)):
        torch.testing.assert_close(found[order,][:, 0], exact(places[:, 0] * axis.spacing), rtol=1e-9, atol=1e-9)


def test_a_periodic_spline_closes_and_converges_with_the_fourth_power():
    errors = []
    for count in (16, 32):
        axis = Axis(count, 1 / count, is_periodic=True)
        wave = torch.sin(2 * torch.pi * torch.arange(count, dtype=torch.float64) / count)
        c = padded(interpolating(wave[None, None], (axis,)), (axis,))
        places = torch.linspace(0, count, 301, dtype=torch.float64)[:, None]
        values = at_points(c[0], (axis,), places, [(0,)])[0,][:, 0]
        assert float(values[0]) == pytest.approx(float(values[-1]), abs=1e-14)
        errors.append(float((values - torch.sin(2 * torch.pi * places[:, 0] / count)).abs().max()))
    assert 12 < errors[0] / errors[1] < 20


@pytest.mark.parametrize(
    "lattice",
    [Lattice((0, 0, 0), (1, 1, 1), (9, 7, 12)), Lattice((0.3, -0.6, 0.25), (2, 1, 3), (4, 7, 4))],
    ids=str,
)
def test_a_lattice_gives_what_its_points_give(lattice):
    c = padded(coefficients(), AXES)
    found = on_lattice(c, AXES, lattice, INDICES)
    own = [
        s + k * torch.arange(n, dtype=torch.float64)
        for s, k, n in zip(lattice.starts, lattice.steps, lattice.counts, strict=True)
    ]
    places = torch.cartesian_prod(*own)
    one_by_one = at_points(c[0], AXES, places, INDICES)
    for index in INDICES:
        torch.testing.assert_close(found[index][0].flatten(1).t(), one_by_one[index], rtol=1e-9, atol=1e-9)


def test_derivatives_at_points_are_those_of_the_values():
    c = padded(coefficients(1), AXES)[0]
    random = torch.rand(20, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    places = (random * torch.tensor([8.0, 6.0, 12.0], dtype=torch.float64)).requires_grad_(True)
    values = at_points(c, AXES, places, [(0, 0, 0)])[0, 0, 0]
    (slopes,) = torch.autograd.grad(values[:, 1].sum(), places)
    for k, axis in enumerate(AXES):
        index = tuple(int(k == n) for n in range(3))
        torch.testing.assert_close(
            at_points(c, AXES, places, [index])[index][:, 1].detach(), slopes[:, k] / axis.spacing
        )
