"""Every kind of network of fine fields: nodes, shifts, reach, files, training; and what is a latent grid's own."""

import json
from dataclasses import replace
from math import prod

import h5py
import numpy as np
import pytest
import torch

from pinr.derivatives.engines.nested import NestedAutograd
from pinr.derivatives.request import Request
from pinr.errors import DeclarationError, FileFormatError
from pinr.superresolution import GridDataset, ImplicitDecoder, LatentGrid, LocalImplicitGrid, UNet, rayleigh_benard
from pinr.superresolution import model as model_module
from pinr.superresolution.fit import LOSSES, fit
from pinr.superresolution.grid_axes import grid_axes
from pinr.superresolution.model import SuperResolution
from pinr.superresolution.point_loss import PointLoss
from pinr.superresolution.recipes import recipe_from_record, recipe_record
from pinr.superresolution.training import optimizers_of
from tests.superresolution.made_flows import dataset_of, grid_of
from tests.superresolution.test_local_grid import FIELDS, FORMULAS

DECODER = ImplicitDecoder((12, 8), latent=5)
LATENT = LatentGrid(UNet(latent=5, base=4, cap=8), DECODER, points=64)
NETWORKS = {
    "spline": LocalImplicitGrid(6, 1),
    "spline that keeps averages": LocalImplicitGrid(6, 1, keeps_averages=True),
    "latent grid": LATENT,
    "latent grid as published": LatentGrid(
        UNet(latent=5, base=4, cap=8, norm="batch"), replace(DECODER, blend="trilinear"), points=64
    ),
}
COARSEN = {"t": 4, "z": 4, "x": 4}
every_network = pytest.mark.parametrize("recipe", NETWORKS.values(), ids=list(NETWORKS))
every_rule = pytest.mark.parametrize("rule", ["subsample", "mean"])


def data_of(frames=25, rule="subsample", columns=48):
    run = dataset_of(FORMULAS, grid_of((frames, 16, columns), duration=0.1 * (frames - 1)))
    return GridDataset(run, fields=FIELDS, coarsen=COARSEN, coarsen_by={"t": rule})


@pytest.fixture(scope="module")
def data():
    return data_of()


@pytest.fixture(scope="module")
def long_data():
    return data_of(161)


def coarse_values(counts=(7, 4, 12), batch=1, seed=0):
    return torch.randn(batch, 4, *counts, generator=torch.Generator().manual_seed(seed))


def model_of(data, recipe):
    equations = rayleigh_benard()
    network = recipe.build(grid_axes(data, equations), 4, seed=2)
    return SuperResolution(network, FIELDS, data.standardisation, {"steps": 0}, equations.walls)


@every_rule
@every_network
def test_there_is_a_value_for_every_fine_one_and_parts_are_those_of_the_whole(recipe, rule):
    data = data_of(rule=rule)
    network = recipe.build(grid_axes(data), 4)
    crops = data.crops(2, size={"t": 5}, generator=np.random.default_rng(0))
    with torch.no_grad():
        whole = network(torch.from_numpy(crops.coarse))
        part = network(torch.from_numpy(crops.coarse), (1, 3))
    assert whole.shape == crops.fine.shape
    torch.testing.assert_close(part, whole[:, :, 4 : 12 if rule == "mean" else 9], rtol=1e-5, atol=1e-6)


@every_network
def test_a_shift_by_the_stride_along_a_periodic_axis_is_a_shift_of_what_is_found(recipe, data):
    network, coarse = recipe.build(grid_axes(data), 4), coarse_values()
    stride = prod(f[2] for f in network.encoder.factors) if isinstance(recipe, LatentGrid) else 1
    assert stride < 12
    with torch.no_grad():
        one, other = network(coarse), network(coarse.roll(stride, dims=-1))
    torch.testing.assert_close(one.roll(4 * stride, dims=-1), other, rtol=1e-4, atol=1e-5)


@every_network
def test_values_depend_on_coarse_ones_within_reach_and_not_beyond(recipe, data):
    network = recipe.build(grid_axes(data), 4)
    reach = network.reach
    coarse = coarse_values((2 * reach + 3, 4, 12))
    middle = reach + 1
    changed = coarse.clone()
    changed[:, :, middle] += 3
    with torch.no_grad():
        difference = (network(changed) - network(coarse)).abs().amax(dim=(0, 1, 3, 4))
    seen = np.flatnonzero(difference.numpy())
    assert seen.min() >= 4 * (middle - reach)
    assert seen.max() < 4 * (middle + reach + 1)
    assert seen.max() - seen.min() > 4 * reach  # of twice as many


@every_network
def test_pieces_of_a_trajectory_are_the_whole(recipe, long_data, monkeypatch):
    model, coarse = model_of(long_data, recipe), long_data.coarsened()
    whole = model.upsample(coarse, progress=False)
    monkeypatch.setattr(model_module, "FRAMES", 15)
    pieces = model.upsample(coarse, progress=False)
    for name in FIELDS:
        np.testing.assert_allclose(pieces[name], whole[name], rtol=1e-4, atol=1e-4)


@every_network
def test_a_stored_model_is_the_same(recipe, data, tmp_path):
    model, coarse = model_of(data, recipe), data.coarsened()
    model.save(tmp_path / "model.h5")
    loaded = SuperResolution.load(tmp_path / "model.h5")
    assert loaded.network.recipe == recipe
    for name, values in model.upsample(coarse).items():
        np.testing.assert_allclose(loaded.upsample(coarse)[name], values, rtol=1e-6, atol=1e-6)
    with h5py.File(tmp_path / "model.h5", "a") as file:
        record = json.loads(file["record"].asstr()[()])
        record["network"]["recipe"] = "os.system"
        file["record"][()] = json.dumps(record)
    with pytest.raises(FileFormatError, match=r"'os.system'; known are LatentGrid, LocalImplicitGrid"):
        SuperResolution.load(tmp_path / "model.h5")


@every_network
def test_records_are_plain_and_give_the_recipe_again(recipe):
    assert recipe_from_record(json.loads(json.dumps(recipe_record(recipe)))) == recipe


def test_files_without_a_kind_have_the_first_one():
    assert recipe_from_record({"width": 6, "depth": 1, "keeps_averages": None}) == LocalImplicitGrid(6, 1)


@every_network
@pytest.mark.parametrize("gamma", [0.0, 0.1])
def test_training_brings_the_misfit_down_and_equations_count_where_they_are_asked_for(recipe, gamma, data):
    loss = LOSSES[type(recipe)](data, rayleigh_benard().take("continuity"), recipe, gamma=gamma, batch=2)
    optimizer = torch.optim.Adam(loss.network.parameters(), lr=1e-2)
    history = []
    for _ in range(60):
        total, parts = loss()
        history.append(parts)
        optimizer.zero_grad()
        total.backward()
        assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in loss.network.parameters())
        optimizer.step()
    assert set(history[0]) == ({"data", "continuity"} if gamma else {"data"})
    first, last = (np.mean([parts["data"] for parts in part]) for part in (history[:5], history[-5:]))
    assert last < 0.8 * first
    _, parts = loss(with_equations=False)
    assert set(parts) == {"data"}


@every_network
def test_the_same_seeds_give_the_same_loss(recipe, data):
    losses = [
        LOSSES[type(recipe)](data, rayleigh_benard(), recipe, gamma=0.1, batch=2, seed=1, draws=draws)()[1]
        for draws in (5, 5, 6)
    ]
    assert losses[0] == losses[1]
    assert losses[0] != losses[2]


@every_network
def test_half_precision_is_near_single(recipe, data):
    loss = LOSSES[type(recipe)](data, None, recipe, gamma=0.0, batch=2)
    coarse = coarse_values(batch=2)
    with torch.no_grad():
        single, half = loss.encoded(coarse, torch.float32), loss.encoded(coarse, torch.bfloat16)
    assert half.dtype == torch.float32
    assert (single - half).norm() < 0.03 * single.norm()
    assert torch.equal(single, half) == (recipe is NETWORKS["latent grid as published"])


@every_network
def test_fit_gives_a_model_that_is_evaluated_refined_and_read_again(recipe, data, tmp_path):
    continuity = rayleigh_benard().take("continuity")
    model = fit(data, continuity, seconds=3, network=recipe, batch=2, out=tmp_path, progress=False)
    assert model.notes["steps"] > 3
    coarse = data.coarsened()
    found = model.upsample(coarse, refine=3, progress=False)
    again = SuperResolution.load(tmp_path / "model.h5").upsample(coarse, refine=3, progress=False)
    for name in FIELDS:  # layouts in memory are others, and so is the rounding
        np.testing.assert_allclose(again[name], found[name], rtol=1e-4, atol=1e-4)
    at_plates = model.at(coarse, {"t": 0.55, "z": [0.0, 1.0], "x": 0.3}, refine=0)
    np.testing.assert_allclose(at_plates["w"], 0, atol=1e-6)
    goes_on = fit(data, continuity, seconds=3, network=recipe, batch=2, out=tmp_path, progress=False)
    assert goes_on.notes["steps"] == model.notes["steps"]


def test_matrices_of_splines_alone_have_an_optimizer_of_their_own(data):
    kinds = {
        name: [type(o).__name__ for o in optimizers_of(recipe.build(grid_axes(data), 4))]
        for name, recipe in NETWORKS.items()
    }
    assert kinds["spline"] == ["AdamW", "Muon"]
    assert kinds["latent grid"] == ["AdamW"]


@every_rule
def test_values_at_nodes_are_those_of_the_decoder_where_the_fine_values_are(rule):
    """Places by the positions of the file, in the distances of the coarse values."""
    data = data_of(rule=rule)
    network = LATENT.build(grid_axes(data), 4)
    crops = data.crops(2, size={"t": 4}, generator=np.random.default_rng(3))
    coarse = torch.from_numpy(crops.coarse)
    lattice = []
    for axis in data.axes:
        fine, own = crops.fine_places[axis][0], crops.coarse_places[axis][0]
        lattice.append((fine - own[0]) / (own[1] - own[0]))
    if rule == "mean":
        assert lattice[0][0] == pytest.approx(-0.375)
    axes = network._latent_axes(coarse.shape[2:])
    with torch.no_grad():
        expected = network.decoder.on_lattice(network.latents(coarse), axes, lattice, [(0, 0, 0)])[0, 0, 0]
        torch.testing.assert_close(network(coarse), expected, rtol=1e-4, atol=1e-5)
    assert [axis.spacing for axis in axes] == pytest.approx([0.4, 1 / 4, 1 / 3])


@pytest.mark.parametrize("blend", ["smooth", "trilinear"])
def test_residuals_between_nodes_are_those_of_nested_autograd_through_the_joined_network(data, blend):
    recipe = replace(LATENT, decoder=replace(DECODER, blend=blend))
    loss = PointLoss(data, rayleigh_benard(), recipe, gamma=0.1, batch=2)
    network = loss.network.double()
    counts, entries = (5, 4, 12), torch.tensor([0, 1, 1, 0, 1])
    coarse = coarse_values(counts, batch=2).double()
    drawn = torch.rand(5, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    nodes = drawn * torch.tensor([16.0, 15.0, 48.0], dtype=torch.float64)
    steps = torch.tensor([axis.spacing for axis in network.axes], dtype=torch.float64)
    rows, value = loss.rows, (0, 0, 0)

    def joined(points):
        return network.at_nodes(network.latents(coarse), points / steps, [value], entries)[value]

    found = rows.residuals(network.at_nodes(network.latents(coarse), nodes, rows.indices, entries))
    nested = NestedAutograd().derivatives(joined, nodes * steps, Request(3, rows.indices))
    expected = rows.residuals(dict(zip(rows.indices, nested, strict=True)))
    assert set(found) == {"energy", "momentum_x", "momentum_z", "continuity"}
    trained = list(network.parameters())
    totals = [sum(r.square().sum() for r in residuals.values()) for residuals in (found, expected)]
    for name in found:
        torch.testing.assert_close(found[name], expected[name], rtol=1e-9, atol=1e-9)
    gradients = [torch.autograd.grad(total, trained, allow_unused=True) for total in totals]
    for one, two in zip(*gradients, strict=True):
        if one is not None or two is not None:
            torch.testing.assert_close(one, two, rtol=1e-7, atol=1e-9)


def test_the_misfit_is_that_of_the_same_nodes_of_the_same_crops(data):
    loss = PointLoss(data, None, replace(LATENT, points=200), gamma=0.0, batch=3)
    fine = torch.randn(3, 4, 17, 16, 48, generator=torch.Generator().manual_seed(0))
    asked = []

    class Known:
        recipe = loss.network.recipe

        def at_nodes(self, latents, nodes, indices, entries):
            asked.append((nodes, entries))
            t, z, x = nodes.long().unbind(1)
            return dict.fromkeys(indices, fine[entries, :, t, z, x] + 0.25)

    loss.network = Known()
    assert float(loss.misfit(torch.empty(0), fine)) == pytest.approx(0.25)
    ((nodes, entries),) = asked
    assert entries.bincount().tolist() == [200, 200, 200]
    assert nodes.amin(dim=0).tolist() == [0, 0, 0]
    assert nodes.amax(dim=0).tolist() == [16, 15, 47]


def test_equations_are_asked_for_between_the_first_and_the_last_node(data):
    loss = PointLoss(data, rayleigh_benard(), replace(LATENT, points=400), gamma=0.1, batch=2)
    asked = []

    class Known:
        recipe = loss.network.recipe

        def at_nodes(self, latents, nodes, indices, entries):
            asked.append(nodes)
            return dict.fromkeys(indices, torch.zeros(len(nodes), 4))

    loss.network = Known()
    assert loss.derivatives(torch.empty(0), (5, 4, 12), [(0, 0, 0)])[0, 0, 0].shape == (800, 4)
    low, high = asked[0].amin(dim=0), asked[0].amax(dim=0)
    assert (low >= 0).all() and (low < 0.5).all()
    ends = torch.tensor([16.0, 15.0, 48.0])
    assert (high <= ends).all() and (high > ends - 0.5).all()


def test_norms_of_batches_are_learnt_in_training_alone(data):
    recipe = NETWORKS["latent grid as published"]
    loss = PointLoss(data, None, recipe, gamma=0.0, batch=2)
    norm = loss.network.encoder.first.norms[0]
    before = norm.running_mean.clone()
    loss.network(coarse_values())
    assert torch.equal(norm.running_mean, before)
    loss()
    assert not torch.equal(norm.running_mean, before)
    assert not loss.network.training


ONE_ROW = GridDataset(
    dataset_of(FORMULAS, grid_of((9, 4, 16), duration=0.8)), fields=FIELDS, coarsen=COARSEN, standardise=False
)
REFUSED = {
    "latent": (lambda: LatentGrid(UNet(latent=6), DECODER), "6 numbers, and the decoder takes 5"),
    "encoder": (lambda: LatentGrid(encoder=DECODER), r"the encoder is a `UNet\(…\)`"),
    "decoder": (lambda: LatentGrid(decoder="spline"), r"the decoder is a `ImplicitDecoder\(…\)`"),
    "points": (lambda: replace(LATENT, points=0), "whole number of at least 1"),
    "one-value": (lambda: LATENT.build(grid_axes(ONE_ROW), 4), "`z` has 1 coarse value"),
    "network": (lambda: fit(ONE_ROW, network="unet"), r"give a `LocalImplicitGrid\(…\)` or a `LatentGrid\(…\)`"),
    "kind": (lambda: fit(ONE_ROW, network=UNet()), r"give a `LocalImplicitGrid\(…\)` or a `LatentGrid\(…\)`"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_network_is_refused(case):
    make, words = REFUSED[case]
    with pytest.raises(DeclarationError, match=words):
        make()
