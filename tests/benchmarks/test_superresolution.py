"""What the methods beside pinr compute is what they are said to compute."""

import numpy as np
import pytest
import torch
import xarray

from benchmarks.superresolution import between
from benchmarks.superresolution.between import Finer, continued, is_node
from benchmarks.superresolution.cases import CASES, FIELDS
from benchmarks.superresolution.layout import AXES, Layout
from benchmarks.superresolution.measure import between_nodes, r2
from benchmarks.superresolution.methods import convolutional, meshfree
from benchmarks.superresolution.methods.convolutional import Convolutional
from benchmarks.superresolution.methods.interpolation import Interpolation, along
from benchmarks.superresolution.methods.table import METHODS
from benchmarks.superresolution.records import Run, add_run, read_runs
from benchmarks.superresolution.report import EQUATIONS, STATISTICS, report, save
from pinr.superresolution import Convection, GridDataset

KAPPA, NU = 0.02, 0.03


def flow_of(formulas, counts=(17, 16, 32)):
    """Fields of formulas of `(t, z, x)` at frames and the middles of cells."""
    frames, rows, columns = counts
    coordinates = {
        "t": 0.25 * np.arange(frames),
        "z": (np.arange(rows) + 0.5) / rows,
        "x": (np.arange(columns) + 0.5) * 4 / columns,
    }
    places = np.meshgrid(*coordinates.values(), indexing="ij")
    values = {name: (AXES, formula(*places) + 0 * places[0]) for name, formula in formulas.items()}
    return xarray.Dataset(values, coordinates, {"periodic": "x", "Ra": 1e6, "Pr": 1.0})


def wave(phase):
    return lambda t, z, x: np.sin(np.pi * x / 2 + phase - t / 4) * (1 + z)


@pytest.fixture
def few_points(monkeypatch):
    monkeypatch.setattr(meshfree, "POINTS", 16)


def waves(counts=(17, 16, 32)):
    return flow_of({name: wave(0.3 + number) for number, name in enumerate(FIELDS)}, counts)


def data_of(flow, **settings):
    return GridDataset(flow, coarsen={"t": 4, "z": 4, "x": 4}, **settings)


def test_cubic_interpolation_reproduces_cubic_polynomials_beyond_its_nodes_too():
    nodes, places = np.arange(6.0), np.array([-0.4, 0.3, 2.5, 5.3])
    cubic = np.polynomial.Polynomial([1.0, -2.0, 0.5, 0.25])
    values = np.stack([cubic(nodes), 3 * cubic(nodes)], axis=1)
    found = along(values, 0, nodes, places, degree=3, period=None)
    np.testing.assert_allclose(found, np.stack([cubic(places), 3 * cubic(places)], axis=1), rtol=1e-12)
    line = along(1 - 2 * nodes, 0, nodes, places, degree=1, period=None)
    np.testing.assert_allclose(line, 1 - 2 * places, rtol=1e-12)


@pytest.mark.parametrize(("degree", "order"), [(1, 2), (3, 4)])
def test_interpolation_around_a_period_is_of_its_order(degree, order):
    places = np.linspace(-3, 9, 301)
    errors = []
    for count in (16, 32):
        nodes = 0.1 + 4 * np.arange(count) / count
        found = along(np.sin(np.pi * nodes / 2), 0, nodes, places, degree=degree, period=4.0)
        errors.append(np.abs(found - np.sin(np.pi * places / 2)).max())
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.2)


def test_interpolation_puts_averages_at_the_middles_of_boxes():
    """A field that is linear in z is its own average there, so that nothing is lost."""
    formulas = {name: lambda t, z, x, k=number: 1 + k * z - 0.5 * t for number, name in enumerate(FIELDS)}
    data = data_of(flow_of(formulas))
    found = Interpolation(1)(data.coarsened(), data.fine())
    for name in FIELDS:
        np.testing.assert_allclose(found[name], data.fine()[name], atol=1e-12)


def convolutional_network(flow):
    torch.manual_seed(0)
    layout = Layout.of(data_of(flow))
    return Convolutional(convolutional.Network(len(FIELDS), layout.factors, width=8, depth=2), layout, 0)


def test_the_convolutional_network_moves_with_what_it_sees_along_x():
    flow = waves()
    method, data = convolutional_network(flow), data_of(flow)
    coarse, fine = data.coarsened(), data.fine()
    moved = coarse.copy(data={name: values.roll(x=1).values for name, values in coarse.data_vars.items()})
    first, second = method(coarse, fine), method(moved, fine)
    for name in FIELDS:
        np.testing.assert_allclose(second[name].values, np.roll(first[name].values, 4, axis=2), atol=1e-5)


def test_fine_values_of_the_convolutional_network_lie_in_their_cells():
    """With a last layer that passes on the number of a value in its cell, that number is found at its place."""
    method = convolutional_network(waves())
    with torch.no_grad():
        method.network.last.weight.zero_()
        method.network.last.bias.copy_(torch.arange(4 * 64))
        found = method.network(torch.zeros(1, 4, 3, 2, 5))
    t, z, x = np.meshgrid(np.arange(12), np.arange(8), np.arange(20), indexing="ij")
    np.testing.assert_array_equal(found[0, 2], 2 * 64 + (t % 4) * 16 + (z % 4) * 4 + x % 4)


def test_nodes_that_belong_to_coarse_values_are_those_that_they_were_made_of():
    data = data_of(waves())
    for axis, places in Layout.of(data).nodes(data.coarsened()).items():
        np.testing.assert_allclose(places, data.fine()[axis], atol=1e-12)


def test_mirror_images_are_those_of_the_flow():
    """The mirror image of a crop is the crop of the flow with x and u reversed."""
    flow = waves()
    layout, whole = Layout.of(data_of(flow)), {"t": 5, "z": 4, "x": 8}
    crops = data_of(flow).crops(8, size=whole, generator=np.random.default_rng(0))
    changed = layout.mirrored(crops, np.random.default_rng(0))
    scale, mean = np.reshape(layout.scale, (-1, 1, 1, 1)), np.reshape(layout.mean, (-1, 1, 1, 1))
    signs = np.array([1, 1, -1, 1]).reshape(-1, 1, 1, 1)
    seen = set()
    for before, after in zip(crops.fine * scale + mean, changed.fine * scale + mean, strict=True):
        is_mirrored = not np.allclose(before, after)
        seen.add(is_mirrored)
        np.testing.assert_allclose(after, signs * before[..., ::-1] if is_mirrored else before, atol=1e-5)
    assert seen == {False, True}
    boxes = data_of(flow).coarsening.values(changed.fine, AXES)
    np.testing.assert_allclose(boxes, changed.coarse, atol=1e-5)


def taylor_green(t, z, x):
    """Decaying vortices; buoyancy is constant and held by the pressure."""
    k, slow = 2.0, torch.exp(-2 * NU * 4.0 * t)
    p = (torch.cos(2 * k * x) + torch.cos(2 * k * z)) / 4 * slow**2 + 0.3 * z
    return p, 0.3 + 0 * t, torch.sin(k * x) * torch.cos(k * z) * slow, -torch.cos(k * x) * torch.sin(k * z) * slow


def buoyant_shear(t, z, x):
    """A slope of buoyancy along x drives a shear, which tilts it: p, b and u hold each other."""
    a = 0.7
    return a * x * z + a**2 * z**2 * t**2 / 4, a * x + a**2 * z * t**2 / 2, -a * z * t, 0 * t


def diffusing_layers(t, z, x):
    """Buoyancy that depends on z alone diffuses, and the pressure holds it."""
    k = 3.0
    slow = torch.exp(-KAPPA * k**2 * t)
    return -torch.cos(k * z) / k * slow, torch.sin(k * z) * slow, 0 * x, 0 * x


@pytest.mark.parametrize("solution", [taylor_green, buoyant_shear, diffusing_layers])
def test_nested_residuals_vanish_for_solutions(solution):
    places = torch.rand(2, 20, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    fields = torch.stack(solution(*places.unbind(-1)), dim=-1)
    for residual in meshfree.residuals(fields, places, diffusivity=KAPPA, viscosity=NU).values():
        assert float(residual.detach().abs().max()) < 1e-13


def test_nested_residuals_see_axes_that_are_swapped():
    """A field without divergence has one for whoever takes x for z: the axes of the published code."""
    places = torch.rand(1, 20, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()

    def divergence(z, x):
        u, w = 3 * torch.sin(2 * x) * torch.cos(3 * z), -2 * torch.cos(2 * x) * torch.sin(3 * z)
        fields = torch.stack([0 * x, 0 * x, u, w], dim=-1)
        left = meshfree.residuals(fields, places, diffusivity=KAPPA, viscosity=NU)
        return float(left["continuity"].detach().abs().max())

    _, first, second = places.unbind(-1)
    assert divergence(z=first, x=second) < 1e-13
    assert divergence(z=second, x=first) > 0.5


def meshfree_network(flow):
    torch.manual_seed(0)
    layout, shape = Layout.of(data_of(flow)), (meshfree.FRAMES, 4, 8)
    return meshfree.Meshfree(meshfree.Network(len(FIELDS), shape), layout, shape, 0)


def test_blended_outputs_are_continuous_across_cells_and_around_the_period():
    method = meshfree_network(waves())
    latent = torch.randn(1, meshfree.LATENT, 4, 6, 8, generator=torch.Generator().manual_seed(1))
    faces = torch.tensor([[1.0, 0.3, 2.4], [0.6, 2.0, 2.4], [0.6, 0.3, 5.0], [2.2, -0.4, 7.0]])
    for axis in range(3):
        apart = torch.zeros(3)
        apart[axis] = 1e-4
        with torch.no_grad():
            below, above = (method.network.at(latent, (faces + sign * apart)[None]) for sign in (-1, 1))
            around = method.network.at(latent, (faces + torch.tensor([0.0, 0, 8]))[None])
            np.testing.assert_allclose(below, above, atol=1e-3)
            np.testing.assert_allclose(around, method.network.at(latent, faces[None]), atol=1e-5)


@pytest.mark.usefixtures("few_points")
def test_equations_have_gradients_in_the_loss_of_meshfree_flow_net():
    """With γ the loss is larger by the residuals, and points and values belong together."""
    flow = waves()
    data, method = data_of(flow), meshfree_network(flow)
    crops = data.crops(2, size={"t": meshfree.FRAMES}, generator=np.random.default_rng(0))
    losses = [
        meshfree.loss_on(crops, method.network, method.layout, gamma=gamma, generator=np.random.default_rng(1))
        for gamma in (0.0, 1.0, 2.0)
    ]
    values = [float(loss.detach()) for loss in losses]
    assert values[2] - values[1] == pytest.approx(values[1] - values[0], rel=1e-4)
    assert values[1] > values[0]
    losses[2].backward()
    assert all(torch.isfinite(weight.grad).all() for weight in method.network.decoder.parameters())


@pytest.mark.usefixtures("few_points")
@pytest.mark.parametrize("name", ["convnet", "meshfree", "meshfree-equations"])
def test_what_is_trained_and_saved_says_the_same_again(name, tmp_path):
    data = data_of(waves())
    method = METHODS[name]
    first = method.train(data, 0.01, 0)
    first.save(tmp_path / "model")
    again = method.load(tmp_path / "model")
    assert again.steps == first.steps > 0
    coarse, fine = data.coarsened(), data.fine().isel(t=slice(5))
    if name == "convnet":
        fine = data.fine()
    for field, values in again(coarse, fine).data_vars.items():
        np.testing.assert_array_equal(values, first(coarse, fine)[field])
        assert values.shape == fine[field].shape


def test_cases_differ_in_what_is_said_of_them(tmp_path):
    path = tmp_path / "run.h5"
    flow = waves((201, 64, 128))  # over a thousand coarse values: their deviation is known to two per cent
    flow.to_netcdf(path, engine="h5netcdf")
    counts = {name: case.data(path).counts["t"] for name, case in CASES.items()}
    assert counts == {"standard": 89, "x4x4x4": 89, "noise": 89, "quarter": 21}
    clean, noisy = (CASES[name].test(path, (41, None)).coarsened() for name in ("standard", "noise"))
    apart = float((noisy["b"] - clean["b"]).std() / flow["b"].sel(t=slice(41, None)).std())
    assert apart == pytest.approx(0.05, rel=0.1)


def test_more_modes_continue_the_same_flow():
    coarse, fine = (Convection(1e4, nx=16 * n, nz=12 * n) for n in (1, 2))
    state = coarse.start(seed=1, noise=0.3)
    for _ in range(20):
        state = coarse.step(state, 0.02)
    more = continued(state, fine)
    z = np.linspace(0.05, 0.95, 7)
    before, after = coarse.fields(state, z), fine.fields(more, z)
    for name in ("b", "u", "w"):
        np.testing.assert_allclose(after[name][:, ::2], before[name], atol=1e-12)
    assert fine.means(more)["kinetic_energy"] == pytest.approx(coarse.means(state)["kinetic_energy"], rel=1e-9)


def test_the_finer_run_has_the_nodes_among_its_positions(monkeypatch, tmp_path):
    settings = {"ROWS": 16, "COLUMNS": 32, "RAYLEIGH": 1e4, "START": 0.5, "END": 1.5, "FIRST": 0.75, "LAST": 1.25}
    for name, value in settings.items():
        monkeypatch.setattr(between, name, value)
    finer = Finer.read(tmp_path)
    monkeypatch.delattr(between, "simulated")  # the second time it is there
    xarray.testing.assert_identical(Finer.read(tmp_path).truth, finer.truth)
    nodes = finer.nodes.sel(t=slice(0.75, 1.25))
    on = finer.truth.isel(t=slice(None, None, 4), z=slice(None, None, 2), x=slice(None, None, 2))
    assert dict(finer.truth.sizes) == {"t": 9, "z": 31, "x": 64}
    assert dict(finer.nodes.sizes) == {"t": 5, "z": 16, "x": 32}
    for name in FIELDS:
        np.testing.assert_array_equal(on[name], nodes[name])
    for axis in AXES:
        np.testing.assert_allclose(on[axis], nodes[axis])
    assert is_node(finer.truth).sum() == nodes["b"].size


def test_values_between_nodes_are_judged_apart_from_those_at_nodes():
    truth = waves((9, 15, 32))
    wrong = truth["b"].where(~is_node(truth), truth["b"] + 1)
    assert r2(wrong, truth["b"], ~is_node(truth)) == 1
    assert r2(wrong, truth["b"], is_node(truth)) == pytest.approx(
        1 - 1 / float(truth["b"].values[is_node(truth)].var())
    )


def test_true_fields_are_without_error_between_nodes():
    truth = waves((9, 15, 32))
    nodes = waves((5, 16, 16))

    class Perfect:
        def __call__(self, coarse, like):
            return truth

    measured = between_nodes(Perfect(), CASES["standard"], Finer(nodes, truth))
    assert measured["r2"] == measured["r2_nodes"] == dict.fromkeys(FIELDS, 1.0)
    assert measured["residuals"] == measured["floor"]


def run(method="cubic", *, other="", budget=0.0, error=0.1):
    measured = {
        "r2": dict.fromkeys(FIELDS, 0.98765),
        "error": error,
        "residuals": dict.fromkeys(EQUATIONS, 0.5),
        "floor": dict.fromkeys(EQUATIONS, 0.01),
        "statistics": dict.fromkeys(STATISTICS, 0.2),
    }
    test = "other" if other else "same"
    return Run(method, "standard", test, other, 0, budget, 0.0, 0, measured, "today")


def test_records_are_read_as_written_and_the_last_one_counts(tmp_path):
    path = tmp_path / "runs.jsonl"
    for error in (0.3, 0.2):
        add_run(path, run(error=error))
    with path.open("a") as stream:
        stream.write('{"method": "cub')
    assert read_runs(path) == {run().key: run(error=0.2)}


def test_tables_have_a_row_for_each_run_and_one_for_the_truth(tmp_path):
    save([run("convnet", budget=20.0), run()], tmp_path)
    text = (tmp_path / "superresolution.md").read_text()
    assert text.index("| cubic interpolation | 0.98765 |") < text.index("| convolutional network, seed 0 | 0.98765 |")
    assert text.count("| the true fields | 1 | 1 | 1 | 1 | 0 | 0.01 |") == 1
    assert "superresolution.png" not in text
    assert report([run()]).count("\n| cubic interpolation |") == 2


def test_other_runs_have_tables_of_their_own():
    text = report([run(), run(other="first"), run(other="second")])
    assert [line for line in text.splitlines() if line.startswith("##")] == [
        "## The same run, t ≥ 41",
        "## Another run, t ≥ 18 (`first`)",
        "## Another run, t ≥ 18 (`second`)",
    ]
