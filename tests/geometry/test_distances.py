"""Distances to data as functions of the coordinates: exact values, gradients, and what is refused."""

import pickle

import numpy as np
import pytest
from sympy import Abs

from pinr import Box, Eq, PointCloud, Problem, Siren, Solid, Solution, Surface, coordinates, grad, on, solve, unknown
from pinr.declaration.records import problem_from_record, problem_record, problem_tables
from pinr.errors import DeclarationError, FileFormatError
from pinr.optimizers import Adam

x, y, z = coordinates("x y z")
CUBE = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))
CORNERS = np.array([[i, j, k] for i in (-0.5, 0.5) for j in (-0.5, 0.5) for k in (-0.5, 0.5)])
SIDES = [
    [0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1],
    [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3],
]  # fmt: skip
BLOCK = Solid(CORNERS, SIDES, name="block")
SKIN = Surface(CORNERS, SIDES, name="skin")
SCAN = PointCloud(CORNERS, name="scan")


def places(count=500):
    rows = np.random.default_rng(3).uniform(-1, 1, (count, 3))
    return rows, dict(zip("xyz", rows.T, strict=True))


def block_distance(rows):
    outward = np.abs(rows) - 0.5
    return np.linalg.norm(np.maximum(outward, 0), axis=1) + np.minimum(outward.max(axis=1), 0)


def test_of_a_solid_it_is_signed_and_of_its_surface_not():
    rows, points = places()
    np.testing.assert_allclose(BLOCK.distance(points), block_distance(rows), atol=1e-14)
    np.testing.assert_allclose(SKIN.distance(points), np.abs(block_distance(rows)), atol=1e-14)


def test_of_a_cloud_it_is_that_to_the_nearest_point():
    rows, points = places()
    exact = np.linalg.norm(rows[:, None] - CORNERS, axis=2).min(axis=1)
    np.testing.assert_allclose(SCAN.distance(points), exact, rtol=1e-14)
    part = SCAN.where(x > 0)
    exact = np.linalg.norm(rows[:, None] - CORNERS[CORNERS[:, 0] > 0], axis=2).min(axis=1)
    np.testing.assert_allclose(part.distance(points), exact, rtol=1e-14)


def test_of_a_cloud_in_the_plane():
    cloud = PointCloud([[0, 0], [3, 4]], coordinates=("x", "y"))
    np.testing.assert_allclose(cloud.distance({"x": [3, 0], "y": [0, 1]}), [3, 1])


@pytest.mark.parametrize("region", [BLOCK, SKIN, SCAN], ids=["solid", "surface", "cloud"])
def test_its_gradient_is_that_of_its_values(region):
    rows, _ = places(50)
    gradients, step = region.distances(rows)[1], 1e-6
    np.testing.assert_allclose(np.linalg.norm(gradients, axis=1), 1)
    for k in range(3):
        moved = [region.distances(rows + side * step * np.eye(3)[k])[0] for side in (1, -1)]
        np.testing.assert_allclose(gradients[:, k], (moved[0] - moved[1]) / (2 * step), atol=1e-5)


def test_on_the_surface_the_gradient_is_the_normal_of_a_solid_and_nothing_of_others():
    on_face = np.array([[0.5, 0.1, 0.2]])
    np.testing.assert_allclose(BLOCK.distances(on_face)[1], [[1, 0, 0]])
    np.testing.assert_array_equal(SKIN.distances(on_face)[1], 0)
    np.testing.assert_array_equal(SCAN.distances(CORNERS[:1])[1], 0)


def test_it_is_a_known_function_in_equations():
    phi = unknown("phi", x, y, z)
    problem = Problem(
        on(CUBE, Eq(Abs(phi), SCAN.distance)), on(CUBE, Eq(grad(phi), grad(BLOCK.distance)), name="slope")
    )
    assert "scan.distance" in str(problem) and "block.distance" in str(problem)
    assert not problem.check()
    solution = solve(problem, Siren(width=4, depth=1), stages=[Adam(steps=1)], progress=False)
    rows, points = places(20)
    np.testing.assert_allclose(solution.evaluate(BLOCK.distance, **points), block_distance(rows), atol=1e-6)
    slope = solution.evaluate(BLOCK.distance.diff(x), **points)
    np.testing.assert_allclose(slope, BLOCK.distances(rows)[1][:, 0], atol=1e-6)


def test_second_derivatives_are_refused():
    phi = unknown("phi", x, y, z)
    problem = Problem(on(CUBE, Eq(phi, SCAN.distance.diff(x, y))))
    with pytest.raises(DeclarationError, match=r"`scan\.distance` is differentiated by x, y.*first ones"):
        solve(problem, Siren(width=4, depth=1), stages=[Adam(steps=1)], progress=False)


def test_a_missing_coordinate_is_named():
    with pytest.raises(DeclarationError, match="lacks y, z"):
        SCAN.distance({"x": 0})


def test_distances_are_equal_where_the_data_are():
    other = CORNERS.copy()
    other[0] *= 1.5
    assert SCAN.distance == PointCloud(CORNERS, name="scan").distance
    assert SCAN.distance != PointCloud(other, name="scan").distance
    assert pickle.loads(pickle.dumps(SCAN.distance)) == SCAN.distance


@pytest.mark.parametrize("region", [BLOCK, SKIN, SCAN.where(x > 0)], ids=["solid", "surface", "cloud"])
def test_a_stored_solution_has_the_region_of_its_distances(region, tmp_path):
    phi = unknown("phi", x, y, z)
    problem = Problem(on(CUBE, Eq(Abs(phi), region.distance)))
    solution = solve(problem, Siren(width=4, depth=1), stages=[Adam(steps=1)], progress=False)
    solution.save(tmp_path / "fit.h5")
    loaded = Solution.load(tmp_path / "fit.h5")
    _, points = places(20)
    (constraint,) = loaded.problem.constraints
    (distance,) = (f for f in constraint.fields if f.label.name.endswith(".distance"))
    np.testing.assert_array_equal(distance(points), region.distance(points))


def test_a_damaged_record_says_so():
    phi = unknown("phi", x, y, z)
    problem = Problem(on(CUBE, Eq(Abs(phi), SCAN.distance)))
    record, tables = problem_record(problem), problem_tables(problem)
    assert problem_from_record(record, tables=tables).constraints[0].equations == problem.constraints[0].equations
    with pytest.raises(FileFormatError, match=r"distance to `Box.*damaged"):
        problem_from_record(record | {"distances": {"scan.distance": CUBE.record()}}, tables=tables)
    with pytest.raises(FileFormatError, match=r"scan\.distance"):
        problem_from_record(record | {"distances": {}}, tables=tables)
