"""Inverse problems with noisy data: what the data are, and how well they determine what is sought."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from pinr.cli.problem_file import run_file

ROOT = Path(__file__).parents[2] / "problems"


@pytest.fixture(scope="module")
def burgers():
    return runpy.run_path(str(ROOT / "inverse_burgers.py"))


@pytest.fixture(scope="module")
def methods():
    return runpy.run_path(str(ROOT / "references" / "inverse_conductivity_noisy.py"))


@pytest.fixture(scope="module")
def coefficients():
    return runpy.run_path(str(ROOT / "inverse_conductivity_noisy.py"))["coefficients"]


def test_a_draw_is_the_same_every_time_and_unlike_others(burgers):
    first, again, other = (burgers["measured"](draw) for draw in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.isclose(first, other).any()


def test_the_noise_has_its_standard_deviation(burgers):
    draws = [burgers["measured"](draw) for draw in range(20)]
    noise = np.concatenate([values - burgers["cole_hopf"](x, t) for x, t, values in draws])
    assert noise.std() == pytest.approx(burgers["noise"], rel=0.05)  # 2,000 values: 1.6 %
    assert noise.mean() == pytest.approx(0, abs=4 * burgers["noise"] / np.sqrt(2000))


def test_the_bound_does_not_depend_on_the_step_of_its_differences(burgers):
    bounds = [burgers["cramer_rao"](2, step) for step in (1e-2, 1e-3, 1e-4)]
    assert bounds == pytest.approx([bounds[1]] * 3, rel=1e-3)


def test_maximum_likelihood_with_the_exact_solution_meets_the_bound(burgers):
    """The errors of 20 draws by their bounds have the variance 1, but for the small bias of an estimate of `log ν`."""
    true, ratios = burgers["viscosity"], []
    for draw in range(20):
        x, t, values = burgers["measured"](draw)

        def misfit(log_nu, x=x, t=t, values=values):
            return np.sum((burgers["cole_hopf"](x, t, viscosity=np.exp(log_nu)) - values) ** 2)

        found = np.exp(minimize_scalar(misfit, bounds=(np.log(true / 4), np.log(true * 4)), method="bounded").x)
        ratios.append((found - true) / burgers["cramer_rao"](draw))
    assert np.sqrt(np.mean(np.square(ratios))) == pytest.approx(1, abs=0.4)  # 2.5 deviations of χ₂₀
    assert np.median(np.abs(ratios)) < 1.5


@pytest.mark.parametrize("name", ["inverse_burgers", "inverse_conductivity_noisy"])
def test_a_draw_can_be_chosen_from_the_command_line(name):
    one, other = (run_file(ROOT / f"{name}.py", {"draw": draw}) for draw in ("0", "1"))
    assert not np.isclose(one.values, other.values).any()


def test_the_search_does_not_start_at_the_answer(burgers):
    assert burgers["nu"].value > 2 * burgers["viscosity"]


def test_the_stored_temperature_is_what_its_script_computes(methods, coefficients):
    assert methods["on_grid"](coefficients) == pytest.approx(methods["on_grid"](methods["collocation"](32)), abs=2e-7)


def test_finite_elements_certify_the_temperature(methods, coefficients):
    u = methods["on_grid"](coefficients)
    errors = [np.abs(methods["finite_elements"](cells) - u).max() for cells in (10, 20)]
    assert errors[1] < errors[0] / 16
    assert errors[1] < 1e-6


def test_the_noisy_temperatures_differ_from_the_true_ones_by_the_noise():
    module = run_file(ROOT / "inverse_conductivity_noisy.py", {})
    clean = run_file(ROOT / "inverse_conductivity_noisy.py", {"noise": "0.0"})
    ratio = (module.values - clean.values) / float(module.temperature.max())
    assert ratio.std() == pytest.approx(0.01, rel=0.12)  # 400 values: 3.5 %


def test_the_stored_file_is_small():
    assert (ROOT / "references" / "inverse_conductivity_noisy.npz").stat().st_size < 60_000
