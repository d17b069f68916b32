"""Measurements: columns bind by header, rows are drawn without replacement, and columns never vanish."""

import numpy as np
import pandas
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from pinr.declaration.constraint import on
from pinr.errors import DeclarationError, FileFormatError, GeometryError
from pinr.geometry import Box, Measurements
from pinr.geometry.sampling import Sobol, Uniform
from pinr.language.coordinates import coordinates
from pinr.language.equations import Eq
from pinr.language.fields import unknown
from pinr.language.operators import grad, laplacian

x, y, t = coordinates("x y", time="t")
u, w = unknown("u", x, y), unknown("w", x, t)
NAN = np.nan
TABLE = {"x": [0.0, 0.5, 1.0, 0.25], "y": [1.0, 0.0, 0.5, NAN], "t": [0.0, 0.0, 2.0, 1.0], "u": [3.0, NAN, 5.0, 7.0]}


@pytest.fixture
def probes():
    return Measurements(TABLE)


def test_columns_that_are_coordinates_of_the_equations_say_where_and_the_others_are_data(probes):
    in_space, in_time = on(probes, Eq(u, probes["u"])).region, on(probes, Eq(w, probes["u"])).region
    assert (in_space.names, in_space.dimension, in_space.measure) == (("x", "y"), 0, 2)
    assert in_space.bounds == {"x": (0, 1), "y": (0.5, 1)}
    assert (in_time.names, in_time.measure) == (("x", "t"), 3)
    samples = in_time.sample(99, sampler=Sobol(), seed=0)
    assert samples.columns[probes["u"].key].tolist() == [3, 5, 7]
    assert samples.points["t"].tolist() == [0, 2, 1]


def test_rows_are_left_out_only_for_columns_that_are_used(probes):
    assert on(probes, Eq(u, probes["u"])).region.incomplete.tolist() == [1, 3]
    assert on(probes, Eq(u, 1)).region.incomplete.tolist() == [3]
    assert on(probes, Eq(w, probes["x"] + probes["t"])).region.incomplete.size == 0


def test_without_a_coordinate_or_a_complete_row_there_is_no_region(probes):
    with pytest.raises(GeometryError, match=r"none of the columns a, X is a coordinate.*have x, y.*rename"):
        on(Measurements(a=[1.0], X=[2.0]), Eq(u, 1))
    empty = Measurements(x=[1.0, NAN], y=[0.0, 0.0], u=[NAN, 2.0])
    with pytest.raises(GeometryError, match="no row has a value in all of x, y, u"):
        on(empty, Eq(u, empty["u"]))


def test_a_misspelt_column_is_suggested(probes):
    with pytest.raises(GeometryError, match=r"no such column. Did you mean 'speed'\? There are x, speed"):
        Measurements(x=[1.0], speed=[2.0])["sped"]


@pytest.mark.parametrize(
    "derivative",
    [
        lambda c: c.diff(x),
        lambda c: c.diff(x, y),
        lambda c: (c**2).diff(x),
        lambda c: (u - c).diff(t),
        lambda c: (2 * c).diff(sympy.Symbol("x")),
        lambda c: grad(u - c),
        lambda c: laplacian(u * c).doit(),
        lambda c: sympy.Derivative(c, x).doit(),
        lambda c: c.diff(sympy.Symbol("q")),
        lambda c: (u + c).subs(x, 0),
    ],
)
def test_a_column_is_never_differentiated_nor_moved(probes, derivative):
    with pytest.raises(DeclarationError, match="known at its own rows only"):
        derivative(probes["u"])


def test_columns_print_with_their_table(probes):
    wells = Measurements(TABLE, name="wells")
    assert (str(probes["u"]), str(2 * wells["u"]), sympy.latex(wells["u"])) == (
        "measurements.u",
        "2*wells.u",
        "wells.u",
    )
    assert str(Measurements({"x": [1.0], "u [m/s]": [2.0]})["u [m/s]"]) == "measurements.u [m/s]"


def test_columns_of_equal_tables_are_equal_and_of_others_not(probes):
    other = {**TABLE, "y": [1.0, 0.0, 0.5, 0.5]}
    assert probes == Measurements(TABLE) and probes["u"] == Measurements(TABLE)["u"]
    assert probes != Measurements(other) and probes["u"] != Measurements(other)["u"]


@given(st.integers(1, 40), st.integers(1, 60), st.integers(0, 5))
def test_draws_are_subsets_without_replacement(rows, count, seed):
    region = Measurements(x=np.arange(rows), u=np.arange(rows) ** 2).resolve({"x": "space"})
    samples = region.sample(count, sampler=Uniform(), seed=seed)
    drawn = samples.points["x"]
    assert samples.count == min(rows, count) == len(set(drawn))
    assert np.array_equal(samples.columns[region["u"].key], drawn**2), "rows stay together"


def test_every_row_is_drawn_as_often_as_any_other():
    region = Measurements(x=np.arange(10), u=np.arange(10)).resolve({"x": "space"})
    drawn = [region.sample(3, sampler=Uniform(), seed=(0, 0, draw)).points["x"] for draw in range(2000)]
    counts = np.bincount(np.concatenate(drawn).astype(int), minlength=10)
    assert np.abs(counts / 2000 - 0.3).max() < 5 * np.sqrt(0.3 * 0.7 / 2000)


def test_all_rows_are_used_where_no_number_is_asked_for(probes):
    constraint = on(probes, Eq(w, probes["u"]))
    assert constraint.region.count == 3
    assert on(probes, Eq(w, probes["u"]), points=3).points == 3
    with pytest.raises(DeclarationError, match=r"'measurements' \(.*points=4, but .* has 3 rows"):
        on(probes, Eq(w, probes["u"]), points=4)


def test_rows_are_chosen_by_conditions_on_any_column(probes):
    early = on(probes.where(t < 1).where(x > 0), Eq(w, 1)).region
    assert early.sample(9, sampler=Sobol(), seed=0).points["x"].tolist() == [0.5]
    region = on(probes.where(sympy.Symbol("u") > 4), Eq(w, probes["u"])).region
    assert region.sample(9, sampler=Sobol(), seed=0).points["x"].tolist() == [1, 0.25]
    start = on(probes.at(t=0), Eq(w, 1)).region
    assert start.bounds == {"x": (0, 0.5), "t": (0, 0)}
    with pytest.raises(GeometryError, match="no coordinate 'z'"):
        probes.where(sympy.Symbol("z") > 0)
    with pytest.raises(GeometryError, match="no row has a value"):
        on(probes.where(t > 1).where(x < 0), Eq(w, 1))


def test_an_empty_column_that_is_not_used_does_not_matter():
    probes = Measurements(x=[0.0, 1.0, 2.0], t=[0.0, 1.0, 1.0], u=[1.0, 2.0, 3.0], spare=[None, None, None])
    assert on(probes.at(t=1), Eq(w, probes["u"])).region.bounds == {"x": (1, 2), "t": (1, 1)}
    with pytest.raises(GeometryError, match="runs from 0 to 1"):
        probes.at(t=2)


def test_frames_are_tables():
    frame = pandas.DataFrame({"x": [0, 1], "u": [0.5, None]})
    assert Measurements(frame) == Measurements(x=[0.0, 1.0], u=[0.5, NAN])
    assert Measurements(frame.to_xarray()).table.columns["u"][0] == 0.5


def test_measurements_times_an_interval_are_lines(probes):
    sensors = Measurements(x=[0.0, 1.0], u=[3.0, 4.0])
    region = on(sensors * Box(t=(0, 2)), Eq(w, sensors["u"])).region
    samples = region.sample(64, sampler=Sobol(), seed=0)
    assert (region.names, region.dimension, region.measure) == (("x", "t"), 1, 4)
    assert np.array_equal(samples.columns[sensors["u"].key], samples.points["x"] + 3)
    assert len(set(samples.points["t"])) == 64


def test_sums_over_the_rows_are_exact(probes):
    region = on(probes, Eq(w, 1)).region
    samples = region.quadrature(1)
    assert np.sum(samples.columns["weight"] * samples.points["t"]) == pytest.approx(3, abs=1e-14)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda p: p.boundary, GeometryError, "points have no boundary"),
        (lambda p: p.inside, GeometryError, "points have no inside"),
        (lambda p: p.translate(x=1), GeometryError, "stay where they were made"),
        (lambda p: p | Box(x=(0, 1)), GeometryError, "cannot be combined"),
        (lambda p: Box(x=(0, 1)) - p, GeometryError, "cannot be combined"),
        (lambda p: Measurements(), GeometryError, "no columns"),
        (lambda p: Measurements(x=[]), GeometryError, "no rows"),
        (lambda p: Measurements(x=[1.0], u=[1.0, 2.0]), GeometryError, "lengths .'x' 1, 'u' 2."),
        (lambda p: Measurements(x=[[1.0]]), GeometryError, r"'x' of `measurements` has the shape \(1, 1\)"),
        (lambda p: Measurements(x=[0.0, np.inf]), GeometryError, "inf in row 2 of the column 'x'"),
        (lambda p: Measurements(x=[0.0, "a"]), GeometryError, "'x', which is no real number"),
        (lambda p: Measurements(x=[0.0, None, 1j]), GeometryError, r"'1j' in row 3 of the column 'x'"),
        (lambda p: Measurements({"x": [0.0]}, x=[1.0]), GeometryError, "that of two"),
        (lambda p: Measurements({3: [0.0]}), GeometryError, "3 is no name"),
        (lambda p: Measurements.read("nowhere.csv"), FileFormatError, "no such file"),
    ],
)
def test_mistakes_are_explained(probes, wrong, error, message):
    with pytest.raises(error, match=message):
        wrong(probes)


def test_none_and_masked_values_are_missing():
    region = Measurements(x=[0.0, 1.0, 2.0], u=[1, None, 3], v=np.ma.masked_equal([0, 1, 2], 0))
    assert np.flatnonzero(~region.table.complete(["u"])).tolist() == [1]
    assert np.flatnonzero(~region.table.complete(["v"])).tolist() == [0]


def test_a_table_is_not_changed_from_outside():
    values = np.array([0.0, 1.0])
    probes = Measurements(x=values)
    values += 1
    assert probes.table.columns["x"].tolist() == [0, 1]
    with pytest.raises(ValueError, match="read-only"):
        probes.table.columns["x"][0] = 5
