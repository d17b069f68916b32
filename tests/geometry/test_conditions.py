"""Regions cut by conditions."""

import math

import numpy as np
import pytest
import sympy

from pinr.errors import GeometryError
from pinr.geometry import Box
from pinr.geometry.sampling import Grid, Sobol
from pinr.language.coordinates import coordinates
from pinr.language.fields import unknown

x, y = coordinates("x y")
SQUARE = Box(x=(-1, 1), y=(-1, 1))
DISK = SQUARE.where(x**2 + y**2 < 1)


def test_means_over_a_disk():
    # ∫ (x² + y²) over the unit disk is π/2, so the mean is 1/2.
    points = DISK.sample(4096, sampler=Sobol(), seed=0).points
    assert np.mean(points["x"] ** 2 + points["y"] ** 2) == pytest.approx(0.5, rel=5e-3)


def test_a_grid_keeps_about_as_many_points_as_asked_for():
    count = DISK.sample(1000, sampler=Grid(), seed=0).count
    assert abs(count - 1000) < 50


def test_symbols_are_matched_by_name():
    assert SQUARE.where(sympy.Symbol("x") > 0).measure == pytest.approx(SQUARE.where(x > 0).measure)


def test_conditions_may_be_nested():
    quarter = SQUARE.where(x > 0).where(y > 0)
    assert quarter.measure == pytest.approx(1, rel=1e-3)
    assert repr(quarter) == "Box(x=(-1, 1), y=(-1, 1)).where(x > 0).where(y > 0)"


def test_a_thin_region_is_sampled():
    sliver = SQUARE.where(sympy.Abs(x + y) < 1e-3)
    samples = sliver.sample(500, sampler=Sobol(), seed=0)
    assert samples.count == 500 and sliver.contains(samples.points).all()


def test_a_slice_of_a_disk_is_a_chord():
    chord = DISK.at(y=0.6)
    assert chord.dimension == 1 and chord.measure == pytest.approx(1.6, rel=1e-3)


def test_a_condition_on_a_boundary_keeps_its_normals_and_drops_its_empty_faces():
    upper = SQUARE.boundary.where(y > 0)
    samples = upper.sample(400, sampler=Sobol(), seed=0)
    assert upper.normal == SQUARE.boundary.normal
    assert (samples.points["y"] > 0).all()
    assert not (samples.columns["normal.y"] == -1).any()
    assert np.sum(samples.columns["normal.y"] == 1) == pytest.approx(200, abs=2)


def test_a_condition_on_the_ends_of_an_interval():
    right = Box(x=(-1, 1)).boundary.where(x > 0)
    samples = right.sample(3, sampler=Sobol(), seed=0)
    assert right.measure == 1 and (samples.points["x"] == 1).all()


def test_the_roles_reach_a_boundary_under_a_condition():
    side = (SQUARE * Box(tau=(0, 1))).boundary.where(x > 0)
    resolved = side.resolve({"x": "space", "y": "space", "tau": "time"})
    assert resolved.measure == pytest.approx(4, rel=1e-3) and resolved.normal.names == ("x", "y")


def test_a_product_of_cut_regions():
    product = DISK * Box(z=(0, 2)).where(sympy.Symbol("z") > 1)
    assert product.measure == pytest.approx(math.pi, rel=2e-3)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: SQUARE.where(x > 2), "the region is empty"),
        (lambda: SQUARE.where(sympy.Eq(x, 0)), r"the region is empty.*\.at\("),
        (lambda: SQUARE.boundary.where((x > 2) | (x < -2)), "the region is empty"),
        (lambda: SQUARE.where(sympy.Symbol("xx") > 0), "no coordinate 'xx'.*Did you mean 'x'"),
        (lambda: SQUARE.where(unknown("u", x, y) > 0), "not a condition on the coordinates"),
        (lambda: SQUARE.where(sympy.Function("f")(x) > 0), "not a condition on the coordinates"),
        (lambda: SQUARE.where(sympy.true), "not a condition on the coordinates"),
        (lambda: DISK.boundary, r"is not known.*\.boundary\.where\(x\*\*2 \+ y\*\*2 < 1\)"),
        (lambda: DISK.at(y=1), "the region is empty"),
    ],
)
def test_mistakes_are_explained(wrong, message):
    with pytest.raises(GeometryError, match=message):
        wrong()
