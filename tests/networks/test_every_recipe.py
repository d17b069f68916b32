"""Every recipe keeps the same promises."""

import itertools
import json

import pytest
import torch
from torch import nn

from pinr.derivatives.engines.jets import Jets
from pinr.derivatives.engines.nested import NestedAutograd
from pinr.derivatives.request import Group, Request
from pinr.errors import DeclarationError, FileFormatError
from pinr.networks import MLP, FourierFeatures, ModifiedMLP, PirateNet, ResidualMLP, Siren
from pinr.networks.catalogue import RECIPES as CATALOGUE
from pinr.networks.catalogue import recipe_from_record
from pinr.networks.periodic import Periodic
from tests.networks.recipe_table import RECIPES, built, shaken

SIZES = [(1, 1), (2, 3), (3, 4)]
every_recipe = pytest.mark.parametrize("name", RECIPES)


def points(inputs: int, count: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    generator = torch.Generator().manual_seed(7)
    return 2 * torch.rand(count, inputs, generator=generator, dtype=torch.float64).to(dtype) - 1


def test_the_table_has_every_recipe():
    assert {type(recipe) for recipe, _ in RECIPES.values()} == set(CATALOGUE.values())


@every_recipe
@pytest.mark.parametrize(("inputs", "outputs"), SIZES)
def test_shapes_and_number_of_weights(name, inputs, outputs):
    module = built(name, inputs, outputs)
    assert module(points(inputs, 5)).shape == (5, outputs)
    assert sum(p.numel() for p in module.parameters()) == RECIPES[name][1](inputs, outputs)
    assert all(p.requires_grad for p in module.parameters())


@every_recipe
def test_a_seed_determines_weights_and_buffers(name):
    first, again, other = (built(name, 2, 1, seed=seed).state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not all(torch.equal(first[key], other[key]) for key in first)


@every_recipe
def test_a_recipe_survives_its_record(name):
    recipe = RECIPES[name][0]
    assert recipe_from_record(json.loads(json.dumps(recipe.record()))) == recipe


@every_recipe
@pytest.mark.parametrize("seed", range(3))
def test_outputs_are_of_size_about_one(name, seed):
    sizes = built(name, 2, 16, seed=seed)(points(2, 512)).square().mean(dim=0).sqrt()
    assert 0.05 < sizes.median() < 2


@every_recipe
def test_single_precision_agrees_with_double(name):
    module, at = shaken(built(name, 2, 2)), points(2, 32, torch.float32)
    double = module(at.double())
    single = module.float()(at)
    assert single.dtype == torch.float32
    assert torch.allclose(single.double(), double, rtol=1e-4, atol=1e-4)


@every_recipe
@pytest.mark.parametrize("inputs", [1, 2])
def test_jets_equal_nested_autograd(name, inputs):
    module, at = shaken(built(name, inputs, 2)), points(inputs, 4)
    assert_jets_equal_nested_autograd(module, at)


@every_recipe
def test_a_periodic_network_repeats_with_all_derivatives(name):
    """Also where another input is not periodic, with two harmonics."""
    inner = RECIPES[name][0].build(
        Periodic.inputs_of_network(2, [0], harmonics=2), 2, frequency=4.0, generator=torch.Generator().manual_seed(0)
    )
    module = shaken(Periodic(inner, 2, [0], harmonics=2))
    low = points(2, 6)
    high = low + torch.tensor([2.0, 0.0], dtype=torch.float64)
    request = Request(2, tuple(i for i in itertools.product(range(4), repeat=2) if sum(i) <= 3))
    before, after = (Jets().derivatives(module, at, request) for at in (low, high))
    assert torch.allclose(before, after, rtol=1e-11, atol=1e-11 * float(before.detach().abs().max()))


@pytest.mark.parametrize("axes", [[0], [1], [0, 1]])
def test_jets_pass_through_periodic_networks(axes):
    inner = built("MLP", Periodic.inputs_of_network(2, axes), 2)
    assert_jets_equal_nested_autograd(shaken(Periodic(inner, 2, axes)), points(2, 3))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: FourierFeatures(features=0),
        lambda: FourierFeatures(scale=0.0),
        lambda: FourierFeatures(scale=float("nan")),
        lambda: PirateNet(width=15),
        lambda: PirateNet(scale=-1),
        lambda: ModifiedMLP(depth=0),
        lambda: ResidualMLP(width=1.5),
        lambda: MLP(activation="relu"),
        lambda: Siren(omega=0.0),
        lambda: Siren(sphere=-0.5),
    ],
)
def test_ill_formed_recipes_are_refused(wrong):
    with pytest.raises(DeclarationError, match=r"must be"):
        wrong()


def test_records_of_unknown_recipes_are_refused():
    with pytest.raises(FileFormatError, match="PirateNet"):
        recipe_from_record({"recipe": "Transformer"})
    with pytest.raises(FileFormatError, match="colour"):
        recipe_from_record({"recipe": "PirateNet", "colour": 1})


def assert_jets_equal_nested_autograd(module: nn.Module, at: torch.Tensor, order: int = 3) -> None:
    """All derivatives up to an order, and groups with constant and per-point weights; the weights' gradients too."""
    inputs = at.shape[1]
    indices = sorted((i for i in itertools.product(range(order + 1), repeat=inputs) if sum(i) <= order), key=sum)
    generator = torch.Generator().manual_seed(2)
    weights = [torch.randn(len(at), generator=generator, dtype=torch.float64)]
    groups = (
        Group(tuple(indices[1:]), tuple(float(n) for n in range(1, len(indices)))),
        Group((indices[-1],), (None,)),
    )
    for request, given in ((Request(inputs, tuple(indices)), ()), (Request(inputs, (indices[0],), groups), weights)):
        ours, theirs = (e.derivatives(module, at, request, given) for e in (Jets(), NestedAutograd()))
        assert (ours - theirs).norm() < 1e-10 * theirs.norm()
        mix = torch.randn(ours.shape, generator=generator, dtype=torch.float64)
        trained = list(module.parameters())
        gradients = (
            torch.autograd.grad((c * mix).sum(), trained, allow_unused=True, materialize_grads=True)
            for c in (ours, theirs)
        )
        ours, theirs = (torch.cat([g.flatten() for g in gradient]) for gradient in gradients)
        assert (ours - theirs).norm() < 1e-10 * theirs.norm()
