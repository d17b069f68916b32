"""The solver against theory: the onset of convection, the order of its steps, the balance of energy."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from pinr import DeclarationError, FileFormatError
from pinr.superresolution import Convection, residuals, simulate, statistics
from pinr.superresolution.convection import _clamped, _held
from pinr.superresolution.grid_dataset import GridDataset

DATA = Path(__file__).parents[3] / "shared" / "data" / "rb2d_ra1e6.h5"

RAYLEIGH = 3e4  # of the run that is made here
CRITICAL_RAYLEIGH, CRITICAL_WAVENUMBER = (
    1707.762,
    3.117,
)  # Chandrasekhar, Hydrodynamic and hydromagnetic stability, 1961


def at_the_onset(rayleigh, prandtl=1.0, **counts):
    return Convection(rayleigh, prandtl, length=2 * np.pi / CRITICAL_WAVENUMBER, **{"nx": 8, "nz": 20, **counts})


@pytest.mark.parametrize("prandtl", [0.5, 1.0, 7.0])
def test_convection_begins_at_the_critical_rayleigh_number(prandtl):
    # The bound: by how much the number above is rounded.
    assert abs(at_the_onset(CRITICAL_RAYLEIGH, prandtl).rates(1)[0]) < 1e-6
    assert at_the_onset(0.99 * CRITICAL_RAYLEIGH, prandtl).rates(1)[0].real < 0
    assert at_the_onset(1.01 * CRITICAL_RAYLEIGH, prandtl).rates(1)[0].real > 0


def test_no_other_wavenumber_is_less_stable():
    for factor in (0.95, 1.05):
        flow = Convection(CRITICAL_RAYLEIGH, length=2 * np.pi / CRITICAL_WAVENUMBER / factor, nx=8, nz=20)
        assert flow.rates(1)[0].real < -1e-4


@pytest.mark.parametrize("rayleigh", [1000.0, 4000.0])
def test_small_disturbances_grow_at_the_rate_of_the_eigenvalue(rayleigh):
    flow = at_the_onset(rayleigh)
    heat = np.zeros((18, 4), dtype=complex)
    heat[0, 1] = 1e-8
    state, duration = flow.state(heat=heat), 0.1
    for _ in range(100):
        state = flow.step(state, duration)
    later = state
    for _ in range(50):
        later = flow.step(later, duration)
    growth = np.log(np.abs(later.heat[0, 1]) / np.abs(state.heat[0, 1])) / (50 * duration)
    assert growth == pytest.approx(flow.rates(1)[0].real, rel=1e-3)


def test_heat_decays_by_conduction_at_its_own_rate():
    flow = Convection(100.0, length=2.0, nx=4, nz=16)
    decays = flow.diffusivity * np.pi**2 * np.arange(1, 5) ** 2  # of sin nπz, without flow
    found = -flow.rates(0).real
    assert [found[np.argmin(np.abs(found - decay))] for decay in decays] == pytest.approx(decays, rel=1e-6)


def test_steps_are_of_second_order():
    flow = at_the_onset(3e4, nx=16, nz=20)
    heat = np.zeros((18, 8), dtype=complex)
    heat[0, 1] = 0.1
    start = flow.state(heat=heat)
    ends = {}
    for count in (10, 20, 40, 320):
        state = start
        for _ in range(count):
            state = flow.step(state, 2.0 / count)
        ends[count] = np.concatenate([state.heat.ravel(), state.stream.ravel()])
    errors = [np.linalg.norm(ends[count] - ends[320]) for count in (10, 20, 40)]
    orders = np.log2([errors[0] / errors[1], errors[1] / errors[2]])
    assert orders == pytest.approx(2, abs=0.15)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run that has reached convection, with frames near each other."""
    path = tmp_path_factory.mktemp("runs") / "run.h5"
    simulate(path, Ra=RAYLEIGH, nx=32, nz=24, length=2.0, until=14.0, every=0.1, seed=3, noise=1.0)
    return path


def test_what_is_found_obeys_the_equations_as_other_operators_see_them(run):
    fine = GridDataset(run, coarsen={}, select={"t": (12, None)}).fine()
    assert statistics(fine)["nusselt_volume"].min() > 1.5  # there is convection
    found = residuals(fine, plates=(0, 1))
    relative = {name: residual.attrs["relative"] for name, residual in found.items()}
    # Rounding to 2⁻¹⁶ of values 0.1 large is worth 1e-3 in derivatives on 32 cells.
    assert max(relative.values()) < 5e-3, relative
    without = residuals(fine.assign(p=0 * fine.p), plates=(0, 1))
    assert without["momentum_z"].attrs["relative"] > 0.1  # the pressure matters


def test_energy_is_balanced(run):
    fine = GridDataset(run, coarsen={}, select={"t": (12, None)}).fine()
    found = statistics(fine)
    energy, diffusivity = found["kinetic_energy"].values, (RAYLEIGH) ** -0.5
    power = (found["nusselt_volume"].values - 1) * diffusivity
    change = np.gradient(energy, 0.1)[1:-1]
    assert change == pytest.approx((power - found["dissipation"].values)[1:-1], abs=2e-3 * power.max())
    assert found["dissipation"].values == pytest.approx(2 * found["enstrophy"].values * diffusivity, rel=5e-3)
    with h5py.File(run) as file:
        assert file["kinetic_energy"][-1] == pytest.approx(energy[-1], rel=1e-3)
        assert file["nusselt_volume"][-1] == pytest.approx(found["nusselt_volume"].values[-1], rel=1e-3)


def test_a_seed_is_a_run(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        simulate(tmp_path / f"{name}.h5", Ra=1e4, nx=8, nz=8, until=1.0, seed=seed)
    a, b, c = (h5py.File(tmp_path / f"{name}.h5") for name in "abc")
    assert np.array_equal(a["w"][:], b["w"][:]) and not np.array_equal(a["w"][:], c["w"][:])
    assert a["w"].shape == (5, 8, 8) and a["t"][-1] == 1.0


def test_small_grids_and_wrong_numbers_are_refused(tmp_path):
    with pytest.raises(DeclarationError, match=r"nx=7, nz=64"):
        Convection(1e6, nx=7)
    with pytest.raises(DeclarationError, match=r"Ra=-1"):
        Convection(-1.0)
    with pytest.raises(DeclarationError, match=r"every=2\.0"):
        simulate(tmp_path / "run.h5", until=1.0, every=2.0)
    with pytest.raises(FileFormatError, match="does not exist"):
        simulate(tmp_path / "nowhere" / "run.h5", nx=8, nz=8, until=0.25)


def fitted(flow, fields, z):
    """The state whose values come nearest to fields on a grid, by polynomials of low degree."""
    degree, columns = 34, flow.nx // 2  # beyond, polynomials through even positions swing
    modes = {name: np.fft.rfft(values, axis=1, norm="forward")[:, :columns] for name, values in fields.items()}
    modes["b"][:, 0] -= 0.5 - z
    held = _held(flow.nz, z, 0)[:, :degree]
    clamped = [_clamped(flow.nz, z, order)[:, :degree] for order in range(2)]
    heat, stream = np.zeros((flow.nz - 2, columns), complex), np.zeros((flow.nz - 4, columns), complex)
    mean = np.zeros((flow.nz - 2, 1))
    heat[:degree] = np.linalg.lstsq(held, modes["b"])[0]
    mean[:degree] = np.linalg.lstsq(held, modes["u"][:, :1].real)[0]
    for column, k in enumerate(flow.wavenumbers[1:], start=1):
        right = np.concatenate([modes["u"][:, column], modes["w"][:, column]])
        stream[:degree, column] = np.linalg.lstsq(np.vstack([clamped[1], -1j * k * clamped[0]]), right)[0]
    return flow.state(heat=heat, stream=stream, mean=mean)


@pytest.mark.slow
@pytest.mark.skipif(not DATA.exists(), reason="needs the shared data")
def test_another_solver_takes_the_same_way():
    flow, first, frames = Convection(1e6), 120, 4
    with h5py.File(DATA) as file:
        z = file["z"][:]
        state = fitted(flow, {name: file[name][first].astype(float) for name in "buw"}, z)
        for _ in range(20 * frames):
            state = flow.step(state, 0.0125)
        found = flow.fields(state, z)
        errors = {}
        for name, values in found.items():
            truth = file[name][first + frames].astype(float)
            errors[name] = np.linalg.norm(values - truth) / np.linalg.norm(truth - truth.mean())
    # The pressure of the file is that of a stage within its steps of 0.0125, not quite that of its frames.
    assert max(errors[name] for name in "buw") < 2e-4 and errors["p"] < 5e-3, errors
