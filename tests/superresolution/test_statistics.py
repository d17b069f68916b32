"""Statistics of flows that are known in closed form, and of a simulation."""

from pathlib import Path

import numpy as np
import pytest

from pinr import DeclarationError
from pinr.superresolution import GridDataset, compare, statistics
from tests.superresolution.made_flows import dataset_of, grid_of

DATA = Path(__file__).parents[3] / "shared" / "data" / "rb2d_ra1e6.h5"
RAYLEIGH, PRANDTL = 1e4, 4.0
DIFFUSIVITY, VISCOSITY = (RAYLEIGH * PRANDTL) ** -0.5, (RAYLEIGH / PRANDTL) ** -0.5
A, B, K, LENGTH = 0.3, 0.2, 3 * np.pi, 2.0  # three waves in the period

# ψ = A sin² πz sin kx has no velocity at the plates.
ROLLS = {
    "p": lambda t, z, x: 0 * x,
    "b": lambda t, z, x: 0.5 - z + B * np.sin(np.pi * z) * np.cos(K * x),
    "u": lambda t, z, x: A * np.pi * np.sin(2 * np.pi * z) * np.sin(K * x),
    "w": lambda t, z, x: -A * K * np.sin(np.pi * z) ** 2 * np.cos(K * x),
}
ENERGY = A**2 * (np.pi**2 / 4 + 3 * K**2 / 16) / 2
VORTICITY = A**2 * (2 * np.pi**4 + np.pi**2 * K**2 + 3 * K**4 / 8) / 2  # ⟨ω²⟩
DISSIPATION = VISCOSITY * VORTICITY
GRADIENT = 1 + B**2 * (np.pi**2 + K**2) / 4
KNOWN = {
    "kinetic_energy": ENERGY,
    "rms_velocity": ENERGY**0.5,
    "enstrophy": VORTICITY / 2,
    "dissipation": DISSIPATION,
    "thermal_dissipation": DIFFUSIVITY * GRADIENT,
    "taylor_scale": (8 * VISCOSITY * ENERGY / DISSIPATION) ** 0.5,
    "taylor_reynolds": ENERGY * (8 / (DISSIPATION * VISCOSITY)) ** 0.5,
    "kolmogorov_length": (VISCOSITY**3 / DISSIPATION) ** 0.25,
    "kolmogorov_time": (VISCOSITY / DISSIPATION) ** 0.5,
    "kolmogorov_velocity": (VISCOSITY * DISSIPATION) ** 0.25,
    "integral_scale": 2 * np.pi / K,
    "nusselt_volume": 1 - A * B * K * 2 / (3 * np.pi) / DIFFUSIVITY,
    "nusselt_bottom": 1.0,
    "nusselt_top": 1.0,
    "nusselt_thermal": GRADIENT,
    "nusselt_viscous": 1 + DISSIPATION / DIFFUSIVITY,
}


def rolls(rows, columns=24):
    return dataset_of(ROLLS, grid_of((2, rows, columns), length=LENGTH), Ra=RAYLEIGH, Pr=PRANDTL)


@pytest.mark.parametrize("name", KNOWN)
def test_statistics_of_rolls_are_those_of_the_formula(name):
    assert statistics(rolls(48))[name].values == pytest.approx([KNOWN[name]] * 2, rel=2e-6)


def test_every_statistic_has_a_known_value():
    assert set(statistics(rolls(16)).data_vars) == {*KNOWN, "energy_spectrum"}


def test_means_converge_at_fourth_order_or_faster():
    errors = [abs(float(statistics(rolls(rows))["dissipation"][0]) / DISSIPATION - 1) for rows in (12, 24)]
    assert np.log2(errors[0] / errors[1]) > 4


def test_heights_need_not_be_evenly_spaced():
    coordinates = grid_of((2, 48, 24), length=LENGTH)
    coordinates["z"] = (1 - np.cos(np.pi * coordinates["z"])) / 2
    found = statistics(dataset_of(ROLLS, coordinates), Ra=RAYLEIGH, Pr=PRANDTL)
    for name, value in KNOWN.items():
        assert found[name].values == pytest.approx([value] * 2, rel=1e-4), name


def test_the_spectrum_has_all_of_the_energy():
    generator = np.random.default_rng(0)
    for columns in (15, 16):
        flow = dataset_of(ROLLS, grid_of((3, 20, columns), length=LENGTH))
        noisy = flow.map(lambda field: field + generator.normal(size=field.shape))
        found = statistics(noisy, Ra=RAYLEIGH, Pr=PRANDTL)
        total = found["energy_spectrum"].sum("wavenumber").values
        assert total == pytest.approx(found["kinetic_energy"].values, rel=1e-12)
        assert found["wavenumber"].values[1] == pytest.approx(2 * np.pi / LENGTH)


def test_the_energy_of_rolls_is_at_their_wavenumber():
    spectrum = statistics(rolls(48))["energy_spectrum"].isel(t=0)
    assert float(spectrum.sel(wavenumber=K, method="nearest")) == pytest.approx(ENERGY, rel=1e-6)
    assert float(spectrum.sum()) == pytest.approx(ENERGY, rel=1e-6)


def test_a_parallel_flow_has_the_dissipation_of_its_shear_and_no_waves():
    formulas = {**ROLLS, "u": lambda t, z, x: 4 * z * (1 - z), "w": lambda t, z, x: 0 * x}
    found = statistics(dataset_of(formulas, grid_of((1, 16, 8))), Ra=RAYLEIGH, Pr=PRANDTL)
    assert float(found["dissipation"][0]) == pytest.approx(VISCOSITY * 16 / 3)
    assert float(found["kinetic_energy"][0]) == pytest.approx(8 / 15 / 2)
    assert float(found["energy_spectrum"][0, 0]) == pytest.approx(8 / 15 / 2)
    assert np.isnan(found["integral_scale"][0])


def test_what_is_missing_is_named():
    flow = rolls(16)
    with pytest.raises(DeclarationError, match="no field `w`"):
        statistics(flow.drop_vars("w"))
    with pytest.raises(DeclarationError, match=r"no attribute `Ra`. Give the number, `Ra=…`"):
        statistics(flow.assign_attrs(Ra=None))
    with pytest.raises(DeclarationError, match=r"`Pr=-1`"):
        statistics(flow, Pr=-1)
    with pytest.raises(DeclarationError, match="does not say that x is periodic"):
        statistics(flow.assign_attrs(periodic=""))
    with pytest.raises(DeclarationError, match=r"`plates=\(0\.0, 0\.5\)`"):
        statistics(flow, plates=(0.0, 0.5))
    with pytest.raises(DeclarationError, match="The axes of a flow are t, z and x"):
        statistics(flow.rename(z="y"))


def test_scores_are_those_of_the_definition():
    truth = rolls(16)
    found = compare(truth.assign(b=truth.b + 0.1, u=0 * truth.u), truth)
    assert found["b"].error == pytest.approx(0.1 / float(truth.b.std()))
    assert found["u"].r2 == pytest.approx(0, abs=1e-12) and found["u"].error == pytest.approx(1)
    assert found["w"].r2 == 1 and found["w"].error == 0
    assert all(score.r2 == pytest.approx(1 - score.error**2) for score in found.values())
    assert found["nusselt_bottom"].r2 < 1
    assert str(found).splitlines()[4].split() == ["w", "1.0000", "0.00e+00"]


def test_a_constant_is_met_or_missed_altogether():
    truth = rolls(16)
    assert compare(truth, truth)["p"].r2 == 1
    assert compare(truth.assign(p=truth.p + 1), truth, with_statistics=False)["p"].r2 == -np.inf


def test_fields_at_other_positions_are_not_compared():
    truth = rolls(16)
    with pytest.raises(DeclarationError, match="the positions of `z` differ"):
        compare(rolls(20), truth)
    with pytest.raises(DeclarationError, match="positions of `x` differ"):
        compare(truth.assign_coords(x=truth.x + 0.01), truth)
    with pytest.raises(DeclarationError, match="What was found has no field `u`"):
        compare(truth.drop_vars("u"), truth)
    turned = truth.transpose("x", "z", "t")
    assert compare(turned, truth)["w"].r2 == 1


@pytest.mark.skipif(not DATA.exists(), reason="needs the shared data")
def test_the_nusselt_numbers_of_a_simulation_agree_in_the_mean_and_its_energy_is_balanced():
    found = statistics(GridDataset(DATA, coarsen={}, select={"t": (30, None)}).fine())
    kinds = ("volume", "bottom", "top", "thermal")
    numbers = [float(found[f"nusselt_{kind}"].mean()) for kind in kinds]
    assert max(numbers) / min(numbers) < 1.005
    energy, power = found["kinetic_energy"].values, 1e-3 * (found["nusselt_volume"].values - 1)
    change = np.gradient(energy, 0.25)
    missing = (power - found["dissipation"].values - change)[1:-1]
    assert abs(missing.mean()) < 2e-3 * power.mean() and missing.std() < 1e-2 * power.mean()
