"""Networks as decoders of latent grids: derivatives, blends, periodic axes, gradients, equations."""

from itertools import product

import numpy as np
import pytest
import torch

from pinr.derivatives.engines.jets import Jets
from pinr.derivatives.engines.nested import NestedAutograd
from pinr.derivatives.request import Request
from pinr.errors import DeclarationError
from pinr.superresolution import Standardisation, rayleigh_benard
from pinr.superresolution import implicit_decoder as decoder_module
from pinr.superresolution.blending import corner_weights
from pinr.superresolution.equation_rows import EquationRows
from pinr.superresolution.implicit_decoder import ImplicitDecoder, cells
from pinr.superresolution.spline import Axis

AXES = (Axis(3, 0.7), Axis(4, 0.5), Axis(5, 0.2, is_periodic=True))
COUNTS = tuple(axis.count for axis in AXES)
INDICES = [index for index in product(range(3), repeat=3) if sum(index) <= 2]
BLENDS = ("trilinear", "smooth")


def built(blend="smooth", activation="softplus", axes=3, fields=2, seed=0):
    return ImplicitDecoder((12, 10, 8), 5, activation, blend).build(axes, fields, seed).double()


def latents_of(batch=2, counts=COUNTS, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(batch, 5, *counts, generator=generator, dtype=torch.float64).requires_grad_(True)


def random_places(count=9, seed=2):
    generator = torch.Generator().manual_seed(seed)
    places = torch.rand(count, 3, generator=generator, dtype=torch.float64) * torch.tensor([2.0, 3.0, 5.0])
    return places, torch.randint(0, 2, (count,), generator=generator)


def published(decoder, latents, places, entries):
    """As the publication writes it, corner by corner: `Σ_c w_c g(ξ_c, z_c)` with all inputs in every layer."""
    network, total = decoder.function, 0.0
    bases = places.detach().floor()
    for corner in product((0, 1), repeat=3):
        corner_node = bases + torch.tensor(corner)
        nodes = [column.long() % axis.count for column, axis in zip(corner_node.unbind(1), AXES, strict=True)]
        inputs = torch.cat([places - corner_node, latents.movedim(1, -1)[(entries, *nodes)]], dim=1)
        hidden = network.activation(network.seen[0](inputs))
        for seen, layer in zip(network.seen[1:], network.layers, strict=True):
            joined = torch.cat([layer.weight, seen.weight], dim=1)
            hidden = network.activation(torch.cat([hidden, inputs], dim=1) @ joined.t() + seen.bias)
        s = places - bases
        step = s if decoder.recipe.blend == "trilinear" else s**3 * (10 + s * (6 * s - 15))
        weight = torch.where(torch.tensor(corner, dtype=torch.bool), step, 1 - step).prod(dim=1)
        total = total + weight[:, None] * network.last(hidden)
    return total


@pytest.mark.parametrize("activation", ["softplus", "tanh", "sin", "gelu", "silu"])
@pytest.mark.parametrize("blend", BLENDS)
def test_derivatives_and_their_gradients_are_those_of_nested_autograd(blend, activation):
    decoder, latents = built(blend, activation), latents_of()
    places, entries = random_places(5)
    found = decoder.at_points(latents, AXES, places, INDICES, entries=entries)
    expected = NestedAutograd().derivatives(
        lambda points: published(decoder, latents, points, entries), places, Request(3, tuple(INDICES))
    )
    totals = [0.0, 0.0]
    for number, (index, row) in enumerate(zip(INDICES, expected, strict=True)):
        row = row / np.prod([axis.spacing**order for axis, order in zip(AXES, index, strict=True)])
        assert found[index].shape == (5, 2)
        torch.testing.assert_close(found[index], row, rtol=1e-9, atol=1e-9, msg=lambda m, i=index: f"{i}: {m}")
        totals = [t + (v * (1 + number)).sin().sum() for t, v in zip(totals, (found[index], row), strict=True)]
    trained = [latents, *decoder.parameters()]
    for one, two in zip(*(torch.autograd.grad(total, trained) for total in totals), strict=True):
        torch.testing.assert_close(one, two, rtol=1e-7, atol=1e-7)


def test_without_compiled_kernels_derivatives_are_the_same(monkeypatch):
    decoder, latents = built(), latents_of()
    places, entries = random_places()
    compiled = decoder.at_points(latents, AXES, places, INDICES, entries=entries)
    monkeypatch.setattr(decoder_module, "Jets", lambda: Jets(compiled=False))
    plain = decoder.at_points(latents, AXES, places, INDICES, entries=entries)
    for index in INDICES:
        torch.testing.assert_close(plain[index], compiled[index], rtol=1e-9, atol=1e-9)


def test_places_may_have_more_digits_than_the_network():
    decoder, latents = ImplicitDecoder((8,), 5).build(3, 2), latents_of(1).detach().float()
    places, _ = random_places()
    far = places + torch.tensor([0.0, 0.0, 5e6])
    found, same = (decoder.at_points(latents, AXES, p, INDICES) for p in (places, far))
    for index in INDICES:
        assert found[index].dtype == torch.float32
        torch.testing.assert_close(found[index], same[index], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("blend", BLENDS)
@pytest.mark.parametrize("index", [(1, 0, 2), (0, 3, 0), (1, 1, 1)], ids=str)
def test_third_derivatives_are_those_of_the_second(index, blend):
    decoder, latents = built(blend), latents_of()
    places, entries = random_places()
    axis = max(range(3), key=lambda k: index[k])
    lower = tuple(order - (k == axis) for k, order in enumerate(index))
    step = torch.zeros(3, dtype=torch.float64)
    step[axis] = 1e-4
    before, after = (
        decoder.at_points(latents, AXES, places + sign * step, [lower], entries=entries)[lower] for sign in (-1, 1)
    )
    found = decoder.at_points(latents, AXES, places, [index], entries=entries)[index]
    scale = found.abs().max().item()
    torch.testing.assert_close(found, (after - before) / (2e-4 * AXES[axis].spacing), rtol=1e-5, atol=1e-6 * scale)


@pytest.mark.parametrize("blend", BLENDS)
def test_weights_are_a_partition_of_one_and_derivatives_of_each_other(blend):
    generator = torch.Generator().manual_seed(0)
    fractions = torch.rand(7, 3, generator=generator, dtype=torch.float64).requires_grad_(True)
    for index in INDICES:
        weights = corner_weights(fractions, index, blend)
        assert weights.shape == (8, 7)
        expected = torch.full((7,), float(not any(index)), dtype=torch.float64)
        torch.testing.assert_close(weights.sum(dim=0), expected, rtol=0, atol=1e-12)
        for k in range(3):
            above = tuple(order + (n == k) for n, order in enumerate(index))
            for corner, weight in enumerate(weights):
                slope = torch.autograd.grad(weight.sum(), fractions, retain_graph=True, allow_unused=True)[0]
                slope = torch.zeros(7) if slope is None else slope[:, k]
                torch.testing.assert_close(slope.double(), corner_weights(fractions, above, blend)[corner].detach())


@pytest.mark.parametrize("blend", BLENDS)
def test_at_a_node_its_own_corner_counts_alone(blend):
    ends = torch.tensor(list(product((0.0, 1.0), repeat=2)))
    assert torch.equal(corner_weights(ends, (0, 0), blend), torch.eye(4))
    beyond = torch.tensor([[-0.5, 0.25], [1.5, 0.25]])
    inside = torch.tensor([[0.0, 0.25], [1.0, 0.25]])
    assert torch.equal(corner_weights(beyond, (0, 0), blend), corner_weights(inside, (0, 0), blend))
    assert not corner_weights(beyond, (1, 0), blend).any()


@pytest.mark.parametrize("blend", BLENDS)
def test_what_all_corners_agree_on_is_not_changed_by_blending(blend):
    """With weights of 0 every corner gives the last bias, at every place."""
    decoder = built(blend, fields=1)
    with torch.no_grad():
        for parameter in decoder.parameters():
            parameter.zero_()
    places, entries = random_places()
    decoder.function.last.bias.data.fill_(0.75)
    found = decoder.at_points(latents_of(), AXES, places, INDICES, entries=entries)
    for index in INDICES:
        expected = torch.full((9, 1), 0.0 if any(index) else 0.75, dtype=torch.float64)
        torch.testing.assert_close(found[index], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("blend", BLENDS)
def test_a_decoder_of_nodes_that_agree_is_the_function_itself(blend):
    """Every corner gives `sin(ξ + node) = sin(x)`, so that the blend is the sine with all of its derivatives."""
    decoder = ImplicitDecoder((1,), 1, "sin", blend).build(1, 1).double()
    with torch.no_grad():
        decoder.function.seen[0].weight.copy_(torch.tensor([[1.0, 1.0]]))
        decoder.function.seen[0].bias.zero_()
        decoder.function.last.weight.fill_(1.0)
        decoder.function.last.bias.zero_()
    axes, nodes = (Axis(6, 0.5),), torch.arange(6, dtype=torch.float64)[None, None]
    places = torch.linspace(0, 5, 41, dtype=torch.float64)[:, None]
    found = decoder.at_points(nodes, axes, places, [(0,), (1,), (2,), (3,)])
    s, c = torch.sin(places), torch.cos(places)
    inside = places[:, 0] % 1 != 0  # at nodes a derivative of the weights is that of one side
    for order, exact in enumerate((s, 2 * c, -4 * s, -8 * c)):
        own = inside | (order == 0)
        torch.testing.assert_close(found[order,][own], exact[own], rtol=1e-9, atol=1e-9)


def jumps(blend, axis, wanted):
    """Of derivatives across a face of cells, relative to their size."""
    decoder, latents = built(blend).requires_grad_(False), latents_of(1).detach()
    places = random_places(6)[0]
    places[:, axis] = 1.0
    sides = []
    for shift in (-1e-10, 1e-10):
        moved = places.clone()
        moved[:, axis] += shift
        sides.append(decoder.at_points(latents, AXES, moved, wanted))
    return {
        index: float((sides[1][index] - sides[0][index]).abs().max() / sides[0][index].abs().max()) for index in wanted
    }


@pytest.mark.parametrize("axis", range(3))
def test_smooth_blends_have_two_continuous_derivatives_and_trilinear_ones_none(axis):
    first, second, third = (tuple(order * (k == axis) for k in range(3)) for order in (1, 2, 3))
    found = jumps("smooth", axis, INDICES)
    assert max(found.values()) < 1e-5
    assert jumps("smooth", axis, [third])[third] > 0.1
    broken = jumps("trilinear", axis, [(0, 0, 0), first, second])
    assert broken[0, 0, 0] < 1e-5
    assert broken[first] > 0.05


@pytest.mark.parametrize("blend", BLENDS)
def test_periodic_axes_close(blend):
    decoder, latents = built(blend), latents_of(1)
    places, _ = random_places()
    found = decoder.at_points(latents, AXES, places, INDICES)
    for periods in (-2, 1):
        around = places + torch.tensor([0.0, 0.0, 5.0 * periods])
        for index, values in decoder.at_points(latents, AXES, around, INDICES).items():
            torch.testing.assert_close(values, found[index], rtol=1e-8, atol=1e-8)
    moved = decoder.at_points(
        latents.roll(2, dims=-1), AXES, places + torch.tensor([0.0, 0.0, 2.0], dtype=torch.float64), INDICES
    )
    for index in INDICES:
        torch.testing.assert_close(moved[index], found[index], rtol=1e-8, atol=1e-8)
    corners, _ = cells(torch.tensor([[0.0, 0.0, 4.5]]), AXES)
    assert sorted(corners[:2, 0].tolist()) == [0, 4]


def test_beyond_the_ends_the_nearest_node_speaks_alone():
    decoder, latents = built(), latents_of(1)
    places = torch.tensor([[-0.5, 1.0, 2.0], [2.5, 1.0, 2.0]], dtype=torch.float64)
    found = decoder.at_points(latents, AXES, places, [(0, 0, 0), (2, 0, 0)])
    for row, (node, distance) in enumerate(((0, -0.5), (2, 0.5))):
        distance = torch.tensor([distance], dtype=torch.float64, requires_grad=True)
        inputs = torch.cat([distance, torch.zeros(2, dtype=torch.float64), latents[0, :, node, 1, 2]])
        value = decoder.function(inputs[None])[0]
        torch.testing.assert_close(found[0, 0, 0][row], value)
        bends = []
        for one in value:
            slope = torch.autograd.grad(one, distance, create_graph=True)[0]
            bends.append(torch.autograd.grad(slope, distance, retain_graph=True)[0])
        torch.testing.assert_close(found[2, 0, 0][row], torch.cat(bends) / AXES[0].spacing ** 2)


def test_a_lattice_gives_what_its_points_give(monkeypatch):
    decoder, latents = built(), latents_of()
    lattice = [np.array([0.3, 1.3]), np.array([-0.6, 1.4]), 0.25 + 3 * np.arange(4.0)]
    found = decoder.on_lattice(latents, AXES, lattice, INDICES)
    places = torch.cartesian_prod(*map(torch.from_numpy, lattice))
    for entry in range(2):
        one_by_one = decoder.at_points(latents[entry : entry + 1], AXES, places, INDICES)
        for index in INDICES:
            assert found[index].shape == (2, 2, *map(len, lattice))
            torch.testing.assert_close(found[index][entry].flatten(1).t(), one_by_one[index], rtol=1e-9, atol=1e-9)
    monkeypatch.setattr(decoder_module, "CHUNK", 5)
    with torch.no_grad():
        pieces = decoder.on_lattice(latents, AXES, lattice, INDICES)
    for index in INDICES:
        torch.testing.assert_close(pieces[index], found[index], rtol=1e-9, atol=1e-9)


def test_the_residuals_of_convection_train_latents_and_weights():
    fields = ("p", "b", "u", "w")
    rows = EquationRows(rayleigh_benard(), Standardisation.none(fields), fields, ("t", "z", "x"))
    decoder = ImplicitDecoder((16, 8), 5).build(3, 4)
    latents = latents_of(1).detach().float().requires_grad_(True)
    places = random_places(64)[0].float()
    trained = [latents, *decoder.parameters()]
    optimizer = torch.optim.Adam(trained, lr=1e-2)
    history = []
    for _ in range(15):
        found = rows.residuals(decoder.at_points(latents, AXES, places, rows.indices))
        loss = sum(residual.square().mean() for residual in found.values())
        history.append(float(loss.detach()))
        optimizer.zero_grad()
        loss.backward()
        assert all(t.grad is not None and torch.isfinite(t.grad).all() for t in trained)
        optimizer.step()
    assert history[-1] < 0.5 * history[0]


def test_layers_are_those_of_the_publication():
    function = ImplicitDecoder().build(3, 4).function
    assert [layer.out_features for layer in function.seen] == [512, 256, 128, 64, 32]
    assert {layer.in_features for layer in function.seen} == {35}
    assert [layer.in_features for layer in function.layers] == [512, 256, 128, 64]
    assert (function.last.in_features, function.last.out_features) == (32, 4)
    bound = 1 / np.sqrt(512 + 35)
    for weight in (function.seen[1].weight, function.layers[0].weight):
        assert 0.95 * bound < float(weight.detach().abs().max()) <= bound


def test_the_same_seed_gives_the_same_weights_and_leaves_torch_alone():
    state = torch.get_rng_state()
    one, two, other = (built(seed=seed) for seed in (3, 3, 4))
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))
    assert not torch.equal(one.function.last.weight, other.function.last.weight)


PLACES = torch.ones(4, 3, dtype=torch.float64)
REFUSED = {
    "widths": (lambda: ImplicitDecoder(widths=()), "widths must be"),
    "latent": (lambda: ImplicitDecoder(latent=0), "latent must be"),
    "activation": (lambda: ImplicitDecoder(activation="relu"), "one of tanh"),
    "blend": (lambda: ImplicitDecoder(blend="cubic"), "one of trilinear, smooth"),
    "fields": (lambda: ImplicitDecoder().build(3, 0), "at least one axis and one field"),
    "grid": (lambda: built().at_points(latents_of(1, (3, 4, 6)), AXES, PLACES, INDICES), r"\(batch, 5, 3, 4, 5\)"),
    "axes": (lambda: built().at_points(latents_of(1), AXES[:2], PLACES, INDICES), "do not fit"),
    "one-node": (
        lambda: built(axes=1).at_points(latents_of(1, (1,)), (Axis(1, 1.0),), PLACES[:, :1], [(0,)]),
        "1 node: cells",
    ),
    "index": (lambda: built().at_points(latents_of(1), AXES, PLACES, [(0, 1)]), r"`\(0, 1\)` is no multi-index"),
    "order": (lambda: built().at_points(latents_of(1), AXES, PLACES, [(0, -1, 0)]), "is no multi-index"),
    "places": (lambda: built().at_points(latents_of(1), AXES, PLACES[:, :2], INDICES), r"Give \(points, 3\)"),
    "outside": (lambda: built().at_points(latents_of(1), AXES, 5 * PLACES, INDICES), "place 5 along axis 0"),
    "nan": (lambda: built().at_points(latents_of(1), AXES, torch.nan * PLACES, INDICES), "place nan along axis 0"),
    "batch": (lambda: built().at_points(latents_of(2), AXES, PLACES, INDICES), "2 latent grids"),
    "entries": (
        lambda: built().at_points(latents_of(2), AXES, PLACES, INDICES, entries=torch.tensor([0, 1, 2, 0])),
        "from 0 to 1",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_refused(case):
    make, words = REFUSED[case]
    with pytest.raises(DeclarationError, match=words):
        make()
