"""Networks as published, reproducible, and stored as plain records."""

import json
import math

import pytest
import torch
from torch import nn

from pinr.errors import DeclarationError, FileFormatError
from pinr.networks import MLP, Siren
from pinr.networks.activations import ACTIVATIONS
from pinr.networks.catalogue import RECIPES, recipe_from_record
from pinr.networks.scaling import Scaled

EVERY = [
    Siren(8, 2, omega=30.0),
    *(MLP(8, 2, activation=a) for a in ACTIVATIONS),
    *(kind() for kind in RECIPES.values()),
]


def built(recipe, inputs=2, outputs=1, frequency=7.0, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return recipe.build(inputs, outputs, frequency=frequency, generator=generator)


def count(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def assert_fills(tensor: torch.Tensor, bound: float) -> None:
    """Uniform on ±bound: inside, close to both ends, with the variance b²/3."""
    tensor = tensor.detach()
    assert float(tensor.abs().max()) <= bound
    assert float(tensor.max()) > 0.9 * bound and float(tensor.min()) < -0.9 * bound
    assert float(tensor.var()) == pytest.approx(bound**2 / 3, rel=0.25)


def test_siren_has_the_published_size():
    assert count(built(Siren(width=256, depth=4, omega=30))) == 198_401
    assert count(built(Siren(width=256, depth=4, omega=30), inputs=3)) == 198_657


@pytest.mark.parametrize("omega", [30.0, 5.0])
def test_siren_is_initialised_as_published(omega):
    first, *further, last = built(Siren(width=256, depth=4, omega=omega), inputs=2, outputs=3)
    assert first.weight.shape == (256, 2) and last.weight.shape == (3, 256) and len(further) == 3
    assert_fills(first.weight, 1 / 2)
    assert_fills(first.bias, 1 / math.sqrt(2))
    for layer in (*further, last):
        assert_fills(layer.weight, math.sqrt(6 / 256) / omega)
    for layer in further:
        assert layer.weight.shape == (256, 256)
        assert_fills(layer.bias, 1 / math.sqrt(256))
    assert float(last.bias.detach().abs().max()) <= 1 / 16


def test_siren_is_sines_of_affine_maps():
    module, points = built(Siren(width=5, depth=2, omega=11.0)), torch.rand(7, 2, dtype=torch.float64)
    first, second, last = module
    hidden = torch.sin(11.0 * (points @ first.weight.T + first.bias))
    hidden = torch.sin(11.0 * (hidden @ second.weight.T + second.bias))
    torch.testing.assert_close(module(points), hidden @ last.weight.T + last.bias, rtol=1e-12, atol=1e-12)


def test_pre_activations_of_a_siren_are_standard_normal_at_every_depth():
    """Sec. 3.2: after the first layer the distribution of `ω₀(W h + b)` does not change with depth."""
    module, hidden = built(Siren(width=256, depth=4, omega=30)), torch.rand(500, 2, dtype=torch.float64) * 2 - 1
    for number, layer in enumerate(list(module)[:-1]):
        inner = nn.functional.linear(hidden, layer.omega * layer.weight)
        if number:
            assert float(inner.detach().std()) == pytest.approx(1, abs=0.1)
        hidden = layer(hidden)


def test_the_problem_gives_the_frequency_that_the_recipe_leaves_open():
    assert built(Siren(8, 2), frequency=7.0)[0].omega == 7.0
    assert built(Siren(8, 2, omega=30.0), frequency=7.0)[0].omega == 30.0


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_mlp_is_activations_of_affine_maps(activation):
    module, points = built(MLP(5, 2, activation=activation)), torch.rand(7, 2, dtype=torch.float64)
    first, _, second, _, last = module
    hidden = ACTIVATIONS[activation](
        ACTIVATIONS[activation](points @ first.weight.T + first.bias) @ second.weight.T + second.bias
    )
    torch.testing.assert_close(module(points), hidden @ last.weight.T + last.bias, rtol=1e-12, atol=1e-12)


def test_mlp_is_initialised_by_glorot():
    first, _, second, *_ = built(MLP(width=128, depth=2))
    assert_fills(first.weight, math.sqrt(6 / 130))
    assert_fills(second.weight, math.sqrt(6 / 256))
    assert_fills(second.bias, 1 / math.sqrt(128))


@pytest.mark.parametrize("recipe", EVERY, ids=str)
def test_weights_are_a_function_of_the_seed_alone(recipe):
    torch.manual_seed(1)
    state = torch.get_rng_state()
    one, two, three = built(recipe, seed=0), built(recipe, seed=0), built(recipe, seed=1)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(map(torch.equal, one.parameters(), two.parameters()))
    assert not all(map(torch.equal, one.parameters(), three.parameters()))


@pytest.mark.parametrize("recipe", EVERY, ids=str)
@pytest.mark.parametrize(("inputs", "outputs"), [(1, 1), (4, 3)])
def test_networks_map_points_to_components(recipe, inputs, outputs):
    points = torch.rand(5, inputs, dtype=torch.float64)
    values = built(recipe, inputs, outputs)(points)
    assert values.shape == (5, outputs) and values.dtype == torch.float64
    torch.testing.assert_close(values[2:3], built(recipe, inputs, outputs)(points[2:3]))


def test_scaling_maps_the_box_to_minus_one_to_one_and_the_output_to_its_size():
    seen = []

    class Spy(nn.Module):
        def forward(self, points):
            seen.append(points)
            return points

    scaled = Scaled(Spy(), [(2, 6), (-1, 0), (3, 3)], [10.0, 1.0, 0.5])
    corners = torch.tensor([[2.0, -1, 3], [6, 0, 3], [4, -0.5, 3]], dtype=torch.float64)
    values = scaled(corners)
    assert seen[0].tolist() == [[-1, -1, 0], [1, 1, 0], [0, 0, 0]]
    assert values.tolist() == [[-10, -1, 0], [10, 1, 0], [0, 0, 0]]


@pytest.mark.parametrize("recipe", EVERY, ids=str)
def test_records_round_trip(recipe):
    assert recipe_from_record(json.loads(json.dumps(recipe.record()))) == recipe


@pytest.mark.parametrize(
    "record", [{}, {"recipe": "os.system"}, {"recipe": "Siren", "evil": 1}, {"recipe": None, "width": 3}], ids=str
)
def test_unknown_records_are_refused(record):
    with pytest.raises(FileFormatError):
        recipe_from_record(record)


@pytest.mark.parametrize(
    "call",
    [
        lambda: Siren(width=0),
        lambda: Siren(depth=0),
        lambda: Siren(width=2.5),
        lambda: Siren(omega=0.0),
        lambda: Siren(omega=float("inf")),
        lambda: MLP(depth=-1),
        lambda: MLP(activation="relu"),
    ],
)
def test_ill_formed_recipes_are_refused(call):
    with pytest.raises(DeclarationError, match=r"must be"):
        call()
