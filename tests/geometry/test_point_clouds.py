"""Point clouds: normals that stand in equations, are estimated, and follow the shape; nothing is dropped silently."""

import json
from pathlib import Path

import numpy as np
import pytest

from pinr import Adam, Siren, Solution, solve
from pinr.compiler.counts import default_count
from pinr.compiler.program import compile_problem
from pinr.declaration.constraint import on
from pinr.declaration.problem import Problem
from pinr.errors import DeclarationError, FileFormatError, GeometryError
from pinr.geometry import Box, PointCloud, region_from_record
from pinr.geometry.sampling import Sobol, Uniform
from pinr.language.coordinates import coordinates
from pinr.language.equations import Eq
from pinr.language.fields import unknown
from pinr.language.operators import dot, grad, norm
from tests.geometry.meshes import fibonacci_sphere

ROOT = Path(__file__).resolve().parents[2]
SHAPES = ROOT.parent / "shared" / "data" / "shapes"
SPHERE = fibonacci_sphere(400)
CUBE = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))
x, y, z = coordinates("x y z")
phi = unknown("phi", x, y, z)


def test_samples_are_rows_without_replacement_with_their_own_normals():
    cloud = PointCloud(2 * SPHERE, SPHERE)
    samples = cloud.sample(300, sampler=Sobol(), seed=0)
    found = np.column_stack(list(samples.points.values()))
    assert list(samples.columns) == ["normal.x", "normal.y", "normal.z"] and len(np.unique(found, axis=0)) == 300
    np.testing.assert_allclose(np.column_stack(list(samples.columns.values())), found / 2, atol=1e-15)
    other = cloud.sample(300, sampler=Uniform(), seed=1)
    assert not np.array_equal(other.points["x"], samples.points["x"])
    every = cloud.sample(1000, sampler=Sobol(), seed=0)
    np.testing.assert_array_equal(np.column_stack(list(every.points.values())), 2 * SPHERE)


def test_normals_of_any_length_become_unit_vectors():
    lengths = np.geomspace(1e-200, 1e200, 400)[:, None]
    np.testing.assert_allclose(PointCloud(SPHERE, lengths * SPHERE).normals, SPHERE, atol=1e-14)


def test_a_normal_stands_in_equations_as_that_of_a_boundary():
    cloud = PointCloud(SPHERE, SPHERE)
    misaligned = 1 - dot(grad(phi), cloud.normal) / norm(grad(phi))
    problem = Problem(on(cloud, misaligned, Eq(phi, 0)), on(CUBE, Eq(norm(grad(phi)), 1)))
    program = compile_problem(problem, Siren(8, 2), dtype="float64")
    batch = program.batch(seed=0)
    solution = solve(problem, Siren(8, 2), stages=[Adam(steps=1)], progress=False)
    slope = solution.evaluate(grad(phi), **batch["cloud"].samples.points)
    wanted = 1 - np.sum(slope * SPHERE, axis=1) / np.linalg.norm(slope, axis=1)
    found = program.residuals(solution.parameters, batch)["cloud"].detach().numpy()[:, 0]
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6)


def test_the_normal_of_another_cloud_is_refused_even_if_it_is_written_alike():
    first, second = PointCloud(SPHERE, SPHERE), PointCloud(SPHERE[::-1], SPHERE[::-1])
    assert repr(first) == repr(second) and first != second
    with pytest.raises(DeclarationError, match="normal"):
        Problem(on(second, Eq(dot(grad(phi), first.normal), 1))).check()


def test_without_normals_the_error_says_how_to_estimate_them():
    with pytest.raises(GeometryError, match=r"no normals.*with_normals\(neighbours=16\)"):
        _ = PointCloud(SPHERE).normal


def test_estimated_normals_of_a_sphere_point_outward_with_an_error_of_second_order():
    errors = []
    for count in (500, 2000):
        points = fibonacci_sphere(count)
        cloud = PointCloud(points).with_normals(neighbours=12)
        errors.append(np.arccos(np.clip(np.sum(cloud.normals * points, axis=1), -1, 1)).mean())
    # The neighbourhoods shrink by half: the plane that fits is off by their asymmetry times their curvature.
    assert errors[0] < 0.03 and errors[1] < 0.6 * errors[0]


def test_estimated_normals_of_a_thin_ellipsoid_and_of_a_curve_point_outward():
    points = fibonacci_sphere(2000) * (1, 0.6, 0.3) + (5, 0, 0)
    outward = (points - (5, 0, 0)) / np.square([1, 0.6, 0.3])
    assert (np.sum(PointCloud(points).with_normals().normals * outward, axis=1) > 0).all()
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    star = (1 + 0.5 * np.cos(3 * angles))[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
    found = PointCloud(star).with_normals(neighbours=4).normals
    along = np.roll(star, -1, axis=0) - np.roll(star, 1, axis=0)
    assert (found[:, 0] * along[:, 1] - found[:, 1] * along[:, 0] > 0).all()


def test_parts_that_no_neighbours_connect_are_oriented_apart():
    both = np.concatenate([SPHERE, 10 + SPHERE])
    found = PointCloud(both).with_normals(neighbours=8).normals
    assert (np.sum(found * np.concatenate([SPHERE, SPHERE]), axis=1) > 0).all()


def test_normals_towards_a_viewpoint():
    seen = SPHERE[SPHERE[:, 2] > 0.4]
    cloud = PointCloud(seen).with_normals(orient={"x": 0, "y": 0, "z": 9})
    assert (cloud.normals[:, 2] > 0).all()
    assert repr(cloud) == f"PointCloud({len(seen)} points).with_normals(orient={{'x': 0, 'y': 0, 'z': 9}})"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"neighbours": 2}, "at least 3"),
        ({"neighbours": 400}, "smaller than the number of points, 400"),
        ({"orient": "inward"}, "place of the viewer"),
        ({"orient": {"x": 0, "y": 1}}, "place of the viewer"),
    ],
)
def test_what_normals_cannot_be_estimated_from(options, message):
    with pytest.raises(GeometryError, match=message):
        PointCloud(SPHERE).with_normals(**options)


def test_points_on_a_line_have_no_normals():
    with pytest.raises(GeometryError, match=r"the point in row 1 lie on a line.*more neighbours"):
        PointCloud(np.outer(np.arange(50.0), [1, 2, 3])).with_normals(neighbours=5)


def test_a_fitted_cloud_can_be_mapped_back():
    points = SPHERE * (3, 1, 1) + (100, -5, 2)
    cloud = PointCloud(points, SPHERE)
    fitted = cloud.normalized(margin=0.2)
    np.testing.assert_allclose(fitted.bounds["x"], (-0.8, 0.8), rtol=1e-12)
    assert max(map(abs, fitted.bounds["z"])) < 0.8
    np.testing.assert_allclose(fitted.placement.restore(fitted.points), points, rtol=1e-12)
    np.testing.assert_array_equal(fitted.normals, cloud.normals)
    again = fitted.fitted(Box(x=(0, 1), y=(0, 1), z=(0, 4)), margin=0)
    np.testing.assert_allclose(again.bounds["x"], (0, 1), atol=1e-12)
    np.testing.assert_allclose(again.placement.restore(again.points), points, rtol=1e-12)
    with pytest.raises(GeometryError, match="no extent along z"):
        cloud.fitted(Box(x=(0, 1), y=(0, 1)))
    with pytest.raises(GeometryError, match="margin must be in"):
        cloud.normalized(margin=1)


@pytest.mark.parametrize(
    ("points", "normals", "reason"),
    [
        ([[0, 0, 0], [np.nan, 0, 1], [1, 1, np.inf]], None, "2 of the 3 points have a position that is no number"),
        ([[0, 0, 0], [1, 0, 1], [0, 0, 0]], None, "1 of the 3 points have the position of another, .* row 3"),
        ([[0, 0], [1, 0]], [[0, 0], [0, 1]], "1 of the 2 points have a normal without direction"),
        ([[0, 0], [1, 0]], [[np.nan, 0], [0, 1]], "1 of the 2 points have a normal without direction"),
    ],
)
def test_invalid_points_are_errors_or_dropped_as_asked(points, normals, reason):
    with pytest.raises(GeometryError, match=rf"{reason}.*drop_invalid=True"):
        PointCloud(points, normals)
    assert PointCloud(points, normals, drop_invalid=True).count == (1 if "2 of" in reason or len(points) == 2 else 2)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ([np.zeros((0, 3))], {}, "shape"),
        ([np.zeros((4, 5))], {}, r"shape \(4, 5\)"),
        ([["a", "b"]], {}, "no array of numbers"),
        ([SPHERE, SPHERE[:5]], {}, r"\(5, 3\) normals for \(400, 3\) points"),
        ([SPHERE], {"coordinates": ("x", "y")}, "do not name its 3 columns"),
        ([SPHERE], {"coordinates": "x y x"}, "do not name its 3 columns"),
        ([SPHERE], {"name": ""}, "is no text"),
        ([[[np.nan, 0, 0]]], {"drop_invalid": True}, "no point is left of 1"),
    ],
)
def test_what_is_no_cloud(arguments, options, message):
    with pytest.raises(GeometryError, match=message):
        PointCloud(*arguments, **options)


def test_what_points_do_not_have():
    cloud = PointCloud(SPHERE)
    for wrong in (
        lambda: cloud.boundary,
        lambda: cloud.inside,
        lambda: cloud | cloud,
        lambda: CUBE - cloud,
        lambda: cloud.translate(x=1),
        lambda: cloud.where(x > 5),
        lambda: cloud.at(x=0.123),
    ):
        with pytest.raises(GeometryError):
            wrong()


def test_a_large_scan_is_not_drawn_as_a_whole():
    angles = np.linspace(0, 6, 5000)
    scan = PointCloud(np.column_stack([np.cos(angles), np.sin(angles), angles]))
    assert default_count(on(scan, Eq(phi, 0))) == 2048
    assert default_count(on(PointCloud(SPHERE), Eq(phi, 0))) == 400
    with pytest.raises(DeclarationError, match="400 rows to draw from"):
        on(PointCloud(SPHERE), Eq(phi, 0), points=401)


def test_a_cloud_survives_in_a_saved_solution(tmp_path):
    cloud = PointCloud(SPHERE, SPHERE, name="scan").normalized()
    problem = Problem(on(cloud, Eq(phi, 0), Eq(dot(grad(phi), cloud.normal), 1)), on(CUBE, Eq(norm(grad(phi)), 1)))
    solution = solve(problem, Siren(8, 2), stages=[Adam(steps=2)], progress=False)
    solution.save(tmp_path / "s.h5")
    loaded = Solution.load(tmp_path / "s.h5")
    assert loaded.problem.constraints == problem.constraints
    (region,) = (c.region for c in loaded.problem.constraints if isinstance(c.region, PointCloud))
    np.testing.assert_array_equal(region.points, cloud.points)
    assert region.placement == cloud.placement


def test_a_damaged_record_is_refused():
    cloud = PointCloud(SPHERE, name="scan").normalized()
    tables = {cloud.rows.table.digest: cloud.rows.table}
    record = json.loads(json.dumps(cloud.record()))
    assert region_from_record(record, tables=tables) == cloud
    for key, wrong in (("rows", CUBE.record()), ("placement", {"centre": [0]}), ("written", None)):
        if key != "written":
            with pytest.raises(GeometryError):
                region_from_record({**record, key: wrong}, tables=tables)
    with pytest.raises(GeometryError, match="does not hold"):
        region_from_record(record)


@pytest.mark.skipif(not SHAPES.is_dir(), reason="the scans are not there")
def test_normals_estimated_from_a_scan_are_those_of_its_mesh():
    scan = PointCloud.read(SHAPES / "armadillo.npz")
    assert scan.count == 49_990
    found = scan.with_normals(neighbours=10).normals
    agreement = np.sum(found * scan.normals, axis=1)
    assert (agreement > 0).mean() > 0.995 and np.median(agreement) > 0.98


def test_a_cloud_reads_its_file(tmp_path):
    np.savez(tmp_path / "scan.npz", points=SPHERE, normals=(127 * SPHERE).round().astype(np.int8))
    cloud = PointCloud.read(tmp_path / "scan.npz", coordinates="a b c")
    assert (repr(cloud), cloud.name, cloud.names) == ('PointCloud.read("scan.npz")', "scan", ("a", "b", "c"))
    assert np.abs(cloud.normals - SPHERE).max() < 0.01
    with pytest.raises(FileFormatError, match="no such file"):
        PointCloud.read(tmp_path / "absent.ply")
