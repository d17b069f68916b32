"""Schrödinger's reference: the method meets a closed form, converges, and keeps what the equation keeps."""

import runpy
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def methods():
    return runpy.run_path(str(ROOT / "problems" / "references" / "schroedinger.py"))


@pytest.fixture(scope="module")
def stored():
    return runpy.run_path(str(ROOT / "problems" / "schroedinger.py"))["computed"].values


def test_the_closed_form_satisfies_the_equation(methods):
    """By differences of sixth order; this certifies what the next test compares with."""
    h = 2e-2
    x, t = np.meshgrid(np.linspace(-2, 2, 9), np.linspace(0.1, 1.4, 7), indexing="ij")
    offsets = h * np.arange(-3, 4)
    first = np.array([-1, 9, -45, 0, 45, -9, 1]) / 60
    second = np.array([2, -27, 270, -490, 270, -27, 2]) / 180
    in_x = methods["two_solitons"](x[..., None] + offsets, t[..., None])
    in_t = methods["two_solitons"](x[..., None], t[..., None] + offsets / 100)
    wave = in_x[..., 3]
    residual = 1j * in_t @ first / (h / 100) + in_x @ second / (2 * h**2) + np.abs(wave) ** 2 * wave
    assert np.abs(residual).max() < 1e-3 * np.abs(in_t @ first / (h / 100)).max()


def test_the_method_gives_two_solitons_on_a_wide_interval(methods):
    x, t = np.linspace(-16, 16, 129), methods["TIMES"]
    assert methods["splitting"](1024, 1000, half=16.0) == pytest.approx(
        methods["two_solitons"](x[:, None], t), abs=1e-5
    )


def test_the_method_converges_at_fourth_order_in_its_step(methods):
    exact = methods["two_solitons"](np.linspace(-16, 16, 129)[:, None], methods["TIMES"])
    coarse, fine = (np.abs(methods["splitting"](512, n, half=16.0) - exact).max() for n in (200, 400))
    assert np.log2(coarse / fine) == pytest.approx(4, abs=0.3)


def test_the_stored_wave_is_what_its_script_computes(stored, methods):
    assert stored == pytest.approx(methods["splitting"](2048, 2000), abs=5e-6)


def test_the_stored_wave_keeps_its_mass(stored):
    """`∫ |h|² dx` is constant; the trapezoidal rule is as good as spectral on a period."""
    mass = (np.abs(stored[:-1]) ** 2).mean(axis=0)
    assert mass == pytest.approx(np.full_like(mass, mass[0]), rel=1e-5)


def test_the_stored_file_is_small():
    assert (ROOT / "problems" / "references" / "schroedinger.npz").stat().st_size < 60_000
