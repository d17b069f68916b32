"""What the publications say about their networks."""

import math

import pytest
import torch

from pinr.networks import FourierFeatures, ModifiedMLP, PirateNet, ResidualMLP
from pinr.networks.dense import FactorizedLinear, dense
from pinr.networks.periodic import Periodic


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_fourier_features_are_cosines_and_sines_of_an_interval_of_length_one():
    """Tancik et al. 2020, eq. 4, with x = ξ/2 for inputs ξ in [−1, 1]."""
    module = FourierFeatures(features=4096, scale=10.0, width=8, depth=1).build(
        2, 1, frequency=4.0, generator=generator()
    )
    embedding = module[0]
    B = embedding.frequencies / math.pi
    assert float(B.std()) == pytest.approx(10.0, rel=0.03)
    assert "0.frequencies" in dict(module.named_buffers())
    assert "0.frequencies" not in dict(module.named_parameters())
    xi = 2 * torch.rand(3, 2, dtype=torch.float64) - 1
    phases = 2 * math.pi * (xi / 2) @ B.T
    assert torch.allclose(embedding(xi), torch.cat([torch.cos(phases), torch.sin(phases)], dim=1))


def test_glorot_normal_layers_without_bias():
    layer = dense(300, 100, generator())
    assert float(layer.weight.detach().std()) == pytest.approx(math.sqrt(2 / 400), rel=0.02)
    assert not layer.bias.any()


def test_a_factorized_layer_is_the_same_map_at_the_start():
    """Drawn first, the product does not depend on the factors."""
    layer, plain = FactorizedLinear(300, 100, generator()), dense(300, 100, generator())
    assert torch.allclose(layer.scale * layer.direction, plain.weight)
    logarithm = layer.scale.detach().log()
    assert float(logarithm.mean()) == pytest.approx(1.0, abs=0.05)
    assert float(logarithm.std()) == pytest.approx(0.1, rel=0.3)


@pytest.mark.parametrize("factorized", [True, False])
def test_a_pirate_net_starts_as_a_linear_map_of_its_features(factorized):
    module = PirateNet(width=64, depth=3, factorized=factorized).build(2, 2, frequency=4.0, generator=generator())
    at = 2 * torch.rand(256, 2, dtype=torch.float64) - 1
    assert torch.allclose(module(at), module.last(module.features(at)))
    assert float(module.features.frequencies.std()) == pytest.approx(1.0, rel=0.25)
    module(at).sum().backward()
    assert all(float(block.alpha.grad.abs()) > 0 for block in module.blocks)  # so the blocks come in


def test_a_gate_that_is_open_gives_the_first_encoder():
    """Wang, Teng and Perdikaris 2021: `z = 1` selects U, `z = 0` selects V."""
    module = ModifiedMLP(width=16, depth=1, activation="sigmoid").build(2, 16, frequency=4.0, generator=generator())
    at = torch.rand(5, 2, dtype=torch.float64)
    for bias, encoder in ((1e3, module.first_encoder), (-1e3, module.second_encoder)):
        with torch.no_grad():
            module.layers[0].bias.fill_(bias)
        assert torch.allclose(module(at), module.last(torch.sigmoid(encoder(at))))


def test_residual_blocks_keep_their_size_at_any_depth():
    """Hayou et al. 2021; without the factor the variance would double with every few blocks."""
    at = 2 * torch.rand(256, 2, dtype=torch.float64) - 1
    sizes = []
    for depth in (2, 8, 64):
        module = ResidualMLP(width=64, depth=depth).build(2, 1, frequency=4.0, generator=generator())
        sizes.append(float(module[: depth + 1](at).square().mean().sqrt().detach()))
    assert max(sizes) < 2 * min(sizes)


def test_the_periodic_embedding_has_all_harmonics():
    module = Periodic(torch.nn.Identity(), inputs=3, axes=[0, 2], harmonics=2)
    xi = 2 * torch.rand(4, 3, dtype=torch.float64) - 1
    theta, phi = math.pi * (xi[:, :1] + 1), math.pi * (xi[:, 2:] + 1)
    angles = torch.cat([theta, 2 * theta, phi, 2 * phi], dim=1)
    assert torch.allclose(module(xi), torch.cat([xi[:, 1:2], torch.cos(angles), torch.sin(angles)], dim=1))
    assert module(xi).shape[1] == Periodic.inputs_of_network(3, [0, 2], harmonics=2)
