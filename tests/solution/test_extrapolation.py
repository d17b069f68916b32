"""What a field is asked for outside of where it was trained is never given in silence."""

import warnings

import numpy as np
import pytest

from pinr import (
    Ball,
    Box,
    Eq,
    ExtrapolationWarning,
    Measurements,
    Problem,
    Siren,
    coordinates,
    grad,
    integral,
    laplacian,
    on,
    unknown,
)
from tests.solution.closed_forms import solution_of

x, y, t = coordinates("x y", time="t")
u, w = unknown("u", x, y), unknown("w", x, t)
SQUARE = Box(x=(-1, 1), y=(-1, 1))


def solution_in(region, field=u):
    return solution_of(Problem(on(region, Eq(laplacian(field), 1))), Siren(8, 2))


@pytest.fixture(scope="module")
def holed():
    return solution_in(SQUARE - Ball(x=0, y=0, radius=0.5))


@pytest.mark.parametrize(
    ("expression", "places", "words"),
    [
        (u, {"x": [0.7, 0.1, 0.0], "y": 0.1}, "2 of 3 points lie outside .* `u` .* the first at x = 0.1, y = 0.1"),
        (grad(u) * x, {"x": 0.0, "y": -1.01}, "the point lies outside .* at x = 0, y = -1.01"),
        (u, {"x": np.nan, "y": 0.9}, "outside"),
    ],
    ids=["hole", "beyond a side", "no number"],
)
def test_points_outside_are_counted_and_the_first_is_named(holed, expression, places, words):
    with pytest.warns(ExtrapolationWarning, match=words) as caught:
        values = holed.evaluate(expression, **places)
    assert values.shape[: np.ndim(places["x"])] == np.shape(places["x"])
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize(
    ("expression", "places"),
    [
        (u, {"x": 1 + 1e-6, "y": -1 - 1e-6}),
        (u, {"x": 0.4997, "y": 0.0}),
        (u, {"x": [], "y": []}),
        (u.subs({x: 3, y: 3}), {}),
        (integral(u, SQUARE), {}),
        (x**2, {"x": 7.0}),
    ],
    ids=["rounded corner", "rounded hole", "nowhere", "elsewhere", "integral", "known"],
)
def test_what_is_as_good_as_inside_is_given_in_silence(holed, expression, places):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        holed.evaluate(expression, **places)


def test_times_have_an_end_and_periods_have_none():
    string = solution_in(Box(x=(0, 1), periodic="x") * Box(t=(0, 1)), w)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        string.evaluate(w, x=[-0.3, 7.5], t=1.0)
    with pytest.warns(ExtrapolationWarning, match="at x = 0.5, t = 1.2"):
        string.evaluate(w, x=0.5, t=1.2)


def test_between_measurements_a_field_is_wanted():
    probes = Measurements(x=[0.0, 1.0, 0.3], y=[0.0, 1.0, 0.6], name="probes")
    fitted = solution_of(Problem(on(probes, Eq(u, x))), Siren(8, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted.evaluate(u, x=0.5, y=0.1)
    with pytest.warns(ExtrapolationWarning, match="x = 1.5"):
        fitted.evaluate(u, x=1.5, y=0.1)


def test_shapes_are_looked_for_where_the_field_was_trained():
    shape = solution_in(SQUARE)
    inner = Box(x=(-1, 0.5), y=(0, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert shape.region(u < 1e6, within=inner).measure == pytest.approx(1.5)
    with pytest.warns(ExtrapolationWarning, match=r"beyond the regions on which `u` was trained \(7[0-9]% of it"):
        shape.region(u < 1e6, within=Box(x=(-2, 2), y=(-2, 2)))
