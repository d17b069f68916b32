"""Level sets of formulas: what the lattice sees, boundaries, joined conditions, records."""

import math

import meshio
import numpy as np
import pytest
import sympy

from pinr import Ball, Box, GeometryError, LevelSet, Sobol
from pinr.geometry import region_from_record
from pinr.geometry.level import Formulas, Level
from pinr.geometry.level_set import level_sets_in
from tests.geometry.region_table import BLOB, DOME

x, y, z, t = sympy.symbols("x y z t")
SQUARE = Box(x=(-1, 1), y=(-1, 1))
CUBE = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))


def test_measures_converge_with_the_second_order():
    regions = [LevelSet(x**2 + y**2 + z**2 < 0.5, CUBE, resolution=n) for n in (10, 40)]
    for known, found in (
        (4 / 3 * math.pi * 0.5**1.5, [r.measure for r in regions]),
        (2 * math.pi, [r.boundary.measure for r in regions]),
    ):
        coarse, fine = (abs(value / known - 1) for value in found)
        assert math.log(coarse / fine) / math.log(4) == pytest.approx(2, abs=0.2)


def test_points_of_the_boundary_are_spread_evenly_and_lie_on_it():
    points = DOME.boundary.part("dome.surface").sample(4000, sampler=Sobol(), seed=0).points
    np.testing.assert_allclose(sum(p**2 for p in points.values()), 1, atol=1e-12)
    # By Archimedes each coordinate of a point of a sphere is uniform.
    np.testing.assert_allclose(np.quantile(points["x"], [0.25, 0.5, 0.75]), [0.25, 0.5, 0.75], atol=5e-3)
    np.testing.assert_allclose(np.quantile(points["z"], [0.25, 0.5, 0.75]), [-0.5, 0, 0.5], atol=5e-3)


def test_points_inside_are_spread_evenly():
    points = BLOB.sample(4000, sampler=Sobol(), seed=0).points
    shares = (points["x"] / 1) ** 2 + (points["y"] / 0.5) ** 2  # the area inside grows with its square
    np.testing.assert_allclose(np.quantile(shares, [0.25, 0.5, 0.75]), [0.25, 0.5, 0.75], atol=1e-2)


def test_the_level_of_joined_conditions_is_their_minimum_or_maximum():
    condition = (x**2 + y**2 < 1) & ~((x > 0) | (sympy.Abs(y) >= 0.5))
    level = Level(condition, ("x", "y"), Formulas())
    points = np.random.default_rng(0).uniform(-1.5, 1.5, size=(200, 2))
    a, b = points.T
    expected = np.max([a**2 + b**2 - 1, a, np.abs(b) - 0.5], axis=0)
    np.testing.assert_allclose(level.values(points), expected, rtol=1e-14)
    step = 1e-6
    slopes = [(level.values(points + step * e) - level.values(points - step * e)) / (2 * step) for e in np.eye(2)]
    np.testing.assert_allclose(level.gradient(points), np.transpose(slopes), atol=1e-6)


def test_a_union_has_the_area_of_both():
    two = LevelSet(((x - 0.5) ** 2 + y**2 < 0.09) | ((x + 0.5) ** 2 + y**2 < 0.09), SQUARE)
    assert two.measure == pytest.approx(0.18 * math.pi, rel=2e-3)
    assert len(two.boundary.charts) == 2  # a closed curve each


def test_the_sides_of_the_box_close_what_leaves_it():
    strip = LevelSet(sympy.Abs(x - y) < 0.5, SQUARE, name="strip")
    assert strip.boundary.parts == ("strip.surface", "strip.x-", "strip.x+", "strip.y-", "strip.y+")
    assert strip.measure == pytest.approx(4 - 1.5**2, rel=1e-3)
    assert strip.boundary.part("strip.x+").measure == pytest.approx(0.5, rel=1e-9)
    whole = LevelSet(x < 2, SQUARE)
    assert whole.measure == pytest.approx(4) and whole.boundary.parts == ("x-", "x+", "y-", "y+")


def test_what_a_box_around_it_tells_is_certain():
    disc = LevelSet(x**2 + y**2 < 0.25, SQUARE)
    assert disc.covers({"x": (-0.1, 0.2), "y": (-0.1, 0.1)}) is True
    assert disc.covers({"x": (0.6, 0.9), "y": (-0.1, 0.1)}) is False
    assert disc.covers({"x": (0.3, 0.9), "y": (-0.1, 0.1)}) is None
    assert disc.covers({"x": (-math.inf, math.inf), "y": (-math.inf, math.inf)}) is None


def test_slices_and_pieces_thinner_than_the_lattice():
    disc = LevelSet(x**2 + y**2 < 0.25, SQUARE)
    assert disc.at(y=0.3).measure == pytest.approx(0.8, rel=1e-2)
    needle = (x**2 + y**2 < 0.25) | ((sympy.Abs(x - 0.8037) < 1e-3) & (sympy.Abs(y) < 0.5))
    missed = LevelSet(needle, SQUARE, resolution=32)
    assert not missed.contains({"x": 0.8037, "y": 0.0}) and missed.measure == pytest.approx(disc.measure, rel=1e-2)


def test_a_bound_for_the_gradient_finds_thin_pieces():
    # Two discs as a distance: one lies between the points of the first lattice.
    r = sympy.sqrt(x**2 + y**2) - 0.5
    small = sympy.sqrt((x - 0.7734) ** 2 + (y - 0.7734) ** 2) - 0.02
    both = LevelSet((r < 0) | (small < 0), SQUARE, resolution=128)
    lengths = []
    for lipschitz in (None, 1.0):
        mesh = both.surface(lipschitz=lipschitz, resolution=256)
        p, q = np.moveaxis(mesh.points[mesh.cells_dict["line"]], 1, 0)
        lengths.append(np.linalg.norm(q - p, axis=1).sum() / math.pi)
    np.testing.assert_allclose(lengths, [1, 1.04], rtol=1e-3)


def test_meshes_of_the_boundary_and_of_the_inside():
    curve, filled = BLOB.surface(), BLOB.mesh(resolution=40)
    assert isinstance(curve, meshio.Mesh) and curve.cells[0].type == "line" and filled.cells[0].type == "triangle"
    np.testing.assert_allclose(curve.points[:, 0] ** 2 / 4 + curve.points[:, 1] ** 2, 0.25, atol=1e-14)
    corners = filled.points[filled.cells[0].data]
    areas = np.linalg.det(corners[:, 1:] - corners[:, :1]) / 2
    assert areas.min() > 0 and areas.sum() == pytest.approx(math.pi / 2, rel=1e-2)


def test_a_record_without_its_fields_says_so():
    record = BLOB.record() | {"sha256": "0" * 64}
    bare = region_from_record(record)
    assert bare != BLOB and repr(bare) == repr(BLOB)
    for ask in (lambda: bare.measure, lambda: bare.contains({"x": 0, "y": 0}), bare.surface):
        with pytest.raises(GeometryError, match="read from a file without the solution"):
            ask()
    assert region_from_record(record, fields={"0" * 64: Formulas()}).measure == BLOB.measure


def test_level_sets_are_found_in_what_is_made_of_them():
    made = ((BLOB - Ball(x=0, y=0, radius=0.1)).scale(2) * Box(t=(0, 1))).boundary
    assert list(level_sets_in(made)) == [BLOB] and list(level_sets_in(CUBE)) == []


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LevelSet(x**2 + y**2, SQUARE), "must be a condition such as"),
        (lambda: LevelSet(sympy.Eq(x, y), SQUARE), "does not say on which side"),
        (lambda: LevelSet(x < 0, Box(x=(-1, 1))), "two or three coordinates of space"),
        (lambda: LevelSet(x < 0, Ball(x=0, y=0, radius=1)), "lies in a `Box`"),
        (lambda: LevelSet(x < 0, Box(x=(-1, 1), y=(0, 1), periodic="x")), "does not go around"),
        (lambda: LevelSet(x + t < 0, SQUARE), "the box has no coordinate t"),
        (lambda: LevelSet(x < -2, SQUARE), "is empty: the condition holds at none of the points"),
        (lambda: LevelSet(x < 0, SQUARE, resolution=1), "number of cells along the longest edge"),
        (lambda: LevelSet(sympy.log(x) < 0, SQUARE), "The field is nan at"),
        (lambda: LevelSet(x < 0, SQUARE, name="a b"), "letters, digits and underscores"),
        (lambda: LevelSet(x < 0, Box(x=(-1, 1), t=(0, 1))).resolve({"x": "space", "t": "time"}).boundary, "no normal"),
    ],
    ids=["value", "equation", "line", "ball", "periodic", "stranger", "empty", "coarse", "nan", "name", "time"],
)
def test_errors_say_what_is_wrong(make, message):
    with pytest.raises(GeometryError, match=message):
        make()


@pytest.mark.parametrize(
    "change", [{"resolution": 10**6}, {"resolution": "9"}, {"box": {"type": "Ball"}}, {"condition": {"symbol": "x"}}]
)
def test_damaged_records_are_refused(change):
    with pytest.raises(Exception, match=r"damaged|malformed|no region"):
        region_from_record(BLOB.record() | change)
