"""KdV's reference: two methods agree, and what the equation conserves is constant."""

import runpy
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2] / "problems"


@pytest.fixture(scope="module")
def methods():
    return runpy.run_path(str(ROOT / "references" / "kdv.py"))


@pytest.fixture(scope="module")
def u():
    return runpy.run_path(str(ROOT / "kdv.py"))["computed"]


def test_the_stored_solution_is_what_its_script_computes(u, methods):
    assert u.values == pytest.approx(methods["series"](512, 4000), abs=3e-7)


def test_differences_certify_the_solution(u, methods):
    assert u.values == pytest.approx(methods["differences"](1024, 1e-8), abs=3e-7)


def test_the_solution_begins_with_a_cosine_and_is_periodic(u):
    assert u.sel(t=0).values == pytest.approx(np.cos(np.pi * u.x.values), abs=1e-7)
    assert (u.values[0] == u.values[-1]).all()


def test_mass_momentum_and_energy_are_constant(u, methods):
    """`∫ u`, `∫ u²/2` and `∫ u³/6 − δ² u_x²/2` over a period, where the trapezoidal rule is exact."""
    values = u.values[:-1]
    waves = 2j * np.pi * np.fft.fftfreq(len(values), 2 / len(values))
    slope = np.fft.ifft(waves[:, None] * np.fft.fft(values, axis=0), axis=0).real
    mass, momentum = values.mean(axis=0), (values**2).mean(axis=0)
    energy = (values**3 / 3 - methods["DISPERSION"] * slope**2).mean(axis=0)
    assert mass == pytest.approx(0, abs=1e-7)
    assert momentum == pytest.approx(0.5, abs=1e-6)
    assert energy == pytest.approx(-methods["DISPERSION"] * np.pi**2 / 2, abs=1e-5)


def test_the_stored_file_is_small():
    assert (ROOT / "references" / "kdv.npz").stat().st_size < 60_000
