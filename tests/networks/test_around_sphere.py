"""A network that begins as the distance to a sphere."""

import math

import pytest
import torch

from pinr.networks import Siren
from pinr.networks.around_sphere import AroundSphere

CENTRE_OF_TIP = 0.3  # of the radius: the tip of the cone is rounded off within


def built(radius, *, omega=30.0, inputs=3, outputs=1, seed=0):
    recipe = Siren(width=64, depth=3, omega=omega, sphere=radius)
    return recipe.build(inputs, outputs, frequency=4.0, generator=torch.Generator().manual_seed(seed))


def points(inputs, count=4000):
    return 2 * torch.rand(count, inputs, generator=torch.Generator().manual_seed(7), dtype=torch.float64) - 1


def values(module, at):
    with torch.no_grad():
        return module(at)


def gradients(module, at):
    at = at.requires_grad_()
    return torch.autograd.grad(module(at)[:, 0].sum(), at)[0]


@pytest.mark.parametrize("radius", [0.3, 0.5, 0.9])
@pytest.mark.parametrize("inputs", [2, 3])
@pytest.mark.parametrize("omega", [4.0, 30.0])
def test_the_untrained_network_is_nearly_the_distance_to_a_sphere(radius, inputs, omega):
    module, at = built(radius, omega=omega, inputs=inputs), points(inputs)
    lengths = at.norm(dim=1)
    errors = (values(module, at)[:, 0] - (lengths - radius)).abs()[lengths > CENTRE_OF_TIP * radius]
    assert float(errors.mean()) < 0.1 * radius + 0.02
    slopes = gradients(module, at).norm(dim=1)[lengths > radius]
    assert float((slopes - 1).abs().median()) < 0.1


@pytest.mark.parametrize("seed", range(3))
def test_the_corners_of_the_box_are_outside_and_its_middle_is_inside(seed):
    module = built(0.5, seed=seed)
    corners = torch.cartesian_prod(*[torch.tensor([-1.0, 1.0], dtype=torch.float64)] * 3)
    assert float(values(module, corners).min()) > 1
    assert float(values(module, torch.zeros(1, 3, dtype=torch.float64))) < -0.25


def test_it_is_smooth_in_the_middle():
    middle = torch.zeros(1, 3, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(built(0.5)(middle).sum(), middle, create_graph=True)
    (curvature,) = torch.autograd.grad(slope[0, 0], middle)
    assert torch.isfinite(slope).all() and torch.isfinite(curvature).all()


def test_every_component_begins_alike_and_is_trained_by_itself():
    module, at = built(0.5, outputs=2), points(3)
    first, second = values(module, at).unbind(dim=1)
    assert float((first - second).abs().mean()) < 0.1
    module(at)[:, 1].sum().backward()
    last = module.network[-1]
    assert not last.weight.grad[0].any() and last.weight.grad[1].any()


def test_the_sphere_is_no_weight():
    plain = Siren(width=64, depth=3, omega=30.0).build(3, 1, frequency=4.0, generator=torch.Generator().manual_seed(0))
    around = built(0.5)
    assert isinstance(around, AroundSphere)
    assert [p.shape for p in around.parameters()] == [p.shape for p in plain.parameters()]
    assert all(torch.equal(a, b) for a, b in zip(list(around.parameters())[:-2], plain.parameters(), strict=False))


def test_it_is_the_sphere_plus_the_waves():
    module, at = built(0.5), points(3, 9)
    cone = (at.square().sum(dim=1, keepdim=True) + 0.01).sqrt()
    torch.testing.assert_close(values(module, at), cone + values(module.network, at), rtol=1e-14, atol=1e-14)
    assert float(module.network[-1].bias.detach()) == pytest.approx(-math.hypot(0.5, 0.1), abs=0.1 / 8)
