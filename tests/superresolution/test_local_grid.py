"""Networks on coarse grids whose decoder is a spline: pieces, files, equations between the nodes, training."""

import h5py
import numpy as np
import pytest
import torch

from pinr.errors import DeclarationError, FileFormatError, TrainingError
from pinr.language.equations import Eq
from pinr.superresolution import GridDataset, Standardisation, rayleigh_benard
from pinr.superresolution import model as model_module
from pinr.superresolution.crop_loss import CropLoss
from pinr.superresolution.equation_rows import EquationRows, rows_of
from pinr.superresolution.fit import fit
from pinr.superresolution.grid_axes import grid_axes
from pinr.superresolution.local_grid import LocalImplicitGrid
from pinr.superresolution.mirrors import mirrors_of
from pinr.superresolution.model import SuperResolution
from pinr.superresolution.spline import Axis, on_lattice
from tests.superresolution.made_flows import dataset_of, grid_of

SMALL = LocalImplicitGrid(width=6, depth=1)
FIELDS = ("p", "b", "u", "w")
k, m, c = np.pi / 2, np.pi, 0.7
FORMULAS = {  # u = ψ_z, w = −ψ_x with ψ = sin(k (x − c t)) sin²(m z): no divergence
    "p": lambda t, z, x: np.cos(k * x) * z**2 * (1 + t),
    "b": lambda t, z, x: 0.5 - z + 0.1 * np.sin(k * x + t) * np.sin(m * z),
    "u": lambda t, z, x: m * np.sin(k * (x - c * t)) * np.sin(2 * m * z),
    "w": lambda t, z, x: -k * np.cos(k * (x - c * t)) * np.sin(m * z) ** 2,
}


def run_of(frames=21, rows=16, columns=32):
    return dataset_of(FORMULAS, grid_of((frames, rows, columns), duration=0.1 * (frames - 1)))


@pytest.fixture(scope="module")
def data():
    return GridDataset(run_of(), fields=FIELDS, coarsen={"t": 4, "z": 4, "x": 4})


@pytest.fixture
def model(data):
    equations = rayleigh_benard()
    network = SMALL.build(grid_axes(data, equations), 4, seed=2)
    return SuperResolution(network, FIELDS, data.standardisation, {"steps": 0}, equations.walls)


def test_values_are_those_of_the_nodes_and_cells_hold_the_same(data):
    network = SMALL.build(grid_axes(data), 4, seed=1)
    crops = data.crops(3, size={"t": 5}, generator=np.random.default_rng(0))
    coarse, fine = torch.from_numpy(crops.coarse), torch.from_numpy(crops.fine)
    assert network(coarse).shape == fine.shape
    whole = fine[:, :, :16]
    cells = network.in_cells(whole)
    assert cells.shape == (3, 4, 4, 8, 4, 4, 4, 4)  # batch, t, z, x, fields and the factors
    last = torch.zeros(3, 1, *cells.shape[2:])
    torch.testing.assert_close(network.in_place(torch.cat([cells, last], dim=1))[:, :, :16], whole)
    again = SMALL.build(grid_axes(data), 4, seed=1)
    assert all(torch.equal(a, b) for a, b in zip(network.parameters(), again.parameters(), strict=True))


@pytest.mark.parametrize("rule", ["subsample", "mean"])
def test_averages_of_boxes_are_the_coarse_values(rule):
    own = GridDataset(run_of(), fields=FIELDS, coarsen={"t": 4, "z": 4, "x": 4}, coarsen_by={"t": rule})
    network = LocalImplicitGrid(6, 1, keeps_averages=True).build(grid_axes(own), 4, seed=1)
    crops = own.crops(2, size={"t": 4}, generator=np.random.default_rng(0))
    with torch.no_grad():
        fine = network(torch.from_numpy(crops.coarse)).double().numpy()
    np.testing.assert_allclose(own.coarsening.values(fine, own.axes), crops.coarse, rtol=1e-4, atol=1e-5)


def test_a_shift_along_a_periodic_axis_is_a_shift_of_what_is_found(data):
    network = SMALL.build(grid_axes(data), 4)
    coarse = torch.randn(1, 4, 4, 4, 8, generator=torch.Generator().manual_seed(0))
    one, other = network(coarse), network(coarse.roll(3, dims=-1))
    torch.testing.assert_close(one.roll(12, dims=-1), other, rtol=1e-4, atol=1e-5)


def test_pieces_of_a_trajectory_are_the_whole(data, model, monkeypatch):
    coarse = data.coarsened()
    whole = model.upsample(coarse)
    monkeypatch.setattr(model_module, "FRAMES", 1)
    assert len(list(model.pieces(coarse))) == coarse.sizes["t"]
    pieces = model.upsample(coarse)
    for name in FIELDS:
        np.testing.assert_allclose(pieces[name], whole[name], rtol=1e-4, atol=1e-5)


def test_nodes_are_the_positions_of_the_fine_data_and_any_others_can_be_asked_for(data, model):
    fine, coarse = data.fine(), data.coarsened()
    found, same = model.upsample(coarse), model.upsample(coarse, like=fine)
    for axis in "tzx":
        np.testing.assert_allclose(found[axis], fine[axis], rtol=0, atol=1e-12)
    for name in FIELDS:
        np.testing.assert_allclose(found[name], same[name], rtol=1e-5, atol=1e-6)
    between = fine.isel(t=slice(1, 4)).assign_coords(x=fine["x"] + 4.0, z=fine["z"])
    periodic = model.upsample(coarse, like=between)
    np.testing.assert_allclose(periodic["u"], same["u"].isel(t=slice(1, 4)), rtol=1e-5, atol=1e-5)
    with pytest.raises(DeclarationError, match="z = 3"):
        model.upsample(coarse, like=fine.assign_coords(z=fine["z"] + 3 - float(fine["z"][0])))


def test_a_stored_model_is_the_same_and_damaged_files_are_refused(data, model, tmp_path):
    model.save(tmp_path / "rb.h5")
    loaded = SuperResolution.load(tmp_path / "rb.h5")
    coarse = data.coarsened()
    for name, values in model.upsample(coarse).items():
        assert np.array_equal(values, loaded.upsample(coarse)[name])
    with h5py.File(tmp_path / "rb.h5", "a") as file:
        del file["weights/last.bias"]
    with pytest.raises(FileFormatError, match="damaged"):
        SuperResolution.load(tmp_path / "rb.h5")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["u"] = np.zeros(3)
    with pytest.raises(FileFormatError, match="no model"):
        SuperResolution.load(tmp_path / "other.h5")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.drop_vars("w"), "no field `w`"),
        (lambda d: d.drop_vars("z"), "no positions of `z`"),
        (lambda d: d.assign_coords(t=2 * d["t"]), "steps of 0.8 along `t`"),
        (lambda d: d.isel(z=slice(0, 2)), "2 positions along `z`"),
        (lambda d: d.isel(x=slice(0, 4)), "with 8"),
        (lambda d: d.isel(t=slice(0, 1)), "too few"),
    ],
)
def test_coarse_data_of_another_kind_are_refused(data, model, change, words):
    with pytest.raises(DeclarationError, match=words):
        model.upsample(change(data.coarsened()))


def residuals_of(counts):
    """Of the manufactured flow on splines through its values, with the exact residuals, away from the ends."""
    run = dataset_of(FORMULAS, grid_of(counts))
    rows = EquationRows(rayleigh_benard(Ra=1e4, Pr=2), Standardisation.none(FIELDS), FIELDS, ("t", "z", "x"))
    steps = [float(run[a][1] - run[a][0]) for a in "tzx"]
    axes = [Axis(n, h, a == "x") for a, n, h in zip("tzx", counts, steps, strict=True)]
    values = torch.from_numpy(np.stack([run[name].values for name in FIELDS]))[None]
    starts = (2.5, 2.5, 0.5)
    places = [start + np.arange(n - 5) for start, n in zip(starts, counts, strict=True)]
    residuals = rows.residuals(rows_of(on_lattice(values, axes, places, rows.indices)))
    own = [float(run[a][0]) + h * own for a, h, own in zip("tzx", steps, places, strict=True)]
    t, z, x = (g.ravel() for g in np.meshgrid(*own, indexing="ij"))
    u, w = FORMULAS["u"](t, z, x), FORMULAS["w"](t, z, x)
    wave, diffusivity = 0.1 * np.sin(m * z), (1e4 * 2) ** -0.5
    slope_x, slope_z = k * wave * np.cos(k * x + t), -1 + 0.1 * m * np.sin(k * x + t) * np.cos(m * z)
    laplacian = -(k**2 + m**2) * wave * np.sin(k * x + t)
    exact = {
        "continuity": 0 * t,
        "energy": wave * np.cos(k * x + t) + u * slope_x + w * slope_z - diffusivity * laplacian,
    }
    return {name: float((residuals[name] - torch.from_numpy(e)).abs().max()) for name, e in exact.items()}


def test_residuals_between_the_nodes_converge_to_those_of_the_flow():
    coarse, fine = residuals_of((17, 33, 48)), residuals_of((33, 65, 96))
    for name in coarse:
        assert fine[name] < coarse[name] / 16, name  # second derivatives of splines of fifth degree are of fourth order
    assert fine["continuity"] < 1e-7


def test_equations_elsewhere_are_refused(data):
    equations = rayleigh_benard()
    u = equations.unknowns["u"]
    x = equations.coordinates["x"]
    object.__setattr__(
        equations, "equations", {**equations.equations, "odd": equations["energy"].subs(u, u.subs(x, 0))}
    )
    with pytest.raises(DeclarationError, match="not elsewhere"):
        EquationRows(equations, data.standardisation, FIELDS, data.axes)


@pytest.mark.parametrize("gamma", [0.0, 0.1])
def test_training_brings_values_and_residuals_down(data, gamma):
    continuity = rayleigh_benard().take("continuity")  # which the flow obeys
    own = CropLoss(data, continuity, LocalImplicitGrid(16, 2), gamma=gamma, batch=2)
    optimizer = torch.optim.Adam(own.network.parameters(), lr=5e-3)
    history = []
    for _ in range(100):
        loss, parts = own()
        history.append(parts)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert set(history[0]) == ({"data", "continuity"} if gamma else {"data"})
    for name, first in history[0].items():
        assert history[-1][name] < 0.5 * first, name


def test_mirror_images_are_those_of_the_fields_in_their_units(data):
    own = CropLoss(data, rayleigh_benard(), SMALL, gamma=0.0, batch=2)
    assert own.mirrors == {"x": ("u",), "z": ("b", "w")}
    own.generator = type("Always", (), {"random": staticmethod(np.zeros)})()
    crops = data.crops(2, size={"t": 3}, generator=np.random.default_rng(0))
    before = crops.fine.copy()
    _, fine = own._mirrored(torch.from_numpy(crops.coarse), torch.from_numpy(crops.fine))
    for column, name in enumerate(FIELDS):
        mean, scale = data.standardisation.mean[name], data.standardisation.scale[name]
        sign = (-1 if name == "u" else 1) * (-1 if name in "bw" else 1)
        expected = (mean + scale * before[:, column])[..., ::-1, ::-1] * sign
        np.testing.assert_allclose(mean + scale * fine[:, column].numpy(), expected, rtol=1e-5, atol=1e-5)


def test_parts_of_a_layer_have_no_mirror_images_and_no_walls(data):
    part = GridDataset(run_of(), fields=FIELDS, coarsen={"t": 4, "z": 4, "x": 4}, select={"z": (0, 0.5)})
    assert mirrors_of(part, rayleigh_benard()) == {"x": ("u",)}
    assert [axis.walls for axis in grid_axes(part, rayleigh_benard())] == [None, None, None]
    assert grid_axes(data, rayleigh_benard())[1].walls == pytest.approx((0.5, 0.5))
    with pytest.raises(DeclarationError, match=r"walls at z = 0.5 and 1.5.*plates=\(0, 1\)"):
        grid_axes(data, rayleigh_benard(plates=(0.5, 1.5)))
    with pytest.raises(DeclarationError, match="1 apart"):
        rayleigh_benard(plates=(0, 2))


def test_fit_gives_a_model_of_the_data(data):
    model = fit(data, seconds=6, network=LocalImplicitGrid(16, 2), batch=2, progress=False)
    fine, found = data.fine(), model.upsample(data.coarsened(), like=data.fine())
    for name in FIELDS:
        error = float(((found[name] - fine[name]) ** 2).mean() / fine[name].var())
        assert error < 0.4, name  # linear interpolation has 0.5 of p
    assert model.notes["steps"] > 3


def test_times_that_do_not_increase_are_refused(data, model):
    with pytest.raises(DeclarationError, match="do not increase"):
        model.upsample(data.coarsened(), like=data.fine().isel(t=[3, 2, 5]))


@pytest.mark.parametrize(
    ("options", "words"),
    [({"coarsen_by": "subsample"}, "averages of boxes"), ({"time": "s"}, "no time that goes on")],
)
def test_data_that_networks_cannot_see_are_refused(options, words):
    odd = GridDataset(run_of(frames=20), fields=FIELDS, coarsen={"t": 4, "z": 4, "x": 4}, **options)
    with pytest.raises(DeclarationError, match=words):
        grid_axes(odd)


def test_equations_of_other_axes_of_places_and_without_terms_are_refused(data):
    equations = rayleigh_benard()
    with pytest.raises(DeclarationError, match="the axis `t`"):
        EquationRows(equations, data.standardisation, FIELDS, ("time", "z", "x"))
    z = equations.coordinates["z"]
    placed = equations.take("energy")
    object.__setattr__(placed, "equations", {"energy": Eq(equations.unknowns["b"], z)})
    with pytest.raises(DeclarationError, match="coordinates themselves"):
        EquationRows(placed, data.standardisation, FIELDS, data.axes)
    still = run_of().assign({name: 0 * run_of()[name] for name in "uw"})
    with pytest.raises(DeclarationError, match="continuity"):
        CropLoss(
            GridDataset(still, fields=FIELDS, coarsen={"t": 4, "z": 4, "x": 4}),
            equations.take("continuity"),
            SMALL,
            gamma=1.0,
            batch=2,
        )


def test_values_that_are_not_finite_end_the_training():
    broken = run_of()
    broken["b"][3] = np.nan
    with pytest.raises((TrainingError, DeclarationError)):
        fit(
            GridDataset(broken, fields=FIELDS, coarsen={"t": 4, "z": 4, "x": 4}, standardise=False),
            seconds=2,
            progress=False,
        )


@pytest.mark.parametrize(
    ("options", "words"),
    [({"seconds": 0}, "time must be positive"), ({"gamma": -1}, "weight"), ({"precision": "double"}, "precision")],
)
def test_arguments_that_are_none(data, options, words):
    with pytest.raises(DeclarationError, match=words):
        fit(data, **options)


def test_values_at_points_are_those_of_the_grid_and_walls_are_met(data, model):
    coarse = data.coarsened()
    whole = model.upsample(coarse)
    rows = np.array([0, 7, 20])
    points = {"t": whole["t"].values[rows], "z": whole["z"].values[[1, 0, 15]], "x": whole["x"].values[[31, 2, 5]] + 4}
    found = model.at(coarse, points)
    for name in FIELDS:
        expected = whole[name].values[rows, [1, 0, 15], [31, 2, 5]]
        np.testing.assert_allclose(found[name], expected, rtol=1e-4, atol=1e-4)
    at_plates = model.at(coarse, {"t": 0.55, "z": [0.0, 1.0], "x": 0.3})
    np.testing.assert_allclose(at_plates["b"], [0.5, -0.5], atol=1e-6)
    np.testing.assert_allclose(at_plates["u"], 0, atol=1e-6)
    h = 1e-4
    sides = [model.at(coarse, {"t": 0.55, "z": 0.4, "x": 0.3 + s * h})["w"] for s in (-1, 1)]
    slope = model.at(coarse, {"t": 0.55, "z": 0.4, "x": 0.3}, derivative={"x": 1})["w"]
    assert slope == pytest.approx((sides[1] - sides[0]) / (2 * h), rel=1e-3)
    with pytest.raises(DeclarationError, match="`points` are about t, z"):
        model.at(coarse, {"t": 0, "z": 0})
    with pytest.raises(DeclarationError, match="`derivative` are about y"):
        model.at(coarse, {"t": 0, "z": 0, "x": 0}, derivative={"y": 1})
    with pytest.raises(DeclarationError, match=r"z = 1\.1"):
        model.at(coarse, {"t": 0, "z": 1.1, "x": 0})


def test_a_training_goes_on_where_it_stopped(data, tmp_path):
    options = {"network": SMALL, "batch": 2, "progress": False, "out": tmp_path / "run"}
    first = fit(data, seconds=1.5, **options)
    again = fit(data, seconds=1.5, **options)  # its time is up
    assert again.notes["steps"] == first.notes["steps"]
    coarse = data.coarsened()
    assert again.upsample(coarse).equals(first.upsample(coarse))
    assert SuperResolution.load(tmp_path / "run" / "model.h5").upsample(coarse).equals(first.upsample(coarse))
    longer = fit(data, seconds=2.5, **options)
    assert longer.notes["steps"] > first.notes["steps"]
    with pytest.raises(TrainingError, match="another network"):
        fit(data, seconds=1.5, **{**options, "network": LocalImplicitGrid(7, 1)})
    (tmp_path / "run" / "checkpoint.pt").write_bytes(b"none")
    with pytest.raises(FileFormatError, match="start afresh"):
        fit(data, seconds=1.5, **options)


def test_half_precision_is_near_single(data):
    own = CropLoss(data, None, SMALL, gamma=0.0, batch=2)
    coarse = torch.from_numpy(data.crops(2, size={"t": 3}, generator=np.random.default_rng(0)).coarse)
    single, half = own.network.cells(coarse), own.network.cells(coarse, torch.bfloat16)
    assert half.dtype == torch.float32
    assert 0 < (single - half).abs().max() < 0.05 * single.abs().max()
