"""Solids and surfaces: volumes and areas of second order, exact distances, winding numbers, parts; what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest

from pinr.declaration.constraint import on
from pinr.declaration.problem import Problem
from pinr.declaration.records import problem_from_record, problem_record, problem_tables
from pinr.errors import DeclarationError, FileFormatError, GeometryError
from pinr.geometry import Ball, Box, Solid, Surface, region_from_record
from pinr.geometry.quadrature import integral_of
from pinr.geometry.sampling import Sobol, Uniform
from pinr.geometry.table import tables_in
from pinr.language.coordinates import coordinates
from pinr.language.equations import Eq
from pinr.language.fields import unknown
from pinr.language.integrals import integral
from pinr.language.operators import dot, grad, laplacian
from tests.geometry.meshes import block, hemisphere, octasphere

ROOT = Path(__file__).resolve().parents[2]
SHAPES = ROOT.parent / "shared" / "data" / "shapes"
SIDES = {name: [2 * k, 2 * k + 1] for k, name in enumerate(("x-", "x+", "y-", "y+", "z-", "z+"))}
x, y, z = coordinates("x y z")
u = unknown("u", x, y, z)


def cloud(count, low, high, seed=0):
    return dict(zip("xyz", np.random.default_rng(seed).uniform(low, high, (3, count)), strict=True))


def test_area_and_volume_of_a_sphere_converge_with_the_square_of_the_edges():
    errors = []
    for level in (2, 3, 4):
        mesh = octasphere(level)
        errors.append((4 * np.pi - Surface(*mesh).measure, 4 / 3 * np.pi - Solid(*mesh).measure))
    ratios = np.array(errors)[:-1] / np.array(errors)[1:]
    assert (np.abs(ratios - 4) < 0.3).all()


def test_points_of_a_surface_are_uniform_by_area():
    # ∫ z² over the unit sphere is 4π/3; over an octasphere it is that of its triangles, by a rule exact for squares.
    mesh = octasphere(3)
    surface = Surface(*mesh)
    exact = integral_of(lambda p: p["z"] ** 2, surface, order=3).value
    assert exact == pytest.approx(4 * np.pi / 3, rel=0.03)
    samples = surface.sample(4096, sampler=Sobol(), seed=0)
    # Quasi-random points: far below the 0.5 % of random ones.
    assert surface.measure * np.mean(samples.points["z"] ** 2) == pytest.approx(exact, rel=5e-4)
    random = surface.sample(4096, sampler=Uniform(), seed=0)
    assert surface.measure * np.mean(random.points["z"] ** 2) == pytest.approx(exact, rel=0.05)


def test_triangles_of_very_different_sizes_get_their_shares():
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0], [0, -1e-3, 0], [1e-3, 0, 0]])
    surface = Surface(vertices, [[0, 1, 2], [3, 4, 5], [1, 1, 2]])
    samples = surface.sample(2**20, sampler=Sobol(), seed=0)
    assert np.sum(samples.points["y"] < 0) == pytest.approx(2**20 * 1e-6, abs=1)
    np.testing.assert_array_equal(samples.columns["normal.z"], 1)


def test_the_distance_to_a_block_is_exact():
    solid, points = Solid(*block((1, 2, 3), (5, 5, 5))), cloud(4000, 4, 9)
    outward = np.abs(np.stack([points["x"] - 5.5, points["y"] - 6, points["z"] - 6.5])) - [[0.5], [1], [1.5]]
    exact = np.linalg.norm(np.maximum(outward, 0), axis=0) + np.minimum(outward.max(axis=0), 0)
    np.testing.assert_allclose(solid.distance(points), exact, atol=1e-14)
    np.testing.assert_array_equal(solid.contains(points), exact <= 0)
    assert solid.distance({"x": 5.5, "y": 6, "z": [6.5, 9]}).tolist() == [-0.5, 1]
    with pytest.raises(DeclarationError, match="lacks z"):
        solid.distance({"x": 0, "y": 0})


@pytest.mark.parametrize("width", [1e-2, 1e-3, 1e-4])
def test_distances_to_slivers_are_exact(width):
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    sliver = Surface(
        [(0, 0, 0), turn[0], 0.3 * turn[0] + width * turn[1], 0.6 * turn[0] - width * turn[1]], [[0, 1, 2], [1, 0, 3]]
    )
    samples = sliver.sample(1000, sampler=Sobol(), seed=0)
    assert sliver.contains(samples.points).all()
    places = sliver.mesh.rows(samples.points)
    for height in (1e-6, 1e-3, 1.0):
        found = sliver.mesh.nearest(places + height * turn[2]).distance
        # Rounding of the corners turns the plane by so much over the width.
        np.testing.assert_allclose(found, height, rtol=1e-14, atol=4 * np.finfo(np.float64).eps / width)


@pytest.mark.parametrize("step", [1e-2, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8])
@pytest.mark.parametrize("scale, shift", [(1, 0), (1e-6, 0), (1e4, 0), (1, 1e3)])  # noqa: PT006
def test_membership_is_right_up_to_the_surface(step, scale, shift):
    vertices, faces = octasphere(3)
    solid = Solid(scale * vertices + shift, faces)
    samples = solid.boundary.sample(512, sampler=Sobol(), seed=0)
    for sign, inside in ((1, False), (-1, True)):
        moved = {n: v + sign * scale * step * samples.columns[f"normal.{n}"] for n, v in samples.points.items()}
        assert (solid.contains(moved) == inside).all()
        assert (solid.surrounds(moved) == inside).all()
    assert solid.contains(samples.points).all() and not solid.surrounds(samples.points).any()


def test_the_winding_number_of_an_open_hemisphere():
    # Seen from a height h on its axis the dome leaves out the solid angle of its rim: w = (1 + h / √(1 + h²)) / 2.
    solid, heights = Solid(*hemisphere(5)), np.array([-0.5, -0.1, 0.0, 0.1, 0.5, 0.9])
    found = solid.mesh.winding_numbers(np.column_stack([0 * heights, 0 * heights, heights]))
    np.testing.assert_allclose(found, (1 + heights / np.sqrt(1 + heights**2)) / 2, atol=5e-3)
    assert not solid.is_closed and len(solid.mesh.boundary_edges) == 4 * 2**5


def test_an_open_hemisphere_is_closed_by_its_disc():
    # Dome and mirrored dome make a sphere, so that their winding numbers are 1 in all, and ½ on the plane between.
    solid, whole = Solid(*hemisphere(4)), Solid(*octasphere(4))
    assert solid.measure == pytest.approx(whole.measure / 2, rel=5e-3)
    points = cloud(4000, -1, 1)
    clear = np.abs(points["z"]) > 0.01
    expected = whole.contains(points) & (points["z"] > 0)
    np.testing.assert_array_equal(solid.contains(points)[clear], expected[clear])


def test_points_inside_are_uniform():
    solid = Solid(*octasphere(3))
    samples = solid.sample(4096, sampler=Sobol(), seed=0)
    assert solid.contains(samples.points).all()
    # ∫ x² = ⅓ ∮ x³ n_x, on flat triangles by a rule that is exact for cubes.
    skin = solid.boundary.quadrature(3)
    exact = np.sum(skin.columns["weight"] * skin.points["x"] ** 3 * skin.columns["normal.x"]) / 3
    assert integral_of(lambda p: p["x"] ** 2, solid, order=24).value == pytest.approx(exact, rel=3e-3)
    assert solid.measure * np.mean(samples.points["x"] ** 2) == pytest.approx(exact, rel=2e-2)


def test_combinations_with_other_regions():
    cube = Solid(*block(), groups=SIDES, name="cube")
    room = Box(x=(-1, 2), y=(-1, 2), z=(-1, 2))
    assert (room - cube).measure == pytest.approx(26, rel=1e-12)
    assert (room - cube).boundary.part("cube").measure == pytest.approx(6, rel=1e-12)
    samples = (room - cube).boundary.part("cube.x+").sample(100, sampler=Sobol(), seed=0)
    assert (samples.points["x"] == 1).all() and (samples.columns["normal.x"] == -1).all()
    ball = Ball(x=0.0, y=0.0, z=0.0, radius=0.5, name="ball")
    assert (cube - ball).measure == pytest.approx(1 - np.pi / 48, rel=2e-3)
    assert (cube & ball).boundary.part("ball").measure == pytest.approx(np.pi / 8, rel=5e-3)
    joined = cube | Box(x=(1, 2), y=(0, 1), z=(0, 1), name="more")
    assert "cube.x+" not in joined.boundary.parts and "more.x-" not in joined.boundary.parts
    assert joined.measure == pytest.approx(2, rel=2e-3)


def test_a_shell_turned_inwards_is_a_cavity():
    (outer, faces), (inner, others) = octasphere(3), octasphere(2, 0.5)
    both = np.concatenate([outer, inner]), np.concatenate([faces, others[:, ::-1] + len(outer)])
    solid = Solid(*both)
    assert solid.measure == pytest.approx(Solid(outer, faces).measure - Solid(inner, others).measure, rel=1e-12)
    assert solid.contains({"x": [0, 0.7], "y": 0, "z": 0}).tolist() == [False, True]


def test_parts_that_overlap_count_once():
    (first, faces), (second, _) = block(), block(corner=(0.5, 0, 0))
    solid = Solid(np.concatenate([first, second]), np.concatenate([faces, faces + 8]))
    assert solid.measure == pytest.approx(1.5, rel=5e-3)


def test_triangles_in_disorder_are_refused_and_repaired():
    vertices, faces = octasphere(2)
    mixed = np.where(np.arange(len(faces))[:, None] % 3 == 0, faces[:, ::-1], faces)
    with pytest.raises(GeometryError, match=r"at \d+ edges .* opposite directions.*repair=True"):
        Solid(vertices, mixed)
    with pytest.raises(GeometryError, match=r"encloses the volume -.*look inwards.*repair=True"):
        Solid(vertices, faces[:, ::-1])
    sound = Solid(vertices, faces).measure
    repeated = np.concatenate([mixed, mixed[:5], [[0, 0, 1]]])
    for wrong in (mixed, faces[:, ::-1], repeated):
        assert Solid(vertices, wrong, repair=True).measure == pytest.approx(sound, rel=1e-12)
    dome, rows = hemisphere(3)
    with pytest.raises(GeometryError, match="has no inside: its triangles look inwards"):
        Solid(dome, rows[:, ::-1])
    assert Solid(dome, rows[:, ::-1], repair=True) == Solid(dome, rows, repair=True)
    assert repr(Solid(vertices, mixed, repair=True)) == "Solid(66 vertices, 128 faces, repair=True)"


def test_repairing_keeps_groups():
    vertices, faces = block()
    solid = Solid(vertices, faces[:, ::-1], groups=SIDES, repair=True)
    part = solid.boundary.part("y+").sample(10, sampler=Sobol(), seed=0)
    assert (part.points["y"] == 1).all() and (part.columns["normal.y"] == 1).all()


def test_groups_are_parts_of_the_boundary():
    cube = Solid(*block((1, 2, 3)), groups={"inlet": [0, 1], "outlet": [2, 3]})
    assert cube.boundary.parts == ("inlet", "outlet", "rest")
    assert cube.boundary.part("inlet").measure == 6 and cube.boundary.without("rest").measure == 12
    assert Solid(*block(), name="cube").boundary.parts == ("cube",)
    assert Solid(*block()).boundary.parts == ("surface",)
    with pytest.raises(GeometryError, match="Did you mean 'inlet'"):
        cube.boundary.part("inlett")


def test_a_surface_has_parts_normals_and_edges():
    side = Surface(*block((1, 2, 3)), groups=SIDES).part("x+")
    samples = side.sample(64, sampler=Sobol(), seed=0)
    assert (samples.points["x"] == 1).all() and (samples.columns["normal.x"] == 1).all()
    assert (side.measure, side.is_closed, side.boundary_edges.shape) == (6, False, (4, 2, 3))
    assert Surface(*block()).is_closed and side.parts == ("x+",)
    assert repr(side.normalized()) == 'Surface(8 vertices, 12 faces).part("x+").normalized()'
    problem = Problem(on(side, Eq(dot(grad(u), side.normal), 1)), on(side, Eq(u, 0)))
    problem.check()
    assert next(iter(problem.named_constraints)) == "surface"
    other = Surface(*block((1, 2, 4)), groups=SIDES).part("x+")
    with pytest.raises(DeclarationError, match="normal"):
        Problem(on(other, Eq(dot(grad(u), side.normal), 1)), on(side, Eq(u, 0))).check()


@pytest.mark.parametrize("kind", [Solid, Surface])
def test_a_fitted_mesh_can_be_mapped_back(kind):
    region = kind(*block((1, 2, 4), (10, 0, 0)), groups=SIDES)
    fitted = region.normalized(margin=0.2)
    assert fitted.bounds["z"] == pytest.approx((-0.8, 0.8)) and fitted.bounds["x"] == pytest.approx((-0.2, 0.2))
    assert repr(fitted) == f"{region!r}.normalized(margin=0.2)"
    np.testing.assert_allclose(fitted.placement.restore(fitted.mesh.points), region.mesh.points, atol=1e-13)
    again = fitted.fitted(Box(x=(0, 1), y=(0, 1), z=(0, 1)))
    assert again.measure == pytest.approx(region.measure * (0.9 / 4) ** region.dimension)
    np.testing.assert_allclose(again.placement.restore(again.mesh.points), region.mesh.points, atol=1e-13)
    assert region_from_record(json.loads(json.dumps(again.record())), tables=tables_in(again)) == again
    with pytest.raises(GeometryError, match="no extent along z"):
        region.fitted(Box(x=(0, 1), y=(0, 1)))


@pytest.mark.parametrize("kind", [Solid, Surface])
@pytest.mark.parametrize(
    ("vertices", "faces", "options", "message"),
    [
        (np.zeros((3, 2)), [[0, 1, 2]], {}, r"vertices \(3, 2\)"),
        (np.eye(3), [[0, 1, 2, 0]], {}, "quadrilaterals cut in two"),
        (np.eye(3), [[0.0, 1.0, 2.0]], {}, "whole numbers"),
        (np.eye(3), [[0, 1, 3]], {}, "face 1 refers to the vertices 0, 1, 3"),
        (np.eye(3), np.empty((0, 3), dtype=int), {}, "there are no faces"),
        ([[0, 0, np.nan], [1, 0, 0], [0, 1, 0]], [[0, 1, 2]], {}, "1 vertices are no numbers"),
        (np.ones((3, 3)), [[0, 1, 2]], {}, "none of its triangles has an area"),
        ("abc", [[0, 1, 2]], {}, "no arrays of numbers"),
        (*block(), {"coordinates": "x y"}, "do not name its 3 columns"),
        (*block(), {"groups": {"a": [12]}}, "group 'a'"),
        (*block(), {"groups": {"a": [0], "b": [0]}}, "group 'b'"),
    ],
)
def test_what_is_no_mesh(kind, vertices, faces, options, message):
    with pytest.raises(GeometryError, match=message):
        kind(vertices, faces, **options)


def test_what_solids_and_surfaces_do_not_have():
    cube, skin = Solid(*block()), Surface(*block())
    for wrong in (
        lambda: cube.inside,
        lambda: Solid(*block(), coordinates="x y t").boundary,
        lambda: skin.inside,
        lambda: skin.boundary,
        lambda: skin.at(x=0.5),
        lambda: skin | cube,
        lambda: skin.translate(x=1),
        lambda: skin.part("x+"),
        lambda: cube & Box(x=(2, 3), y=(0, 1), z=(0, 1)),
    ):
        with pytest.raises(GeometryError):
            wrong()
    with pytest.raises(GeometryError, match="make no hollow"):
        Solid([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], [[0, 1, 2], [0, 2, 3]])


def test_a_problem_on_solids_survives_its_record_with_integrals():
    cube, skin = Solid(*block(), groups=SIDES, name="cube"), Surface(*octasphere(1))
    problem = Problem(
        on(cube, Eq(laplacian(u), 1)),
        on(cube.boundary.without("cube.x+"), Eq(u, 0)),
        on(cube - Box(x=(0, 0.5), y=(0, 0.5), z=(0, 0.5)), Eq(integral(u, cube), integral(u * skin.normal[0], skin))),
    )
    record = json.loads(json.dumps(problem_record(problem)))
    found = problem_from_record(record, tables=problem_tables(problem))
    assert found.constraints == problem.constraints
    with pytest.raises(FileFormatError, match="does not hold"):
        problem_from_record(record)


@pytest.mark.parametrize("change", ["vertex", "groups", "placement", "name", "tables"])
def test_a_damaged_record_is_refused(change):
    region = Solid(*block(), groups=SIDES).normalized()
    record, tables = json.loads(json.dumps(region.record())), tables_in(region)
    assert region_from_record(record, tables=tables) == region
    digest = record["mesh"]["faces"]["sha256"]
    if change == "vertex":
        record["mesh"]["vertices"], record["mesh"]["faces"] = record["mesh"]["faces"], record["mesh"]["vertices"]
    elif change == "groups":
        record["mesh"]["groups"] = ["one"]
    elif change == "tables":
        tables = {key: table for key, table in tables.items() if key != digest}
    else:
        record[change] = {"centre": [0]} if change == "placement" else "1 2"
    with pytest.raises(GeometryError):
        region_from_record(record, tables=tables)


@pytest.mark.skipif(not SHAPES.is_dir(), reason="the scans are not there")
def test_the_inside_of_scans():
    closed, holed = (Solid.read(SHAPES / f"{name}.npz") for name in ("armadillo", "bunny"))
    assert closed.is_closed and not holed.is_closed
    assert closed.measure == pytest.approx(closed.mesh.volume, rel=1e-12)
    # Five small holes below: what closes them changes little.
    assert holed.measure == pytest.approx(holed.mesh.volume, rel=0.05)
    for solid in (closed, holed):
        samples = solid.sample(256, sampler=Sobol(), seed=0)
        assert (solid.distance(samples.points) < 0).all()
