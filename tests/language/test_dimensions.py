"""Units of expressions: the algebra of dimensions, and exact conversion."""

import pickle
import sys

import pytest
import sympy
from sympy import Abs, Heaviside, Max, Piecewise, Rational, atan2, exp, pi, sign, sin, sqrt

from pinr.declaration.constraint import on
from pinr.errors import DeclarationError
from pinr.geometry import Ball, Box
from pinr.language.coefficients import coefficient
from pinr.language.coordinates import coordinates
from pinr.language.dimensions import UnitClashError, in_unit, measured
from pinr.language.equations import Eq
from pinr.language.fields import unknown
from pinr.language.integrals import integral
from pinr.language.operators import div, dot, grad, hessian, laplacian, norm
from pinr.language.parameters import parameter
from pinr.language.quantities import quantity
from pinr.language.tree import from_tree, to_tree
from pinr.language.units import Unit, _registry, unit_text

x, y, t = coordinates("x y", time="t", unit="mm", units={"t": "s"})
T = unknown("T", x, y, t, unit="K")
v = unknown("v", x, y, t, size=2, unit="m/s")
k = parameter("k", 50, unit="W/m/K")
c = coefficient("c", lambda x, y: x, x, y, unit="J/K/m^3")
PLATE = Box(x=(0, 10), y=(0, 5))
METRE, KELVIN = quantity(1, "m"), quantity(1, "K")


def unit_of(expression):
    (unit,) = set(measured(expression)[1])
    return unit


UNITS = {
    "value": (T, "K"),
    "first derivative": (T.diff(x), "K/mm"),
    "mixed derivative": (T.diff(x, t), "K/mm/s"),
    "gradient": (grad(T), "K/mm"),
    "hessian": (hessian(T, x, y), "K/mm^2"),
    "laplacian": (laplacian(T), "K/mm^2"),
    "laplacian of a product": (laplacian(k * T), "W/m/mm^2"),
    "divergence of a flux": (div(-k * grad(T)), "W/m/mm^2"),
    "divergence of a velocity": (div(v), "m/s/mm"),
    "storage": (c * T.diff(t), "J/m^3/s"),
    "root of a square": (sqrt(T**2 + T**2), "K"),
    "norm": (norm(grad(T)), "K/mm"),
    "largest": (Max(T, 2 * KELVIN), "K"),
    "absolute value": (Abs(T), "K"),
    "cases": (Piecewise((T, x < METRE), (0, True)), "K"),
    "angle": (atan2(x, y), "1"),
    "sign": (sign(T), "1"),
    "step": (Heaviside(x - METRE) * T, "K"),
    "wave": (sin(pi * x / METRE), "1"),
    "elsewhere": (T.diff(x).subs(x, 0), "K/mm"),
    "moved": (T.subs(x, x + METRE), "K"),
    "integral": (integral(T, PLATE), "K*mm^2"),
    "integral over a boundary": (integral(T, PLATE.boundary), "K*mm"),
    "integral over a slice": (integral(T, PLATE.at(y=0)), "K*mm"),
    "on a normal": (dot(k * grad(T), PLATE.boundary.normal), "W/m/mm"),
}


@pytest.mark.parametrize(("expression", "unit"), UNITS.values(), ids=UNITS)
def test_the_unit_of_an_expression(expression, unit):
    assert unit_of(expression).ratio(Unit.of(unit_text(unit, written=""))) == 1


CLASHES = {
    "kelvin and kelvin per second": (T + T.diff(t), "`T.diff(t)` has K/s"),
    "length and time": (x + t, "they cannot be added or compared"),
    "exponential of a length": (exp(x), "the argument of `exp` must be a plain number"),
    "length as an exponent": (2**x, "an exponent must be a plain number"),
    "length to a changing power": (x ** (x / METRE), "only a plain number has the power"),
    "place in seconds": (T.subs(x, t), "the coordinate in whose place it stands has mm"),
    "cases of two kinds": (Piecewise((T, x < METRE), (x, True)), "cannot be added or compared"),
    "condition of two kinds": (Piecewise((T, x < KELVIN), (0, True)), "cannot be added or compared"),
    "beneath an operator": (laplacian(T + v[0]), "cannot be added or compared"),
    "beneath an integral": (integral(T + x, PLATE), "cannot be added or compared"),
}


@pytest.mark.parametrize(("expression", "words"), CLASHES.values(), ids=CLASHES)
def test_a_clash_names_the_term(expression, words):
    with pytest.raises(UnitClashError) as caught:
        measured(expression)
    assert words in str(caught.value)


AGREEING = [laplacian(T), sin(x / y), T >= 0, T.diff(x).subs(x, 2), k * grad(T) * c]


@pytest.mark.parametrize("expression", AGREEING, ids=str)
def test_what_agrees_comes_out_as_it_went_in(expression):
    constraint = on(PLATE * Box(t=(0, 1)), expression)
    assert constraint.equations == (expression,) and constraint.written == ()


def test_conversion_is_exact():
    third = quantity(Rational(1, 3), "km")
    assert in_unit(x + third, "mm") == x + Rational(10**6, 3)
    assert in_unit(third**2, "mm^2") == Rational(10**12, 9)
    assert in_unit(sqrt(quantity(2, "m")), "mm^(1/2)") == sqrt(2000)
    assert in_unit(sin(quantity(1, "m") * x / quantity(1, "m^2")), "1") == sin(x / 1000)


def test_the_laplacian_over_millimetres_and_metres_is_a_sum_in_one_unit():
    (height,) = [coordinates("z", unit="m")]
    tall = unknown("tall", x, height, unit="K")
    numbers, (unit,) = measured(laplacian(tall))
    assert sympy.simplify(numbers * unit.ratio(Unit.of("K/m^2"))) == 10**6 * tall.diff(x, 2) + tall.diff(height, 2)


def test_a_normal_needs_coordinates_of_one_unit():
    height = coordinates("z", unit="m")
    tall = unknown("tall", x, height, unit="K")
    side = Box(x=(0, 1), z=(0, 1)).boundary
    assert "needs coordinates of one unit, but x has mm, z has m" in on(side, dot(grad(tall), side.normal)).clash


@pytest.mark.parametrize(("one", "other"), [("J/s", "W"), ("N*m", "J"), ("m*N", "N*m"), ("l", "dm^3"), ("1", "m/m")])
def test_one_unit_by_two_names(one, other):
    assert Unit.of(unit_text(one, written="")).ratio(Unit.of(unit_text(other, written=""))) == 1


@pytest.mark.parametrize("text", ["1", "mm", "W/K/m", "1/s", "mm^2*s/kg^3", "m^(1/2)", "1/m^(3/2)"])
def test_a_unit_and_its_text(text):
    assert Unit.of(str(Unit.of(text))) == Unit.of(text)
    assert (Unit.of(text) ** 2 / Unit.of(text)) == Unit.of(text)


@pytest.mark.parametrize("text", ["", "5 mm", "m^1/0", "m^(1/0)", "(m", "m^99999", "m" * 100])
def test_what_is_no_text_of_a_unit_is_refused(text):
    with pytest.raises(DeclarationError, match="is not the text of a unit"):
        Unit.of(text)


@pytest.mark.parametrize("expression", [T, v, x, k, T.subs(x, quantity(2, "m")), k * laplacian(T)], ids=str)
def test_units_survive_trees_and_pickles(expression):
    assert from_tree(to_tree(expression)) == expression
    assert pickle.loads(pickle.dumps(expression)) == expression


def test_a_unit_tells_symbols_apart():
    assert coordinates("x", unit="mm") == x != coordinates("x")
    assert parameter("k", 50, unit="W/K/m") == k != parameter("k", 50)
    assert unknown("T", x, y, t, unit="kelvin") == T != unknown("T", x, y, t)


def test_the_measure_of_a_disc_in_its_own_units():
    disc = Ball(x=0, y=0, radius=2)
    assert unit_of(integral(T.subs(t, 0), disc)) == Unit.of("K") * Unit.of("mm^2")
    with pytest.raises(DeclarationError, match="unit of `y` cannot be seen"):
        unit_of(integral(x**2, disc))


def test_equations_of_vectors_agree_component_by_component():
    (equation,) = on(PLATE * Box(t=(0, 1)), Eq(v, (quantity(36, "km/h"), 0))).equations
    assert list(equation.rhs) == [10, 0]


def test_without_pint_units_say_what_to_install(monkeypatch):
    _registry.cache_clear()
    monkeypatch.setitem(sys.modules, "pint", None)
    with pytest.raises(ImportError, match=r"pip install pinr\[units\]"):
        coordinates("x", unit="mm")
    assert on(Box(x=(0, 1)), Eq(unknown("u", coordinates("x")), 1)).clash == ""
