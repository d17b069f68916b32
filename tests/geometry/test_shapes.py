"""Balls, half-spaces, polygons, cylinders, periodic boxes; what they refuse."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinr.errors import GeometryError
from pinr.geometry import Ball, Box, Cylinder, HalfSpace, Polygon
from pinr.geometry.sampling import Sobol

SQUARE = Box(x=(-1, 1), y=(-1, 1))
RING = Box(x=(0, 1), y=(0, 1), periodic="x")


@st.composite
def stars(draw):
    """Polygons around the origin, in either orientation."""
    count = draw(st.integers(3, 12))
    radii = draw(st.lists(st.floats(0.2, 2.0), min_size=count, max_size=count))
    angles = 2 * np.pi * (np.arange(count) + 0.1) / count
    x, y = radii * np.cos(angles), radii * np.sin(angles)
    return Polygon(x=x[::-1], y=y[::-1]) if draw(st.booleans()) else Polygon(x=x, y=y)


@settings(max_examples=20, deadline=None)
@given(polygon=stars())
def test_random_polygons(polygon):
    x, y = (np.array([v.value for v in values]) for _, values in polygon.vertices)
    area = abs(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2
    assert polygon.measure == pytest.approx(area)
    assert polygon.contains(polygon.sample(64, sampler=Sobol(), seed=0).points).all()
    samples = polygon.boundary.quadrature(2)
    weighted = samples.columns["weight"] * (
        samples.points["x"] * samples.columns["normal.x"] + samples.points["y"] * samples.columns["normal.y"]
    )
    assert weighted.sum() / 2 == pytest.approx(area)  # ∫ x·n = 2 · area


@settings(max_examples=20, deadline=None)
@given(dimension=st.integers(1, 5), radius=st.floats(1e-3, 1e3), center=st.floats(-10, 10))
def test_random_balls(dimension, radius, center):
    ball = Ball(radius=radius, **dict.fromkeys("abcde"[:dimension], center))
    assert ball.boundary.measure * radius / dimension == pytest.approx(ball.measure)
    assert ball.contains(ball.sample(16, sampler=Sobol(), seed=0).points).all()
    samples = ball.boundary.sample(16, sampler=Sobol(), seed=0)
    assert ball.boundary.contains(samples.points).all()


def test_points_of_a_disc_and_its_circle_are_uniform():
    points = Ball(x=0, y=0, radius=2).sample(4096, sampler=Sobol(), seed=0).points
    assert np.mean(points["x"] ** 2 + points["y"] ** 2) == pytest.approx(2, rel=2e-3)
    circle = Ball(x=0, y=0, radius=2).boundary.sample(64, sampler=Sobol(), seed=0).points
    angles = np.sort(np.arctan2(circle["y"], circle["x"]))
    assert np.diff(angles).max() < 3 * 2 * np.pi / 64


def test_the_height_on_a_sphere_is_uniform():
    points = Ball(x=0, y=0, z=0, radius=1).boundary.sample(1024, sampler=Sobol(), seed=0).points
    for name in "xyz":
        assert np.mean(points[name] ** 2) == pytest.approx(1 / 3, rel=5e-3)


def test_names_of_parts():
    assert Ball(x=0, y=0, radius=1).boundary.parts == ("sphere",)
    assert Ball(x=0, y=0, radius=1, name="hole").boundary.parts == ("hole",)
    assert Polygon(x=[0, 1, 0], y=[0, 0, 1], name="wing").boundary.part("wing").parts == (
        "wing.edge 0",
        "wing.edge 1",
        "wing.edge 2",
    )
    assert Cylinder(x=0, y=0, radius=1, z=(0, 2)).boundary.parts == ("side", "z-", "z+")
    pipe = Cylinder(x=0, y=0, radius=1, z=(0, 2), name="pipe")
    assert pipe.boundary.part("pipe").parts == ("pipe.side", "pipe.z-", "pipe.z+")
    assert pipe.measure == pytest.approx(2 * math.pi)


def test_edges_of_a_polygon_lie_where_its_vertices_say():
    for x, y in (([0, 2, 0], [0, 0, 1]), ([0, 0, 2], [0, 1, 0])):
        polygon = Polygon(x=x, y=y)
        edge = polygon.boundary.part("edge 0").sample(10, sampler=Sobol(), seed=0)
        np.testing.assert_allclose(edge.points["x"] * (y[1] - y[0]), edge.points["y"] * (x[1] - x[0]), atol=1e-12)


def test_periodic_coordinates_have_no_faces():
    assert RING.periodic == ("x",)
    assert RING.boundary.parts == ("y-", "y+")
    assert RING.at(y=0).periodic == ("x",) and RING.at(x=0.5).periodic == ()
    assert (RING * Box(t=(0, 1))).periodic == ("x",)
    assert (RING * Box(t=(0, 1))).at(t=0).periodic == ("x",)
    assert Box(x=(0, 1), y=(0, 1), periodic=("y", "x")) == Box(x=(0, 1), y=(0, 1), periodic="x y")
    assert Box(x=(0, 1), y=(0, 1)) != RING
    assert (RING - Ball(x=0.5, y=0.5, radius=0.1)).periodic == ("x",)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Ball(x=0, radius=0), "radius must be positive"),
        (lambda: Ball(radius=1), "has no coordinates"),
        (lambda: Ball(x="0", radius=1), "'0' is a str"),
        (lambda: Ball(x=0, radius=1, name="two words"), "letters, digits and underscores"),
        (lambda: Ball(x=0, t=0, radius=1).boundary, r"t is not of space.*Ball\(…\) \* Box"),
        (lambda: Ball(x=0, y=0, radius=1).at(x=1, y=1), "is empty"),
        (lambda: HalfSpace(x=0, offset=1), "every coefficient is 0"),
        (lambda: HalfSpace(x=1, offset=1).sample(1, sampler=Sobol(), seed=0), r"unbounded.*Box\(…\) &"),
        (lambda: HalfSpace(x=1, offset=1).boundary, "unbounded"),
        (lambda: Polygon(x=[0, 1, 1, 0], y=[0, 1, 0, 1]), "edges 0 and 2 meet"),
        (lambda: Polygon(x=[0, 1, 0, 0], y=[0, 0, 1, 0]), "vertices 3 and 0 are the same"),
        (lambda: Polygon(x=[0, 1, 2], y=[0, 0, 0]), "meet|one line"),
        (lambda: Polygon(x=[0, 2, 1, 1], y=[0, 0, 0, 1]), "edges 0 and 1 meet"),
        (lambda: Polygon(x=[0, 1], y=[0, 1]), "three or more"),
        (lambda: Polygon(x=[0, 1, 2], y=[0, 1]), "3 positions along x and 2 positions along y"),
        (lambda: Polygon(x=[0, 1, 2]), "two coordinates"),
        (lambda: Cylinder(x=0, y=0, radius=1), "one pair along the axis"),
        (lambda: Box(x=(0, 1), periodic="y"), "no coordinate 'y'"),
        (lambda: RING.boundary.part("x-"), "x is periodic"),
        (lambda: RING.at(y=0).boundary, "periodic"),
    ],
)
def test_mistakes_are_explained(wrong, message):
    with pytest.raises(GeometryError, match=message):
        wrong()
