"""JSON trees: what is written is read back, what is hostile is refused, quickly."""

import contextlib
import json

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Abs, Derivative, Max, Piecewise, Rational, erf, exp, pi, sin, tanh

from pinr.errors import FileFormatError
from pinr.geometry import Box
from pinr.language.coefficients import coefficient
from pinr.language.coordinates import coordinates
from pinr.language.equations import Eq
from pinr.language.fields import unknown
from pinr.language.operators import div, dot, grad, laplacian, norm
from pinr.language.parameters import parameter
from pinr.language.tree import from_tree, to_tree

x, y, t = coordinates("x y", time="t")
u, w = unknown("u", x, y), unknown("w", x, t)
v = unknown("v", x, y, size=2)
nu = parameter("nu", 0.1, positive=True)
c = coefficient("c", abs, x)


def round_trip(expression, **options):
    return from_tree(json.loads(json.dumps(to_tree(expression))), **options)


LEAVES = st.one_of(
    st.sampled_from([x, y, t, u, v[0], v[1], w, nu, u.diff(x), u.diff(x, 2, y), v[1].diff(y), sympy.pi, sympy.E]),
    st.sampled_from(
        [u.subs(x, 0), u.diff(x).subs(x, -1), u.subs(x, 2 * x).diff(x), laplacian(u), div(v), laplacian(w)]
    ),
    st.integers(-50, 50).map(sympy.Integer),
    st.fractions(-5, 5, max_denominator=9).map(lambda q: Rational(q.numerator, q.denominator)),
    st.floats(-1e6, 1e6).map(sympy.Float),
)


def branches(children):
    return st.one_of(
        st.tuples(children, children).map(lambda p: p[0] + p[1]),
        st.tuples(children, children).map(lambda p: p[0] * p[1]),
        st.tuples(children, st.sampled_from([2, 3, -1, Rational(1, 2)])).map(lambda p: p[0] ** p[1]),
        st.tuples(st.sampled_from([sin, exp, tanh, Abs, erf, sympy.Heaviside]), children).map(lambda p: p[0](p[1])),
        st.tuples(children, children).map(lambda p: norm(sympy.Matrix(p))),
        st.tuples(children, children).map(lambda p: Piecewise((p[0], x < y), (p[1], True))),
    )


@settings(max_examples=60, deadline=None)
@given(st.recursive(LEAVES, branches, max_leaves=8))
def test_random_expressions_are_read_back(expression):
    if expression.has(sympy.nan, sympy.zoo, sympy.oo, sympy.I):
        return
    assert round_trip(expression) == expression


@pytest.mark.parametrize(
    "expression",
    [
        Eq(v, 0),
        Eq(w.diff(t), laplacian(w)),
        u >= 0,
        (x > 0) & (x**2 + y**2 < 1),
        sympy.Float("0.1", 40) + sympy.Float(0.1) + 1 / sympy.Float(3),
        sympy.oo,
        sympy.I * x,
        pi**-x,
        Max(u, 0, x) + sympy.sign(x - sympy.E),
        dot(grad(u), Box(x=(0, 1), y=(0, 1)).boundary.normal),
        u.subs({x: x + y, y: 2 * y}, simultaneous=True).diff(x, y),
        Derivative(sin(x) * u, x),
        sympy.besselj(0, x) + sympy.legendre(sympy.Symbol("n"), x),
        sympy.ImmutableMatrix([[1, x], [u, pi]]),
        parameter("a", -2.5),
    ],
    ids=str,
)
def test_special_expressions_are_read_back(expression):
    assert round_trip(expression) == expression


def test_fields_read_back_are_told_from_namesakes_and_differentiate():
    again = round_trip(w)
    assert again.diff(t) == w.diff(t)
    assert round_trip(nu).value == 0.1 and round_trip(nu).is_positive


def test_coefficients_take_their_data_from_the_reader():
    assert round_trip(c.diff(x), using={"c": abs}) == c.diff(x)
    with pytest.raises(FileFormatError, match=r"using=\{'c'"):
        round_trip(c)


def test_what_the_format_does_not_have_is_refused_when_written():
    for expression in (sympy.zeta(x), sympy.Function("f")(x), sympy.zoo, sympy.nan):
        with pytest.raises(FileFormatError, match="cannot be stored"):
            to_tree(expression)


def integer(value):
    return {"integer": str(value)}


def node(name, *arguments):
    return {"node": name, "args": list(arguments)}


def field(**changed):
    label = {"name": "u", "coordinates": ["x"], "index": None, "size": 1} | changed
    return {"field": "Unknown", "label": label, "args": [X]}


X = {"coordinate": "x", "role": "space"}
BIG = str(10**300)
DEEP = X
for _ in range(20_000):
    DEEP = node("sin", DEEP)
HOSTILE = {
    "unknown node": node("eval", integer(1)),
    "python name": node("__import__", integer(1)),
    "a node that is a list": {"node": ["Add"], "args": []},
    "unknown constant": {"constant": "os"},
    "unknown key": {"python": "1"},
    "a number": 5,
    "a text": "matrix",
    "nothing": None,
    "empty": {},
    "an empty list": [],
    "too few arguments": node("sin"),
    "too many arguments": node("sin", X, X),
    "arguments that are none": {"node": "sin", "args": 5},
    "an expression for an integer": {"integer": "1+1"},
    "a call for a float": {"float": "exp(1)", "precision": 53},
    "absurd digits": {"integer": "9" * 100_000},
    "absurd float": {"float": "9" * 100_000, "precision": 53},
    "text precision": {"float": "1.0", "precision": "x"},
    "huge power": node("Pow", integer(10), integer(10**9)),
    "huge tower": node("Pow", node("Pow", node("Pow", integer(2), integer(9999)), integer(9999)), integer(9999)),
    "huge rational power": node("Pow", integer(2), {"rational": [BIG, "3"]}),
    "power of a fraction": node("Pow", {"rational": ["2", "3"]}, integer(9999)),
    "factorial": node("gamma", integer(10**8)),
    "logarithm of a factorial": node("loggamma", integer(10**8)),
    "polynomial": node("legendre", integer(10**5), X),
    "other polynomial": node("hermite", integer(10**5), X),
    "third polynomial": node("chebyshevt", integer(10**5), X),
    "digits of an exponential": node("floor", node("exp", integer(10**9))),
    "remainder of an exponential": node("Mod", node("exp", integer(10**9)), integer(7)),
    "remainder by zero": node("Mod", integer(1), integer(0)),
    "order of a derivative": node("Derivative", X, node("Tuple", X, integer(10**9))),
    "order of a field's derivative": node("FieldDerivative", field(), node("Tuple", X, integer(10**9))),
    "deep nesting": DEEP,
    "ragged matrix": {"matrix": [[X], [X, X]]},
    "a matrix that is a number": {"matrix": 5},
    "bad role": {"coordinate": "x", "role": "evil"},
    "bad parameter": {"parameter": "a", "value": "x", "positive": True},
    "bad place": {"place": "a", "index": "q"},
    "unknown field": {"field": "Function", "label": {}, "args": []},
    "more names than arguments": field(coordinates=["x", "y"]),
    "an index that is a list": field(index=[1]),
    "an index beyond the size": field(index=3, size=2),
    "absurd size": field(index=0, size=10**12),
    "a divergence of a scalar": node("Divergence", X, node("Tuple", X)),
    "a laplacian by a number": node("Laplacian", X, node("Tuple", integer(2))),
    "a laplacian by nothing": node("Laplacian", X),
    "a pair alone": node("Piecewise", integer(1)),
}


@pytest.mark.timeout(10)
@pytest.mark.parametrize("tree", HOSTILE.values(), ids=HOSTILE)
def test_hostile_trees_are_refused_at_once(tree):
    with pytest.raises(FileFormatError):
        from_tree(tree)


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.one_of(
            st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.sampled_from([X, integer(3), field()])
        ),
        lambda children: st.one_of(
            st.lists(children, max_size=3),
            st.dictionaries(
                st.sampled_from(["node", "args", "matrix", "integer", "float", "field", "label"]), children
            ),
            st.tuples(st.sampled_from(["Add", "sin", "Piecewise", "Subs", "Derivative", "Max", "And"]), children).map(
                lambda p: {"node": p[0], "args": p[1]}
            ),
        ),
        max_leaves=6,
    )
)
def test_any_json_is_an_expression_or_a_format_error(tree):
    with contextlib.suppress(FileFormatError):
        assert isinstance(from_tree(tree), sympy.Basic | sympy.MatrixBase)
