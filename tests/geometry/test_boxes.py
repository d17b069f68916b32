"""Boxes, slices and products; what they refuse."""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import I, oo, pi, sqrt

from pinr.errors import GeometryError
from pinr.geometry import Box, Product, Slice
from pinr.geometry.sampling import Sobol

SQUARE = Box(x=(-1, 1), y=(-1, 1))
STRING = Box(x=(0, pi)) * Box(t=(0, 10))
x = sympy.Symbol("x")

lows = st.floats(-1e6, 1e6)
lengths = st.floats(1e-3, 1e6)
boxes = st.dictionaries(st.sampled_from(["x", "y", "z", "w"]), st.tuples(lows, lengths), min_size=1).map(
    lambda pairs: Box(**{name: (low, low + length) for name, (low, length) in pairs.items()})
)


@settings(max_examples=30, deadline=None)
@given(box=boxes)
def test_random_boxes_contain_their_samples_and_their_boundary(box):
    assert box.contains(box.sample(16, sampler=Sobol(), seed=0).points).all()
    boundary = box.boundary.sample(32, sampler=Sobol(), seed=0)
    assert box.contains(boundary.points).all() and box.boundary.contains(boundary.points).all()


@settings(max_examples=30, deadline=None)
@given(box=boxes)
def test_measures_of_random_boxes(box):
    lengths = [high - low for low, high in box.bounds.values()]
    assert box.measure == pytest.approx(math.prod(lengths))
    area = 2 * sum(math.prod(lengths[:i] + lengths[i + 1 :]) for i in range(len(lengths)))
    assert box.boundary.measure == pytest.approx(area)


@settings(max_examples=30, deadline=None)
@given(box=boxes, fraction=st.floats(0, 1))
def test_slices_of_random_boxes_hold_their_constant(box, fraction):
    name = box.names[0]
    low, high = box.bounds[name]
    value = min(low + fraction * (high - low), high)
    cut = box.at(**{name: value})
    samples = cut.sample(8, sampler=Sobol(), seed=0)
    assert (samples.points[name] == value).all()
    assert cut.dimension == box.dimension - 1 and cut.names == box.names
    assert box.contains(samples.points).all()


def test_bounds_are_exact_in_print_and_floats_in_use():
    box = Box(
        x=(0, pi), y=(-sqrt(2) / 2, sympy.Rational(1, 3)), z=(0.1, np.float64(2)), w=(Fraction(1, 3), np.int64(2))
    )
    assert repr(box) == "Box(x=(0, pi), y=(-sqrt(2)/2, 1/3), z=(0.1, 2.0), w=(1/3, 2))"
    assert box.bounds["x"] == (0, math.pi) and box.bounds["w"] == (1 / 3, 2)
    assert repr(Box(x=(sympy.Float(0.1), 1))) == "Box(x=(0.1, 1))"


def test_regions_are_equal_by_value():
    assert Box(x=(0, 1)) == Box(x=(0.0, sympy.Integer(1))) and hash(Box(x=(0, 1))) == hash(Box(x=(0.0, 1.0)))
    assert Box(x=(0, 1)) != Box(x=(0, 1), name="notch")
    assert Box(x=(0, 1)) != Box(y=(0, 1))
    assert SQUARE.at(x=0).at(y=1) == SQUARE.at(y=1, x=0)
    assert STRING.at(t=0) == Box(x=(0, pi)) * Box(t=(0, 10)).at(t=0)
    assert isinstance(SQUARE.at(x=0), Slice)


def test_products_are_associative():
    a, b, c = Box(x=(0, 1)), Box(y=(0, 1)), Box(t=(0, 1))
    assert (a * b) * c == a * (b * c) == Product((a, b, c))


def test_the_tolerance_is_relative_to_the_size():
    for scale in (1e-6, 1.0, 1e6):
        box = Box(x=(0, scale), y=(0, 1))
        assert box.contains({"x": scale * (1 + 1e-12), "y": 0.5})
        assert not box.contains({"x": scale * (1 + 1e-6), "y": 0.5})


def test_contains_broadcasts():
    inside = SQUARE.contains({"x": np.array([[0], [2]]), "y": [0.0, 0.5, 3.0]})
    np.testing.assert_array_equal(inside, [[True, True, False], [False, False, False]])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (Box, "no coordinates"),
        (lambda: Box(x=(1, 0)), "lower bound 1 is not below the upper bound 0"),
        (lambda: Box(x=(pi, pi)), r"lower bound pi is not below.*\.at\(x=pi\)"),
        (lambda: Box(x=(0, oo)), "oo is not a finite number"),
        (lambda: Box(x=(0, math.nan)), "not a finite number"),
        (lambda: Box(x=(-math.inf, 0)), "not a finite number"),
        (lambda: Box(x=(0, 10**400)), "not a finite number"),
        (lambda: Box(x=(0, sympy.zoo)), "not a finite number"),
        (lambda: Box(x=(0, 1 + I)), "not real"),
        (lambda: Box(x=(0, 1j)), "not real"),
        (lambda: Box(x=(0, x)), "`x` depends on x"),
        (lambda: Box(x=("0", 1)), "'0' is a str"),
        (lambda: Box(x=(None, 1)), "None is a NoneType"),
        (lambda: Box(x=(True, 2)), "True is a bool"),
        (lambda: Box(x=1), r"not a pair.*x=\(low, high\)"),
        (lambda: Box(x=(0, 1, 2)), "not a pair"),
        (lambda: Box(x="01"), "not a pair"),
        (lambda: Box(x=(0, 1), name="two words"), "letters, digits and underscores"),
        (lambda: SQUARE * Box(y=(0, 1)), "share the coordinate y"),
        (lambda: SQUARE.at(x=2), "x runs from -1 to 1"),
        (lambda: SQUARE.at(xx=0), "no coordinate 'xx'.*Did you mean 'x'.*It has x, y"),
        (SQUARE.at, "fixes nothing"),
        (lambda: SQUARE.at(x=0).at(x=0), "already fixed"),
        (lambda: SQUARE.at(x=oo), "not a finite number"),
        (lambda: STRING.at(t=11), "t runs from 0 to 10"),
        (lambda: SQUARE.contains({"x": 0.0}), "without y"),
        (lambda: SQUARE.sample(0, sampler=Sobol(), seed=0), "positive integer"),
        (lambda: SQUARE.sample(1, sampler=Sobol(), seed=-1), "non-negative"),
        (lambda: SQUARE.sample(1, sampler=Sobol(), seed=()), "non-negative"),
    ],
)
def test_mistakes_are_explained(wrong, message):
    with pytest.raises(GeometryError, match=message):
        wrong()
