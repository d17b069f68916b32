"""References without a closed form in elementary functions agree with a second method and with published data."""

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT.parent / "shared" / "data" / "reference"


def published(name: str) -> Path:
    path = PUBLISHED / name
    if not path.exists():
        pytest.skip(f"{name} is not on this machine")
    return path


@pytest.fixture(scope="module")
def burgers() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "problems" / "burgers.py"))


@pytest.fixture(scope="module")
def allen_cahn() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "problems" / "allen_cahn.py"))


@pytest.fixture(scope="module")
def methods() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "problems" / "references" / "allen_cahn.py"))


def test_cole_hopf_has_the_initial_and_boundary_values(burgers: dict[str, Any]) -> None:
    u = burgers["exact"]
    assert u.sel(t=0).values == pytest.approx(-np.sin(np.pi * u.x.values), abs=1e-14)
    assert u.isel(x=[0, -1]).values == pytest.approx(0, abs=1e-14)
    assert (float(u.t[0]), float(u.t[-1])) == (0, 1)


def test_cole_hopf_does_not_depend_on_the_number_of_nodes(burgers: dict[str, Any]) -> None:
    u = burgers["exact"]
    finer = burgers["cole_hopf"](u.x.values[:, None], u.t.values, nodes=200)
    assert u.values == pytest.approx(finer, abs=1e-12)


def test_cole_hopf_satisfies_the_equation(burgers: dict[str, Any]) -> None:
    """By differences of sixth order in space and time, away from the front, where they resolve the solution."""
    h = 1e-2
    x, t = np.meshgrid(np.linspace(0.3, 0.9, 13), np.linspace(0.1, 0.9, 9), indexing="ij")
    offsets = h * np.arange(-3, 4)
    first = np.array([-1, 9, -45, 0, 45, -9, 1]) / (60 * h)
    second = np.array([2, -27, 270, -490, 270, -27, 2]) / (180 * h**2)
    in_x = burgers["cole_hopf"](x[..., None] + offsets, t[..., None])
    in_t = burgers["cole_hopf"](x[..., None], t[..., None] + offsets)
    residual = in_t @ first + in_x[..., 3] * (in_x @ first) - burgers["viscosity"] * (in_x @ second)
    assert residual == pytest.approx(0, abs=1e-6)


def test_cole_hopf_agrees_with_the_data_of_deepxde(burgers: dict[str, Any]) -> None:
    data = np.load(published("deepxde_Burgers.npz"))
    u = burgers["cole_hopf"](data["x"], data["t"].T)
    assert u == pytest.approx(data["usol"], abs=1e-10)


def test_the_stored_allen_cahn_solution_is_what_its_script_computes(
    allen_cahn: dict[str, Any], methods: dict[str, Any]
) -> None:
    computed = methods["collocation"](240)
    assert allen_cahn["computed"].values == pytest.approx(computed, abs=2e-7)


def test_a_second_method_certifies_the_allen_cahn_solution(
    allen_cahn: dict[str, Any], methods: dict[str, Any]
) -> None:
    u = methods["splitting"](2048, 200)
    assert allen_cahn["computed"].values == pytest.approx(u, abs=2e-7)


def test_the_splitting_converges_with_its_step_at_sixth_order(methods: dict[str, Any]) -> None:
    exact = methods["splitting"](256, 800)
    coarse, fine = (np.abs(methods["splitting"](256, steps) - exact).max() for steps in (100, 200))
    assert np.log2(coarse / fine) == pytest.approx(6, abs=0.5)


def test_the_data_of_deepxde_are_off_by_what_is_known(allen_cahn: dict[str, Any]) -> None:
    data = scipy.io.loadmat(str(published("deepxde_Allen_Cahn.mat")))
    u = allen_cahn["computed"]
    assert np.linalg.norm(data["u"].T - u) / np.linalg.norm(u) == pytest.approx(1.6e-4, rel=0.05)


def test_other_constants_have_no_reference(tmp_path: Path) -> None:
    text = (ROOT / "problems" / "allen_cahn.py").read_text().replace("diffusion = 0.001", "diffusion = 0.01")
    (tmp_path / "references").symlink_to(ROOT / "problems" / "references")
    (tmp_path / "allen_cahn.py").write_text(text)
    assert runpy.run_path(str(tmp_path / "allen_cahn.py"))["problem"].reference == {}


def test_the_stored_file_is_small() -> None:
    assert (ROOT / "problems" / "references" / "allen_cahn.npz").stat().st_size < 60_000
