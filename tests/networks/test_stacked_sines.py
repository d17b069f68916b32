"""Stacked sine networks are the networks one by one, values and gradients."""

import pytest
import torch

from pinr.networks import MLP, Siren
from pinr.networks.scaling import Scaled
from pinr.networks.stacked_sines import StackedSines

COUNT, POINTS = 3, 17


def modules(recipe, outputs=2):
    made = []
    for number in range(COUNT):
        generator = torch.Generator().manual_seed(number)
        network = recipe.build(2, outputs, frequency=5.0, generator=generator)
        made.append(Scaled(network, [(-number, 1.0), (0, 2.0 + number)], [1.0, 0.5 + number][:outputs]))
    return made


@pytest.mark.parametrize("recipe", [Siren(6, 1), Siren(7, 3, omega=11), Siren(5, 2, omega=3, first_omega=40)], ids=str)
def test_values_and_gradients_are_those_of_each_network(recipe):
    networks = modules(recipe)
    points = torch.rand(COUNT, POINTS, 2, dtype=torch.float64)
    stack = StackedSines.of(networks)
    parameters = {
        name: torch.stack([dict(m.named_parameters())[name].detach() for m in networks]).requires_grad_(True)
        for name, _ in networks[0].named_parameters()
    }
    together = stack(parameters, points)
    alone = torch.stack([network(p) for network, p in zip(networks, points, strict=True)])
    torch.testing.assert_close(together, alone, rtol=1e-12, atol=1e-12)
    torch.sin(3 * together).sum().backward()
    torch.sin(3 * alone).sum().backward()
    for name, stacked in parameters.items():
        own = torch.stack([dict(m.named_parameters())[name].grad for m in networks])
        torch.testing.assert_close(stacked.grad, own, rtol=1e-11, atol=1e-11)


def test_every_network_may_have_its_own_frequency():
    mixed = [*modules(Siren(6, 2))[:1], *modules(Siren(6, 2, omega=7))[1:]]
    points = torch.rand(COUNT, POINTS, 2, dtype=torch.float64)
    parameters = {
        n: torch.stack([dict(m.named_parameters())[n] for m in mixed]) for n, _ in mixed[0].named_parameters()
    }
    alone = torch.stack([network(p) for network, p in zip(mixed, points, strict=True)])
    torch.testing.assert_close(StackedSines.of(mixed)(parameters, points), alone, rtol=1e-12, atol=1e-12)


def test_networks_of_other_kinds_and_shapes_are_not_stacked():
    assert StackedSines.of(modules(MLP(6, 2))) is None
    assert StackedSines.of([*modules(Siren(6, 2)), *modules(Siren(6, 3))]) is None
    assert StackedSines.of([module.network for module in modules(Siren(6, 2))]) is None
