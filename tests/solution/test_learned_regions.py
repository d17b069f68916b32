"""Regions that a solution has learned: shapes out of networks, and problems inside them."""

import math

import h5py
import meshio
import numpy as np
import pytest

from pinr import (
    Adam,
    Box,
    Eq,
    GaussNewton,
    LevelSet,
    Problem,
    Siren,
    Sobol,
    Solution,
    coordinates,
    grad,
    laplacian,
    on,
    solve,
    unknown,
)
from pinr.errors import DeclarationError, FileFormatError, GeometryError
from pinr.geometry import Combination

x, y, z = coordinates("x y z")
phi = unknown("phi", x, y, z)
T = unknown("T", x, y, z)
CUBE = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))
RADIUS = 0.7
QUIET = {"progress": False, "seed": 0, "dtype": "float64"}


@pytest.fixture(scope="module")
def ball():
    """`x² + y² + z² − R²` as a network has learned it."""
    problem = Problem(on(CUBE, Eq(phi, x**2 + y**2 + z**2 - RADIUS**2), points=600), name="ball")
    return solve(problem, Siren(width=12, depth=2), stages=[Adam(steps=100), GaussNewton(steps=60)], **QUIET)


@pytest.fixture(scope="module")
def region(ball):
    return ball.region(phi < 0, resolution=24, name="ball")


def test_the_region_is_the_ball_that_was_learned(region):
    assert isinstance(region, LevelSet) and region.boundary.parts == ("ball.surface",)
    assert region.measure == pytest.approx(4 / 3 * math.pi * RADIUS**3, rel=1e-2)
    assert region.boundary.measure == pytest.approx(4 * math.pi * RADIUS**2, rel=1e-2)
    inside = region.sample(500, sampler=Sobol(), seed=0)
    edge = region.boundary.sample(500, sampler=Sobol(), seed=0)
    away = np.stack(list(edge.points.values()))
    assert (sum(p**2 for p in inside.points.values()) <= (RADIUS + 2e-3) ** 2).all()
    np.testing.assert_allclose(np.linalg.norm(away, axis=0), RADIUS, atol=2e-3)
    np.testing.assert_allclose(np.stack(list(edge.columns.values())), away / RADIUS, atol=2e-2)


def test_points_of_the_boundary_are_zeros_of_the_network(ball, region):
    edge = region.boundary.sample(200, sampler=Sobol(), seed=1)
    assert np.abs(ball.evaluate(phi, **edge.points)).max() < 1e-12
    surface = region.surface(resolution=16)
    points = dict(zip("xyz", surface.points.T, strict=True))
    assert np.abs(ball.evaluate(phi, **points)).max() < 1e-12
    edges = np.sort(np.concatenate([surface.cells_dict["triangle"][:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0))]))
    assert (np.unique(edges, axis=0, return_counts=True)[1] == 2).all()


def test_conditions_can_be_joined_and_cut(ball, region):
    half = ball.region((phi < 0) & (x > 0), resolution=24)
    assert half.measure == pytest.approx(region.measure / 2, rel=2e-2)  # edges are cut off
    larger = ball.region(phi - 0.1 < 0, resolution=24)
    assert larger.measure == pytest.approx(4 / 3 * math.pi * (RADIUS**2 + 0.1) ** 1.5, rel=1e-2)
    outside = ball.region(phi > 0, resolution=24)
    assert outside.measure == pytest.approx(8 - region.measure, rel=1e-2)
    assert set(outside.boundary.parts) == {"surface", "x-", "x+", "y-", "y+", "z-", "z+"}
    assert isinstance(region - Box(x=(0, 1), y=(0, 1), z=(0, 1)), Combination)
    assert (region - Box(x=(0, 1), y=(0, 1), z=(0, 1))).measure == pytest.approx(7 / 8 * region.measure, rel=1e-2)


@pytest.fixture(scope="module")
def heat(region):
    problem = Problem(
        on(region, Eq(-laplacian(T), 1), points=600), on(region.boundary, Eq(T, 0), points=200), name="heat"
    )
    assert problem.check() == ()
    return solve(problem, Siren(width=12, depth=2), stages=[Adam(steps=50), GaussNewton(steps=30)], **QUIET)


def test_a_problem_is_solved_inside_the_learned_ball(heat, region):
    points = region.sample(400, sampler=Sobol(), seed=5).points
    exact = (RADIUS**2 - sum(p**2 for p in points.values())) / 6
    error = np.linalg.norm(heat.evaluate(T, **points) - exact) / np.linalg.norm(exact)
    assert error < 1e-2


def test_the_file_has_the_shape_as_well(heat, region, tmp_path):
    heat.save(tmp_path / "heat.h5")
    loaded = Solution.load(tmp_path / "heat.h5")
    np.testing.assert_array_equal(loaded.evaluate(T, x=0.1, y=0.2, z=0.3), heat.evaluate(T, x=0.1, y=0.2, z=0.3))
    stored = loaded.problem.constraints[0].region
    assert stored == region and stored.measure == region.measure
    samples = [r.boundary.sample(50, sampler=Sobol(), seed=0) for r in (region, stored)]
    np.testing.assert_array_equal(samples[0].points["x"], samples[1].points["x"])
    loaded.save(tmp_path / "again.h5")
    assert Solution.load(tmp_path / "again.h5").problem.constraints[0].region.measure == region.measure


def test_a_file_that_lost_the_shape_says_so(heat, tmp_path):
    heat.save(tmp_path / "heat.h5")
    with h5py.File(tmp_path / "heat.h5", "a") as file:
        del file["shapes"]
    with pytest.raises(FileFormatError, match="read from a file without the solution that it was learned by"):
        Solution.load(tmp_path / "heat.h5")
    heat.save(tmp_path / "heat.h5")
    with h5py.File(tmp_path / "heat.h5", "a") as file:  # a shape that was learned in itself
        (digest,) = file["shapes"]
        file[f"shapes/{digest}/shapes/{digest}"] = file[f"shapes/{digest}"]
    with pytest.raises(FileFormatError, match="solutions in one another"):
        Solution.load(tmp_path / "heat.h5")


def test_a_field_is_written_on_a_mesh_that_ends_at_the_boundary(heat, region, tmp_path):
    heat.export(tmp_path / "heat.vtu", resolution=16)
    mesh = meshio.read(tmp_path / "heat.vtu")
    tetrahedra = mesh.points[mesh.cells_dict["tetra"]]
    volumes = np.linalg.det(tetrahedra[:, 1:] - tetrahedra[:, :1]) / 6
    assert volumes.min() > 0 and volumes.sum() == pytest.approx(region.measure, rel=2e-2)
    exact = (RADIUS**2 - (mesh.points**2).sum(axis=1)) / 6
    np.testing.assert_allclose(mesh.point_data["T"], exact, atol=2e-3)
    heat.export(tmp_path / "grid.vtu", x=9, y=9, z=9)
    assert set(meshio.read(tmp_path / "grid.vtu").cells_dict) == {"hexahedron"}


def test_a_moment_of_a_field_in_time_is_written_on_the_mesh_too(region, tmp_path):
    t = coordinates(time="t")
    w = unknown("w", x, y, z, t)
    problem = Problem(on(region * Box(t=(0, 1)), Eq(w, x + 2 * t), points=200))
    solution = solve(problem, Siren(width=8, depth=2), stages=[Adam(steps=1)], **QUIET)
    solution.export(tmp_path / "w.vtu", {"w": w, "slope": grad(w)}, t=0.25, resolution=8)
    mesh = meshio.read(tmp_path / "w.vtu")
    assert set(mesh.cells_dict) == {"tetra"}
    there = dict(zip("xyz", mesh.points.T, strict=True))
    np.testing.assert_allclose(mesh.point_data["w"], solution.evaluate(w, t=0.25, **there), rtol=1e-12)
    np.testing.assert_allclose(mesh.point_data["slope"], solution.evaluate(grad(w), t=0.25, **there), rtol=1e-12)
    solution.export(tmp_path / "grid.vtu", t=0.25, x=5, y=5, z=5)
    assert set(meshio.read(tmp_path / "grid.vtu").cells_dict) == {"hexahedron"}


@pytest.mark.parametrize("suffix", [".obj", ".ply", ".stl"])
def test_the_surface_is_written_by_suffix(ball, region, tmp_path, suffix):
    path = tmp_path / f"ball{suffix}"
    for shape in (phi, phi < 0, region, {"shape": phi}, None):
        ball.export(path, shape, resolution=12)
        points = meshio.read(path).points
        np.testing.assert_allclose(np.linalg.norm(points, axis=1), RADIUS, atol=2e-3)
    with pytest.raises(DeclarationError, match="only `resolution=256` can be chosen"):
        ball.export(path, phi, x=12)


def test_a_picture_shows_the_shape_in_the_middle(ball):
    image = np.asarray(ball.render(phi, size=(40, 30), resolution=32))
    assert image.shape == (30, 40, 3)
    shown = (image < 255).any(axis=2)
    assert shown[15, 20] and not shown[0, 0]
    np.testing.assert_array_equal(shown, shown[:, ::-1])


def test_errors_say_what_to_write(ball, region):
    with pytest.raises(GeometryError, match="must be a condition such as `phi < 0`"):
        ball.region(phi)
    with pytest.raises(GeometryError, match=r"no unknown of the solution. Write `LevelSet\(x < 0"):
        ball.region(x < 0)
    with pytest.raises(GeometryError, match="is empty"):
        ball.region(phi < -5, resolution=8)
    with pytest.raises(GeometryError, match="Give the region a constraint of its own"):
        _ = region.inside
    with pytest.raises(GeometryError, match=r"Write `solution.region\(phi < 0\)`"):
        LevelSet(phi < 0, CUBE)
    with pytest.raises(DeclarationError, match="no level set"):
        ball.export("ball.ply", CUBE)


def test_shapes_at_a_time_are_asked_for_at_that_time():
    a, t = coordinates("a", time="t")
    b = coordinates("b")
    w = unknown("w", a, b, t)
    problem = Problem(on(Box(a=(-1, 1), b=(-1, 1)) * Box(t=(0, 1)), Eq(w, a**2 + b**2 - 0.25 - t)))
    solution = solve(problem, Siren(width=8, depth=2), stages=[Adam(steps=3), GaussNewton(steps=30)], **QUIET)
    with pytest.raises(GeometryError, match=r"depends on t, which is time.*phi.subs\(t, 0.5\) < 0"):
        solution.region(w < 0)
    disc = solution.region(w.subs(t, 0.25) < 0, resolution=32)
    assert disc.names == ("a", "b") and disc.measure == pytest.approx(math.pi / 2, rel=5e-2)
    assert disc.surface().cells[0].type == "line"
    with pytest.raises(FileFormatError, match="lies in the plane"):
        solution.export("disc.ply", disc)


def test_a_problem_in_a_learned_disc_is_verified_and_says_why_it_is_trained():
    a, b = coordinates("a b")
    f, u = unknown("f", a, b), unknown("u", a, b)
    square = Box(a=(-1, 1), b=(-1, 1))
    learned = solve(
        Problem(on(square, Eq(f, a**2 + 2 * b**2 - 0.5), points=300)),
        Siren(width=8, depth=2),
        stages=[Adam(steps=30), GaussNewton(steps=30)],
        **QUIET,
    )
    region = learned.region(f < 0, resolution=64)
    problem = Problem(on(region, Eq(-laplacian(u), 1), points=200), on(region.boundary, Eq(u, 0), points=100))
    assert problem.check() == ()
    solution = solve(problem, Siren(width=8, depth=2), stages=[Adam(steps=20), GaussNewton(steps=20)], **QUIET)
    assert "the boundary is neither flat nor round" in solution.program.explain()
    verification = solution.verify(size=400)
    assert verification.relative_l2 < 0.02
    # −Δu = 1 in an ellipse: (1 − a²/A² − b²/B²) / (2/A² + 2/B²), with A² = 0.5, B² = 0.25.
    assert solution.evaluate(u, a=0.0, b=0.0) == pytest.approx(1 / 12, rel=2e-2)
    round_hole = LevelSet(a**2 + b**2 < 0.49, square)
    exact = Problem(on(round_hole, Eq(-laplacian(u), 1)), on(round_hole.boundary, Eq(u, 0), exact=True))
    assert exact.check() == ()
