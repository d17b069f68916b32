"""The cavity's reference: two methods agree, and with the published lid they meet the published data."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import simpson

from pinr import DeclarationError
from pinr.cli.problem_file import run_file

ROOT = Path(__file__).parents[2]
DATA_OF_JAXPI = ROOT.parent / "shared" / "data" / "reference" / "jaxpi_ldc_Re100.npz"

# Ghia, Ghia and Shin, J. Comput. Phys. 48, 1982, tables I and II, Re = 100: v_x(½, y) and v_y(x, ½).
GHIA_Y = [0.0547, 0.0625, 0.0703, 0.1016, 0.1719, 0.2813, 0.4531, 0.5, 0.6172, 0.7344, 0.8516, 0.9531, 0.9609, 0.9688]
GHIA_U = [-0.03717, -0.04192, -0.04775, -0.06434, -0.10150, -0.15662, -0.21090, -0.20581, -0.13641, 0.00332, 0.23151,
          0.68717, 0.73722, 0.78871]  # fmt: skip
GHIA_X = [0.0625, 0.0703, 0.0781, 0.0938, 0.1563, 0.2266, 0.2344, 0.5, 0.8047, 0.8594, 0.9063, 0.9453, 0.9531, 0.9609]
GHIA_V = [0.09233, 0.10091, 0.10890, 0.12317, 0.16077, 0.17507, 0.17527, 0.05454, -0.24533, -0.22445, -0.16914,
          -0.10313, -0.08864, -0.07391]  # fmt: skip
OWN_ERROR_OF_GHIA = 1e-2  # jaxpi's data, which agree with the elements to 1e-3, are as far from the tables


@pytest.fixture(scope="module")
def methods():
    return runpy.run_path(str(ROOT / "problems" / "references" / "lid_driven_cavity.py"))


@pytest.fixture(scope="module")
def stored():
    namespace = runpy.run_path(str(ROOT / "problems" / "lid_driven_cavity.py"))
    return np.stack([*np.moveaxis(namespace["velocity"].values, -1, 0), namespace["fields"][2].values])


def test_the_stored_flow_is_what_its_script_computes(stored, methods):
    """Of a lower degree, which is faster: it is off by 3e-4, and by 1.5e-2 in the pressure at a corner of the lid."""
    coarse = methods["collocation"](28)
    assert coarse[:2] == pytest.approx(stored[:2], abs=4e-4)
    assert coarse[2] == pytest.approx(stored[2], abs=2e-2)


def test_finite_elements_approach_the_stored_flow(stored, methods):
    """At second order at least, where elements of a smooth solution have third."""
    errors = [np.sqrt(((methods["finite_elements"](cells) - stored) ** 2).mean(axis=(1, 2))) for cells in (16, 32)]
    assert (np.log2(errors[0] / errors[1]) > 2).all()
    assert errors[1] == pytest.approx([0, 0, 0], abs=6e-4)
    assert errors[1][:2] == pytest.approx([0, 0], abs=1e-4)


def test_the_stored_flow_keeps_its_mass(stored):
    """`∫ v_x dy = 0` through every vertical line, and `∫ v_y dx = 0` through every horizontal one."""
    assert simpson(stored[0], dx=0.02, axis=1) == pytest.approx(0, abs=3e-4)
    assert simpson(stored[1], dx=0.02, axis=0) == pytest.approx(0, abs=3e-4)


def test_the_published_lid_gives_the_published_tables(methods):
    ends = np.unique([*GHIA_X, *GHIA_Y])
    u, v, _ = methods["finite_elements"](32, methods["sharp_lid"], ends)
    middle = np.searchsorted(ends, 0.5)
    assert u[middle, np.searchsorted(ends, GHIA_Y)] == pytest.approx(GHIA_U, abs=OWN_ERROR_OF_GHIA)
    assert v[np.searchsorted(ends, GHIA_X), middle] == pytest.approx(GHIA_V, abs=OWN_ERROR_OF_GHIA)


def test_the_published_lid_gives_the_data_of_jaxpi(methods):
    """Away from the lid's ends, where their grid does not resolve the jump."""
    if not DATA_OF_JAXPI.exists():
        pytest.skip(f"{DATA_OF_JAXPI.name} is not on this machine")
    data = np.load(DATA_OF_JAXPI)
    kept = slice(30, -30, 15)
    positions = data["x"].ravel()[kept].astype(float)
    u, v, _ = methods["finite_elements"](32, methods["sharp_lid"], positions)
    assert u == pytest.approx(data["u"][kept, kept], abs=1e-3)
    assert v == pytest.approx(data["v"][kept, kept], abs=1e-3)


def test_the_smooth_lid_changes_the_centre_lines_little(methods):
    positions = np.linspace(0, 1, 21)
    smooth, sharp = (methods["finite_elements"](24, methods[f"{kind}_lid"], positions) for kind in ("smooth", "sharp"))
    assert smooth[0, 10] == pytest.approx(sharp[0, 10], abs=1e-3)
    assert smooth[1, :, 10] == pytest.approx(sharp[1, :, 10], abs=1e-3)


def test_the_stored_file_is_small():
    assert (ROOT / "problems" / "references" / "lid_driven_cavity.npz").stat().st_size < 60_000


def test_the_published_lid_has_a_reference_of_its_own(methods):
    """Coarser elements approach it, at first order at least, as their pressure jumps."""
    module = run_file(ROOT / "problems" / "lid_driven_cavity.py", {"sharp_lid": "true"})
    velocity = np.moveaxis(module.velocity.values, -1, 0)
    known = np.isfinite(velocity)
    assert np.argwhere(~known[0]).tolist() == [[0, 50], [50, 50]]  # the ends of the lid
    coarser = [methods["finite_elements"](cells, methods["sharp_lid"])[:2] for cells in (16, 32)]
    errors = [np.linalg.norm((v - velocity)[known]) / np.linalg.norm(velocity[known]) for v in coarser]
    assert errors[1] < min(2e-3, errors[0] / 2)


def test_the_published_lid_has_no_reference_for_its_infinite_pressure():
    module = run_file(ROOT / "problems" / "lid_driven_cavity.py", {"sharp_lid": "true"})
    assert [u.name for u in module.problem.unknowns if u.expression in module.problem.reference] == ["v"]


def test_the_conditions_of_the_published_lid_clash_at_its_ends():
    module = run_file(ROOT / "problems" / "lid_driven_cavity.py", {"sharp_lid": "true"})
    with pytest.raises(DeclarationError, match=r"clashing-conditions.*at x = 0, y = 1"):
        module.problem.check(strict=True)
