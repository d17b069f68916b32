"""Regions that were moved."""

import math

import numpy as np
import pytest
from sympy import pi

from pinr.errors import GeometryError
from pinr.geometry import Ball, Box, HalfSpace
from pinr.geometry.sampling import Sobol

BRICK = Box(x=(0, 1), y=(0, 2), z=(0, 3))
UNIT = Box(x=(0, 1), y=(0, 1))


def test_a_quarter_turn_maps_a_brick_to_a_brick():
    turned = BRICK.rotate(pi / 2, axis="z")
    for name, bounds in {"x": (-2, 0), "y": (0, 1), "z": (0, 3)}.items():
        np.testing.assert_allclose(turned.bounds[name], bounds, atol=1e-12)
    samples = turned.boundary.part("x+").sample(10, sampler=Sobol(), seed=0)
    np.testing.assert_allclose(samples.columns["normal.y"], 1)
    np.testing.assert_allclose(BRICK.rotate(pi / 2, axis="x").bounds["y"], (-3, 0), atol=1e-12)
    np.testing.assert_allclose(BRICK.rotate(pi / 2, axis="y").bounds["z"], (-1, 0), atol=1e-12)


def test_a_rotation_keeps_its_fixed_point():
    turned = UNIT.rotate(1.0, about={"x": 1, "y": 1})
    assert turned.boundary.contains({"x": 1.0, "y": 1.0})


def test_scaling_multiplies_measures_by_powers_of_the_factor():
    assert BRICK.scale(2).measure == pytest.approx(48)
    assert BRICK.scale(2).boundary.measure == pytest.approx(4 * BRICK.boundary.measure)
    assert BRICK.at(z=1).scale(2).measure == pytest.approx(8)
    assert (UNIT * Box(t=(0, 3))).scale(2).measure == pytest.approx(12)
    assert UNIT.scale(3, about={"x": 1}).bounds["x"] == (-2, 1)


def test_slices_of_moved_regions():
    assert BRICK.translate(x=1).at(x=1.5).measure == pytest.approx(6)
    assert (UNIT * Box(t=(0, 3))).scale(2).at(t=1).boundary.measure == pytest.approx(8)
    diagonal = UNIT.rotate(pi / 4).at(x=0)
    assert diagonal.measure == pytest.approx(math.sqrt(2), rel=1e-3)


def test_a_moved_half_space_cuts():
    quarter = Ball(x=0, y=0, radius=1) & HalfSpace(x=1, y=0, offset=0).rotate(pi / 4)
    assert quarter.measure == pytest.approx(math.pi / 2, rel=2e-3)
    assert quarter.boundary.parts == ("sphere", "plane")


def test_an_extrusion_is_a_product():
    assert UNIT.extrude(z=(0, 2)) == UNIT * Box(z=(0, 2))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: UNIT.rotate(1, axis="z"), "In two a rotation has no axis"),
        (lambda: BRICK.rotate(1), 'axis="z"'),
        (lambda: Box(x=(0, 1)).rotate(1), "coordinates of space are x"),
        (lambda: UNIT.translate(z=1), "no coordinate 'z'"),
        (UNIT.translate, "moves nothing"),
        (lambda: UNIT.scale(0), "factor must be positive"),
        (lambda: UNIT.rotate(1, about={"z": 1}), "no coordinate 'z'"),
        (lambda: UNIT.at(y=0).rotate(1), "y is fixed"),
        (lambda: UNIT.boundary.translate(x=1), "moves with its region"),
        (lambda: UNIT.rotate(1).at(x=0.5).boundary, "is not known"),
    ],
)
def test_mistakes_are_explained(wrong, message):
    with pytest.raises(GeometryError, match=message):
        wrong()
