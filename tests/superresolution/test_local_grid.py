"""Networks on coarse grids whose decoder is a spline: pieces, files, equations between the nodes, training."""

import h5py
import numpy as np
import pytest
import torch

from pinr.errors import DeclarationError, FileFormatError, TrainingError
from pinr.language.equations import Eq
from pinr.superresolution import GridDataset, Standardisation, rayleigh_benard
from pinr.superresolution import model as model_module
from pinr.superresolution.equation_rows import EquationRows
from pinr.superresolution.fit import Fit, derivatives_at, fit, grid_axes
from pinr.superresolution.local_grid import LocalImplicitGrid
from pinr.superresolution.model import SuperResolution
from pinr.superresolution.spline import Axis, Lattice, interpolating, padded
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
    network = SMALL.build(grid_axes(data), 4, seed=2)
    return SuperResolution(network, FIELDS, data.standardisation, {"steps": 0})


@pytest.mark.parametrize("recipe", [SMALL, LocalImplicitGrid(5, 1, levels=2)], ids=str)
def test_coefficients_are_those_of_the_nodes(data, recipe):
    network = recipe.build(grid_axes(data), 4, seed=1)
    crops = data.crops(3, size={"t": 5}, generator=np.random.default_rng(0))
    found = network(torch.from_numpy(crops.coarse))
    assert found.shape == (3, 4, *(n + 4 for n in crops.fine.shape[2:]))
    again = recipe.build(grid_axes(data), 4, seed=1)
    assert all(torch.equal(a, b) for a, b in zip(network.parameters(), again.parameters(), strict=True))


def test_a_shift_along_a_periodic_axis_is_a_shift_of_what_is_found(data):
    network = SMALL.build(grid_axes(data), 4)
    coarse = torch.randn(1, 4, 4, 4, 8, generator=torch.Generator().manual_seed(0))
    one = network(coarse)[..., 2:-2]
    other = network(coarse.roll(3, dims=-1))[..., 2:-2]
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
    lattice = Lattice((2.5, 2.5, 0.5), (1, 1, 1), tuple(n - 5 for n in counts))
    flat = derivatives_at(padded(interpolating(values, axes), axes), axes, lattice, rows.indices)
    own = [
        float(run[a][0]) + h * (s + np.arange(n))
        for a, h, s, n in zip("tzx", steps, lattice.starts, lattice.counts, strict=True)
    ]
    t, z, x = (g.ravel() for g in np.meshgrid(*own, indexing="ij"))
    u, w = FORMULAS["u"](t, z, x), FORMULAS["w"](t, z, x)
    wave, diffusivity = 0.1 * np.sin(m * z), (1e4 * 2) ** -0.5
    slope_x, slope_z = k * wave * np.cos(k * x + t), -1 + 0.1 * m * np.sin(k * x + t) * np.cos(m * z)
    laplacian = -(k**2 + m**2) * wave * np.sin(k * x + t)
    exact = {
        "continuity": 0 * t,
        "energy": wave * np.cos(k * x + t) + u * slope_x + w * slope_z - diffusivity * laplacian,
    }
    residuals = rows.residuals(flat)
    return {name: float((residuals[name] - torch.from_numpy(e)).abs().max()) for name, e in exact.items()}


def test_residuals_between_the_nodes_converge_to_those_of_the_flow():
    coarse, fine = residuals_of((9, 17, 24)), residuals_of((17, 33, 48))
    for name in coarse:
        assert fine[name] < coarse[name] / 6, name  # first derivatives of cubic splines have the third order
    assert fine["continuity"] < 1e-2


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
    own = Fit(data, continuity, LocalImplicitGrid(16, 2), gamma=gamma, batch=2)
    optimizer = torch.optim.Adam(own.network.parameters(), lr=5e-3)
    history = []
    for _ in range(60):
        loss, parts = own.loss()
        history.append(parts)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert set(history[0]) == ({"data", "continuity"} if gamma else {"data"})
    for name, first in history[0].items():
        assert history[-1][name] < 0.5 * first, name


def test_mirror_images_are_those_of_the_fields_in_their_units(data):
    own = Fit(data, rayleigh_benard(), SMALL, gamma=0.0)
    own.generator = type("Always", (), {"random": staticmethod(np.zeros)})()
    crops = data.crops(2, size={"t": 3}, generator=np.random.default_rng(0))
    _, fine = own._mirrored(torch.from_numpy(crops.coarse), torch.from_numpy(crops.fine))
    for column, name in enumerate(FIELDS):
        mean, scale = data.standardisation.mean[name], data.standardisation.scale[name]
        expected = (mean + scale * crops.fine[:, column])[..., ::-1] * (-1 if name == "u" else 1)
        np.testing.assert_allclose(mean + scale * fine[:, column].numpy(), expected, rtol=1e-5, atol=1e-5)


def test_fit_gives_a_model_of_the_data(data):
    model = fit(data, seconds=4, network=LocalImplicitGrid(16, 2), batch=2, progress=False)
    fine, found = data.fine(), model.upsample(data.coarsened(), like=data.fine())
    for name in FIELDS:
        error = float(((found[name] - fine[name]) ** 2).mean() / fine[name].var())
        assert error < 0.2, name
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
        Fit(GridDataset(still, fields=FIELDS, coarsen={"t": 4, "z": 4, "x": 4}), equations.take("continuity"), SMALL)


def test_values_that_are_not_finite_end_the_training():
    broken = run_of()
    broken["b"][3] = np.nan
    with pytest.raises((TrainingError, DeclarationError)):
        fit(
            GridDataset(broken, fields=FIELDS, coarsen={"t": 4, "z": 4, "x": 4}, standardise=False),
            seconds=2,
            progress=False,
        )


@pytest.mark.parametrize(("options", "words"), [({"seconds": 0}, "time must be positive"), ({"gamma": -1}, "weight")])
def test_arguments_that_are_none(data, options, words):
    with pytest.raises(DeclarationError, match=words):
        fit(data, **options)
