"""Where two boundaries coincide."""

import json
import math

import numpy as np
import pytest

from pinr.errors import GeometryError
from pinr.geometry import Ball, Box, region_from_record
from pinr.geometry.sampling import Sobol

STEEL, COPPER = Box(x=(0, 1), y=(0, 1)), Box(x=(1, 2), y=(0, 1))
CORE = Ball(x=0, y=0, radius=1)
SHELL = Ball(x=0, y=0, radius=2) - CORE


def test_the_interface_of_the_contract():
    interface = STEEL.boundary & COPPER.boundary
    assert interface.measure == 1 and interface.dimension == 1
    assert interface.bounds == {"x": (1, 1), "y": (0, 1)}
    assert interface.normal == STEEL.boundary.normal
    samples = interface.sample(50, sampler=Sobol(), seed=0)
    assert (samples.points["x"] == 1).all() and (samples.columns["normal.x"] == 1).all()
    reverse = (COPPER.boundary & STEEL.boundary).sample(50, sampler=Sobol(), seed=0)
    assert (reverse.columns["normal.x"] == -1).all()


def test_faces_that_overlap_in_part():
    shifted = Box(x=(1, 2), y=(0.25, 3))
    interface = STEEL.boundary & shifted.boundary
    assert interface.measure == pytest.approx(0.75, rel=1e-4)
    points = interface.sample(64, sampler=Sobol(), seed=0).points
    assert (points["y"] >= 0.25).all() and interface.contains(points).all()
    assert not interface.contains({"x": 1.0, "y": 0.1})


def test_the_interface_of_a_core_and_its_shell():
    interface = CORE.boundary & SHELL.boundary
    assert interface.measure == pytest.approx(2 * math.pi)
    samples = interface.sample(50, sampler=Sobol(), seed=0)
    np.testing.assert_allclose(samples.columns["normal.x"], samples.points["x"], atol=1e-12)
    outward = (SHELL.boundary & CORE.boundary).sample(50, sampler=Sobol(), seed=0)
    np.testing.assert_allclose(outward.columns["normal.y"], -outward.points["y"], atol=1e-12)


def test_interfaces_of_products_with_time_and_of_their_slices():
    time = Box(t=(0, 3))
    interface = (STEEL * time).boundary & (COPPER * time).boundary
    assert interface.measure == 3 and interface.normal.names == ("x", "y")
    assert interface.at(t=0).measure == 1
    roles = {"x": "space", "y": "space", "t": "time"}
    assert interface.resolve(roles) == interface


def test_an_interface_survives_its_record_and_prints_as_written():
    interface = STEEL.boundary & COPPER.boundary.part("x-")
    stored = region_from_record(json.loads(json.dumps(interface.record())))
    assert stored == interface
    assert repr(stored) == f'{STEEL}.boundary & {COPPER}.boundary.part("x-")'


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: STEEL.boundary & Box(x=(1.1, 2), y=(0, 1)).boundary, "is empty.*coincide nowhere"),
        (lambda: STEEL.boundary & Box(x=(1, 2), y=(1, 2)).boundary, "is empty"),
        (lambda: STEEL.boundary & Box(x=(0.5, 2), y=(0.5, 2)).boundary, "is empty"),
        (lambda: STEEL.boundary & Box(x=(1, 2)).boundary, "have the coordinates x, y and x"),
        (lambda: (STEEL.boundary & COPPER.boundary).boundary, "no boundary of its own"),
        (lambda: STEEL.boundary & COPPER, "only by `&`|one dimension|does not"),
    ],
)
def test_mistakes_are_explained(wrong, message):
    with pytest.raises(GeometryError, match=message):
        wrong()
