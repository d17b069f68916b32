"""Gridded data: the spline through them, and one clear error at declaration for each mistake."""

import numpy as np
import pytest
import torch
import xarray
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.interpolate import make_interp_spline

from pinr.compiler.collect import collect
from pinr.compiler.known_values import known_values
from pinr.declaration.constraint import on
from pinr.declaration.problem import Problem
from pinr.errors import DeclarationError
from pinr.geometry import Box, Samples
from pinr.language.coefficients import coefficient
from pinr.language.coordinates import coordinates
from pinr.language.equations import Eq
from pinr.language.fields import unknown
from pinr.language.gridded import Gridded, gridded

x, y = coordinates("x y")
u = unknown("u", x, y)
X, Y = np.linspace(0, 1, 9), np.linspace(0, 2, 7)
CUBIC = X[:, None] ** 3 - 2 * X[:, None] * Y**2 + Y**3 - 1
AT = Samples({"x": np.array([0.0, 0.21, 0.77, 1.0]), "y": np.array([2.0, 0.4, 1.3, 0.0])})


def array(values=CUBIC, x=X, y=Y):
    return xarray.DataArray(values, dims=("x", "y"), coords={"x": x, "y": y})


def values(expression):
    collected = collect((expression,))
    return known_values(collected.components, AT, collected.atoms)[0]


def test_cubic_polynomials_and_their_derivatives_are_exact():
    c, (p, q) = coefficient("c", array(), x, y), AT.points.values()
    assert values(c) == pytest.approx(p**3 - 2 * p * q**2 + q**3 - 1, abs=1e-13)
    assert values(c.diff(x)) == pytest.approx(3 * p**2 - 2 * q**2, abs=1e-12)
    assert values(c.diff(x, y)) == pytest.approx(-4 * q, abs=1e-11)
    assert values(c.diff(y, 2)) == pytest.approx(-4 * p + 6 * q, abs=1e-11)


@pytest.mark.parametrize(
    "same",
    [
        lambda: coefficient("c", array().transpose("y", "x"), x, y),
        lambda: coefficient("c", array().isel(x=slice(None, None, -1)), x, y),
        lambda: coefficient("c", CUBIC, x, y, extent={"x": (0, 1), "y": (0, 2)}),
        lambda: coefficient("c", CUBIC.tolist(), x, y, extent={"x": (0, 1), "y": (0, 2)}),
        lambda: coefficient("c", CUBIC[::-1], x, y, extent={"x": (1, 0), "y": (0, 2)}),
        lambda: coefficient("c", gridded(CUBIC, x=(0, 1), y=(0, 2)), x, y),
        lambda: coefficient("c", gridded(CUBIC.T, y=(0, 2), x=(0, 1)), x, y),
    ],
    ids=["transposed", "reversed", "extent", "lists", "extent reversed", "gridded", "gridded transposed"],
)
def test_the_same_data_are_the_same_function_however_they_are_given(same):
    assert values(same()) == pytest.approx(values(coefficient("c", array(), x, y)), abs=1e-13)


def test_equal_data_are_equal_coefficients_and_others_are_not():
    c = coefficient("c", array(), x, y)
    assert c == coefficient("c", array(CUBIC.copy()), x, y)
    assert c != coefficient("c", array(CUBIC + 1e-9), x, y) and c != coefficient("c", array(x=X + 1e-9), x, y)


def test_data_changed_after_the_declaration_change_nothing():
    mine = CUBIC.copy()
    c = coefficient("c", array(mine), x, y)
    before = values(c)
    mine += 1
    assert np.array_equal(values(c), before)


def test_the_spline_is_built_once_for_all_draws_of_points(monkeypatch):
    built = []

    def counting(*args, **kwargs):
        built.append(args)
        return make_interp_spline(*args, **kwargs)

    monkeypatch.setattr("pinr.language.gridded.make_interp_spline", counting)
    c = coefficient("c", array(CUBIC + 7), x, y)  # data that no other test has had a spline for
    for expression in (c, c.diff(x), c + u * 0, c.diff(y)):
        values(expression)
    assert len(built) == 2, "one for each axis"


@given(arrays(np.float64, (4, 3), elements=st.floats(-1e6, 1e6)))
def test_the_spline_goes_through_the_data(numbers):
    data = Gridded(gridded(numbers, x=(-1, 1), y=(2, 5)), written="test")
    at = np.meshgrid(*data.axes.values(), indexing="ij")
    found = data.at(dict(zip("xy", map(np.ravel, at), strict=True)), {"x": 0, "y": 0}, name="c")
    assert found.reshape(numbers.shape) == pytest.approx(numbers, abs=1e-9 * max(1.0, np.abs(numbers).max()))


HOLE = CUBIC.copy()
HOLE[2, 3] = np.nan


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (lambda: coefficient("c", CUBIC, x, y), r"shape \(9, 7\) without positions.*extent="),
        (lambda: coefficient("c", CUBIC, x, y, extent={"y": (0, 2), "x": (0, 1)}), "in their order"),
        (lambda: coefficient("c", CUBIC, x, y, extent={"x": (0, 1), "z": (0, 1)}), "must name the coordinates"),
        (lambda: coefficient("c", CUBIC, x, y, extent={"x": (0, 1), "y": (2, 2)}), "y needs its first and last"),
        (lambda: coefficient("c", CUBIC, x, y, extent={"x": (0, 1), "y": 2}), "y needs its first and last"),
        (lambda: coefficient("c", array(), x, y, extent={"x": (0, 1), "y": (0, 2)}), "for bare arrays"),
        (lambda: coefficient("c", abs, x, extent={"x": (0, 1)}), "for bare arrays"),
        (lambda: coefficient("c", array(HOLE), x, y), r"nan at x = 0.25, y = 1 \(1 of 63 values\)"),
        (lambda: coefficient("c", array(x=np.sin(7 * X)), x, y), "along x must be .* strictly"),
        (lambda: coefficient("c", array(y=np.r_[Y[:-1], Y[-2]]), x, y), "drop_duplicates"),
        (lambda: coefficient("c", array(y=np.r_[Y[:-1], np.nan]), x, y), "along y must be"),
        (lambda: coefficient("c", array().isel(x=[0]), x, y), "along x must be two or more"),
        (lambda: coefficient("c", array().drop_vars("y"), x, y), "no positions along y"),
        (lambda: coefficient("c", array().rename(x="z"), x, y), "Rename the dimensions"),
        (lambda: coefficient("c", array(CUBIC * 1j), x, y), "complex128. Give real"),
        (lambda: coefficient("c", array(CUBIC.astype(str)), x, y), "Give real numbers"),
        (lambda: coefficient("c", array().to_dataset(name="c"), x, y), "got a Dataset"),
        (lambda: coefficient("c", torch.zeros(2, 2), x, y), "got a Tensor"),
        (lambda: gridded(CUBIC, x=(0, 1)), r"shape \(9, 7\), the extent names 1 axes"),
    ],
)  # fmt: skip
def test_mistakes_are_found_at_the_declaration(declare, message):
    with pytest.raises(DeclarationError, match=message):
        declare()


def test_a_reference_without_positions_is_explained():
    inside = on(Box(x=(0, 1), y=(0, 2)), Eq(u, 1))
    with pytest.raises(DeclarationError, match=r"`gridded\(array, x=\(0, 1\), y=\(0, 2\)\)`"):
        Problem(inside, reference={u: CUBIC})
    assert Problem(inside, reference={u: gridded(CUBIC, x=(0, 1), y=(0, 2))}).reference[u].dims == ("x", "y")
