"""Fields brought to obey equations: the minimum that is sought, waves, records, models."""

import dataclasses

import numpy as np
import pytest
import torch

from pinr.errors import DeclarationError
from pinr.superresolution import GridDataset, Standardisation, rayleigh_benard
from pinr.superresolution.crop_loss import CropLoss
from pinr.superresolution.equation_rows import EquationRows
from pinr.superresolution.local_grid import LocalImplicitGrid
from pinr.superresolution.model import SuperResolution
from pinr.superresolution.records import equations_from, equations_record
from pinr.superresolution.refinement import Refinement, residuals_at_nodes
from pinr.superresolution.spline import Axis
from pinr.superresolution.waves import amplitudes, resampled, smoothed, superposed, waves
from tests.superresolution.test_local_grid import FIELDS, run_of

AXES = (Axis(6, 0.1), Axis(5, 0.2, walls=(0.5, 0.5)), Axis(6, 0.5, is_periodic=True))
NO_ENDS = (None, None, None)


def rows_for(*names):
    equations = rayleigh_benard(Ra=1e4).take(*names) if names else rayleigh_benard(Ra=1e4)
    return EquationRows(equations, Standardisation.none(FIELDS), FIELDS, ("t", "z", "x"))


def random_fields(seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(1, 4, *(axis.count for axis in AXES), generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("is_periodic", [True, False])
@pytest.mark.parametrize("count", [1, 2, 7, 8])
def test_waves_are_orthonormal_and_ordered_by_frequency(count, is_periodic):
    own = waves(count, is_periodic)
    np.testing.assert_allclose(own @ own.T, np.eye(count), atol=1e-12)
    changes = (np.diff(np.sign(np.round(own, 12)), axis=1) != 0).sum(axis=1)
    assert np.all(changes[1:] >= changes[0])
    steps = np.linalg.norm(np.diff(own, axis=1, append=own[:, :1] if is_periodic else own[:, -1:]), axis=1)
    assert np.all(np.diff(steps) > -1e-9)


def test_waves_add_up_to_the_values():
    values = random_fields()
    torch.testing.assert_close(superposed(amplitudes(values, AXES), AXES), values)
    torch.testing.assert_close(amplitudes(values, AXES).square().sum(), values.square().sum())


def test_spectra_are_smoothed_and_resampled_by_frequency():
    flat = np.full((4, 6, 5, 6), 2.0)
    np.testing.assert_allclose(smoothed(flat, AXES), flat)
    falling = np.exp(-np.arange(20) / 20)[None, :, None]
    wanted = np.exp(-np.arange(40) / 40)[None, :, None]
    np.testing.assert_allclose(resampled(falling, 1, 40)[:, :39], wanted[:, :39], rtol=5e-3)
    assert resampled(falling, 1, 20) is falling


@pytest.mark.parametrize("tolerance", [0.7, 1e4], ids=["robust", "quadratic"])
def test_the_minimum_is_that_of_the_normal_equations(tolerance):
    """By iteratively reweighted least squares, which know nothing of L-BFGS."""
    rows, values = rows_for("continuity"), random_fields()
    errors = (0.5 + np.random.default_rng(0).random(values.shape[1:]) * min(tolerance, 100)).astype(np.float32)
    found = Refinement(rows, errors, {"continuity": tolerance}, NO_ENDS).refined(values, AXES, 1500)
    size, fields = values.numel(), values.shape[1]
    sigma = torch.from_numpy(errors).double().reshape(-1)
    units = torch.eye(size, dtype=torch.float64)
    waves_of = torch.stack([superposed(e.reshape(values.shape), AXES).reshape(-1) for e in units], dim=1)

    def residual(flat):
        return residuals_at_nodes(rows, flat.reshape(values.shape), AXES, NO_ENDS)["continuity"].detach()

    matrix = torch.stack([residual(e) for e in units], dim=1) @ (waves_of * sigma)
    given, unknowns = residual(values.reshape(-1)), torch.zeros(size, dtype=torch.float64)
    for _ in range(200):
        weights = (1 + ((given + matrix @ unknowns) / tolerance) ** 2) ** -0.5 / (len(given) * tolerance**2)
        # ⟨u²⟩ over the unknowns of every field, ⟨ρ(r/τ)⟩ over all points
        normal = units * fields / size + matrix.T @ (weights[:, None] * matrix)
        unknowns = torch.linalg.solve(normal, -matrix.T @ (weights * given))
    exact = values + (waves_of @ (sigma * unknowns)).reshape(values.shape)
    assert (exact - values).abs().max() > 1e-3
    torch.testing.assert_close(found, exact, rtol=1e-4, atol=1e-4)


def test_fields_that_obey_stay_and_small_errors_in_them_get_smaller():
    data = GridDataset(run_of(17), fields=FIELDS, coarsen={"t": 4, "z": 4, "x": 4})
    equations = rayleigh_benard().take("continuity")
    loss = CropLoss(data, equations, LocalImplicitGrid(4, 1), gamma=1.0, batch=1)
    truth = torch.from_numpy(data.crops(1, size={"t": 5}, generator=np.random.default_rng(0)).fine).double()
    axes = [axis.spline_axis(n) for axis, n in zip(loss.axes, (5, 4, 8), strict=True)]
    refinement = dataclasses.replace(Refinement.measured(loss), errors=np.full(truth.shape[1:], 0.1, dtype=np.float32))
    assert refinement.tolerances["continuity"] < 1e-3 * loss.sizes["continuity"]
    noise = 0.1 * torch.randn(truth.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    found = refinement.refined(truth + noise, axes, 1000)
    before, after = (
        residuals_at_nodes(loss.rows, v, axes, loss.ends)["continuity"].square().mean() for v in (truth + noise, found)
    )
    assert after < 1e-3 * before
    velocity = slice(2, 4)  # half of its errors are divergences
    assert (found - truth)[:, velocity].square().mean() < 0.7 * noise[:, velocity].square().mean()
    torch.testing.assert_close(found[:, :2], (truth + noise)[:, :2])
    torch.testing.assert_close(refinement.refined(truth, axes, 20), truth, rtol=0, atol=1e-3)


def test_equations_are_the_same_after_a_file():
    equations = rayleigh_benard(Ra=2e5, Pr=0.7, plates=(-0.5, 0.5)).weighted(continuity=2)
    again = equations_from(equations_record(equations))
    assert dict(again) == dict(equations)
    assert again == equations


@pytest.fixture(scope="module")
def refining(tmp_path_factory):
    data = GridDataset(run_of(41), fields=FIELDS, coarsen={"t": 4, "z": 4, "x": 4})
    equations = rayleigh_benard().take("continuity")
    loss = CropLoss(data, equations, LocalImplicitGrid(6, 1, keeps_averages=True), gamma=1.0, batch=1)
    refinement = Refinement.measured(loss)
    model = SuperResolution(loss.network, FIELDS, data.standardisation, {}, equations.walls, refinement)
    path = tmp_path_factory.mktemp("model") / "model.h5"
    model.save(path)
    return data, model, SuperResolution.load(path)


def test_models_refine_in_their_units_and_after_a_file(refining):
    data, model, loaded = refining
    coarse = data.coarsened()
    found, again = model.upsample(coarse, refine=10), loaded.upsample(coarse, refine=10)
    assert found.equals(again)
    raw = model.upsample(coarse, refine=0)
    divergences = [float(((d["u"].differentiate("x") + d["w"].differentiate("z")) ** 2).mean()) for d in (raw, found)]
    assert divergences[1] < 0.5 * divergences[0]
    middle = model.at(coarse, {"t": 1.0, "z": 0.5, "x": 1.0}, refine=10)["u"]
    assert middle == pytest.approx(float(found["u"].interp(t=1.0, z=0.5, x=1.0, method="cubic")), abs=0.05)


@pytest.mark.parametrize("steps", [-1, 2.5])
def test_steps_that_are_none(refining, steps):
    data, model, _ = refining
    with pytest.raises(DeclarationError, match="number of steps"):
        model.upsample(data.coarsened(), refine=steps)


def test_only_what_is_asked_for_is_worked_on(refining, monkeypatch):
    data, model, _ = refining
    seen = []
    refined = Refinement.refined

    def counted(self, values, axes, steps):
        seen.append(steps)
        return refined(self, values, axes, steps)

    monkeypatch.setattr(Refinement, "refined", counted)
    monkeypatch.setattr("pinr.superresolution.model.FRAMES", 2)
    coarse = data.coarsened()
    one = model.at(coarse, {"t": 2.0, "z": 0.5, "x": 1.0}, refine=3)["b"]
    assert seen == [3]
    late = data.fine().isel(t=slice(20, 23))
    assert model.upsample(coarse, like=late, refine=3)["b"].sizes["t"] == 3
    assert len(seen) == 2
    assert np.isfinite(one)
