"""The benchmark of shapes measures what it says."""

import numpy as np
import pytest
import sympy

from benchmarks.shapes import mesh
from benchmarks.shapes.closed_forms import CLOSED_FORMS, ClosedForm, box_mesh, sphere
from benchmarks.shapes.mesh import Deviation, Mesh
from benchmarks.shapes.method import Given
from benchmarks.shapes.methods.table import METHODS
from benchmarks.shapes.report import Run, save


@pytest.fixture(autouse=True)
def few_samples(monkeypatch):
    monkeypatch.setattr(mesh, "SAMPLES", 2000)


def moved(found: Mesh, by: float) -> Mesh:
    return Mesh(found.vertices + np.array([0, 0, by]), found.faces)


def sheet(cells: int = 20, hole: float = 0.3) -> Mesh:
    """The square [−1, 1]² at z = 0, with a square hole in the middle."""
    along = np.linspace(-1, 1, cells + 1)
    x, y = np.meshgrid(along, along, indexing="ij")
    number = np.arange(x.size).reshape(x.shape)
    corners = [number[:-1, :-1], number[1:, :-1], number[1:, 1:], number[:-1, 1:]]
    a, b, c, d = (corner.ravel() for corner in corners)
    faces = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    vertices = np.stack([x.ravel(), y.ravel(), 0 * x.ravel()], axis=1)
    kept = np.abs(vertices[faces].mean(axis=1)[:, :2]).max(axis=1) > hole
    return Mesh(vertices, faces[kept])


def test_the_box_is_what_its_formula_says():
    box = box_mesh()
    assert box.volume == pytest.approx(1.0 * 1.2 * 0.8)
    assert box.components == 1 and box.holes is None


@pytest.mark.parametrize("name", ["box", "sphere", "torus"])
def test_formulas_of_distances_agree_with_those_to_the_meshes(name):
    form = CLOSED_FORMS[name]
    points = np.random.default_rng(0).uniform(-1, 1, (50, 3))
    to_mesh = ClosedForm(name, lambda: form.mesh).distance(points)
    assert np.abs(form.distance(points) - to_mesh).max() < 2e-4


def test_a_mesh_does_not_deviate_from_itself_and_moves_by_what_it_is_moved():
    assert Deviation.of(box_mesh(), box_mesh()).largest < 1e-12
    shifted = Deviation.of(moved(sheet(hole=0), 0.01), sheet(hole=0))
    assert shifted.mean_to_truth == pytest.approx(0.01) and shifted.mean_to_mesh == pytest.approx(0.01)


def test_what_closes_a_hole_does_not_count():
    """A lid on the hole is left out, and what is wrong elsewhere is not."""
    truth = sheet(hole=0.3)
    assert Deviation.of(sheet(hole=0), truth).largest < 1e-12
    bump = sheet(hole=0)
    bump.vertices[np.linalg.norm(bump.vertices - [0.6, 0.6, 0], axis=1) < 0.05, 2] = 0.1
    assert Deviation.of(bump, truth).largest > 0.03


def test_where_the_sheet_ends_counts_as_a_hole():
    is_away = sheet(hole=0.3).is_away_from_holes(np.array([[0.31, 0, 0], [0.6, 0.6, 0], [0.99, 0, 0]]))
    assert is_away.tolist() == [False, True, False]


@pytest.mark.parametrize("name", METHODS)
def test_every_method_declares_a_sound_problem(name):
    method = METHODS[name]
    box = box_mesh()
    problem = method.problem(Given(*box.sample(500, 0), box))
    assert problem.check(strict=True) == ()
    (phi,) = (u.expression for u in problem.unknowns)
    assert isinstance(method.inside(phi), sympy.logic.boolalg.Boolean)


def test_later_runs_replace_earlier_ones_and_nothing_else(tmp_path):
    measured = {
        "mean_to_truth": 1e-3,
        "mean_to_mesh": 2e-3,
        "largest": 0.1,
        "volume": 1.01,
        "true_volume": 1.0,
        "parts": 2,
    }
    first, other = (Run(shape, "SIREN", 0, 10.0, measured, when="2000-01-01") for shape in ("armadillo", "bunny"))
    save([first, other], tmp_path)
    save([Run("bunny", "SIREN", 0, 20.0, {**measured, "volume": None})], tmp_path)
    text = (tmp_path / "shapes.md").read_text()
    assert "| SIREN | 0 | 10 | 1.00e-03 | 2.00e-03 | 1.0e-01 | +1.00 % | 2 | 2000-01-01 |" in text
    assert "| SIREN | 0 | 20 |" in text and text.count("| SIREN |") == 2 and text.count("2000-01-01") == 1
    assert sphere(np.array([[0.0, 0, 0.7]]))[0] == pytest.approx(0)


def test_closed_forms_have_a_table_of_their_own(tmp_path):
    surface = dict.fromkeys(("mean_to_truth", "mean_to_mesh", "largest", "volume", "true_volume"), 1.0) | {"parts": 1}
    save([Run("box", "occupancy", 1, 20.0, surface, "2026-11-22")], tmp_path)
    save([Run("box", "IGR", 1, 30.0, {"error": 2e-3, "slope": 0.01, "slope_everywhere": 0.02}, "2026-11-22")], tmp_path)
    surfaces, distances = (tmp_path / "shapes.md").read_text().split("## Closed forms")
    assert "## box" in surfaces and "| occupancy | 1 | 20 |" in surfaces and "IGR" not in surfaces
    assert "| IGR | box | 1 | 30 | 2.0e-03 | 0.010 | 0.020 | 2026-11-22 |" in distances
