"""References without a closed form in elementary functions agree with a second method and with published data."""

import runpy
from pathlib import Path

import numpy as np
import pytest
import scipy.io

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT.parent / "shared" / "data" / "reference"


def published(name):
    path = PUBLISHED / name
    if not path.exists():
        pytest.skip(f"{name} is not on this machine")
    return path


@pytest.fixture(scope="module")
def burgers():
    return runpy.run_path(str(ROOT / "problems" / "burgers.py"))


@pytest.fixture(scope="module")
def allen_cahn():
    return runpy.run_path(str(ROOT / "problems" / "allen_cahn.py"))


@pytest.fixture(scope="module")
def methods():
    return script("allen_cahn")


@pytest.fixture(scope="module")
def lshape():
    return script("poisson_lshape")


@pytest.fixture(scope="module")
def four_holes():
    return script("poisson_four_holes")


def script(name):
    """What the script that makes a stored reference defines."""
    return runpy.run_path(str(ROOT / "problems" / "references" / f"{name}.py"))


def stored(name):
    return runpy.run_path(str(ROOT / "problems" / f"{name}.py"))["computed"]


def differences(finite_elements, u, refinements):
    """Relative differences between finite elements and another method at their nodes."""
    solves = [finite_elements(cells) for cells in refinements]
    return np.array([np.linalg.norm(values - u(z)) / np.linalg.norm(values) for z, values in solves])


def test_cole_hopf_has_the_initial_and_boundary_values(burgers):
    u = burgers["exact"]
    assert u.sel(t=0).values == pytest.approx(-np.sin(np.pi * u.x.values), abs=1e-14)
    assert u.isel(x=[0, -1]).values == pytest.approx(0, abs=1e-14)
    assert (float(u.t[0]), float(u.t[-1])) == (0, 1)


def test_cole_hopf_does_not_depend_on_the_number_of_nodes(burgers):
    u = burgers["exact"]
    finer = burgers["cole_hopf"](u.x.values[:, None], u.t.values, nodes=200)
    assert u.values == pytest.approx(finer, abs=1e-12)


def test_cole_hopf_satisfies_the_equation(burgers):
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


def test_cole_hopf_agrees_with_the_data_of_deepxde(burgers):
    data = np.load(published("deepxde_Burgers.npz"))
    u = burgers["cole_hopf"](data["x"], data["t"].T)
    assert u == pytest.approx(data["usol"], abs=1e-10)


def test_the_stored_allen_cahn_solution_is_what_its_script_computes(allen_cahn, methods):
    computed = methods["collocation"](240)
    assert allen_cahn["computed"].values == pytest.approx(computed, abs=2e-7)


def test_a_second_method_certifies_the_allen_cahn_solution(allen_cahn, methods):
    u = methods["splitting"](2048, 200)
    assert allen_cahn["computed"].values == pytest.approx(u, abs=2e-7)


def test_the_second_method_does_not_depend_on_its_step(methods):
    assert methods["splitting"](1024, 100) == pytest.approx(methods["splitting"](1024, 200), abs=1e-9)


def test_the_data_of_deepxde_are_off_by_what_is_known(allen_cahn):
    data = scipy.io.loadmat(str(published("deepxde_Allen_Cahn.mat")))
    u = allen_cahn["computed"]
    assert np.linalg.norm(data["u"].T - u) / np.linalg.norm(u) == pytest.approx(1.6e-4, rel=0.05)


def test_other_constants_have_no_reference(tmp_path):
    text = (ROOT / "problems" / "allen_cahn.py").read_text().replace("diffusion = 0.001", "diffusion = 0.01")
    (tmp_path / "references").symlink_to(ROOT / "problems" / "references")
    (tmp_path / "allen_cahn.py").write_text(text)
    assert runpy.run_path(str(tmp_path / "allen_cahn.py"))["problem"].reference == {}


def test_the_stored_l_shape_is_what_its_script_computes(lshape):
    u, error = lshape["rational"]()
    assert error < 1e-8
    assert stored("poisson_lshape").values == pytest.approx(lshape["on_grid"](u), abs=3e-8, nan_ok=True)


def test_poles_at_the_corners_of_the_l_shape_converge(lshape):
    """The largest error on the boundary bounds that of all points, `e^(−c √poles)`."""
    assert lshape["rational"](32, 24)[1] > 10 * lshape["rational"](64, 32)[1]


def test_graded_finite_elements_certify_the_l_shape(lshape):
    u, _ = lshape["rational"]()
    found = differences(lshape["finite_elements"], u, (8, 16, 32))
    assert np.log2(found[:-1] / found[1:]) == pytest.approx(2.85, abs=0.15)
    assert found[-1] < 5e-5


def test_without_grading_the_corner_of_the_l_shape_costs_the_order(lshape):
    """At a corner with the exponent α = 2/3 uniform meshes have the order 2α."""
    u, _ = lshape["rational"]()
    found = differences(lambda cells: lshape["finite_elements"](cells, grading=1), u, (16, 32))
    assert np.log2(found[0] / found[1]) == pytest.approx(4 / 3, abs=0.15)


def test_the_stored_four_holes_are_what_their_script_computes(four_holes):
    u, error = four_holes["series"]()
    assert error < 1e-10
    assert stored("poisson_four_holes").values == pytest.approx(four_holes["on_grid"](u), abs=1e-7, nan_ok=True)


def test_curved_finite_elements_certify_the_four_holes(four_holes):
    u, _ = four_holes["series"]()
    found = differences(four_holes["finite_elements"], u, (8, 16, 32))
    assert (np.log2(found[:-1] / found[1:]) > 2.9).all()
    assert found[-1] < 2e-6


def test_the_data_of_pinnacle_are_off_by_what_is_known(four_holes):
    x, y, values = np.load(published("pinnacle_poisson_classic.npz"))["data"].astype(float).T
    u = four_holes["series"]()[0](x + 1j * y)
    assert np.linalg.norm(values - u) / np.linalg.norm(u) == pytest.approx(2.8e-5, rel=0.05)


@pytest.mark.parametrize("name", ["allen_cahn", "poisson_lshape", "poisson_four_holes"])
def test_the_stored_files_are_small(name):
    assert (ROOT / "problems" / "references" / f"{name}.npz").stat().st_size < 60_000
