"""The NumPy evaluator equals mpmath for every function in its table."""

import mpmath
import numpy as np
import pytest
import sympy
from sympy import I, Max, Min, Piecewise, Rational, exp, log, pi, sin, sqrt

from pinr.errors import DeclarationError
from pinr.language.coefficients import coefficient
from pinr.language.coordinates import coordinates
from pinr.language.evaluation import FUNCTIONS, evaluate
from pinr.language.fields import unknown
from pinr.language.operators import Norm, ReciprocalOrZero, laplacian, norm

x, y = coordinates("x y")
n = sympy.Symbol("n", integer=True)
u = unknown("u", x, y)
POINTS = np.array([0.13, 0.42, 0.77])
OF_TWO = {
    sympy.atan2: (x, y - 1), sympy.Mod: (x, y), sympy.besselj: (2, x), sympy.bessely: (1, x), sympy.besseli: (0, x),
    sympy.besselk: (3, x), sympy.legendre: (n, x), sympy.hermite: (n, x), sympy.chebyshevt: (n, x),
}  # fmt: skip
CONDITIONS = (sympy.Lt, sympy.Le, sympy.Gt, sympy.Ge, sympy.Eq, sympy.Ne, sympy.And, sympy.Or, sympy.Not, sympy.Xor)
OURS = (Norm, ReciprocalOrZero)


@pytest.mark.parametrize("function", [f for f in FUNCTIONS if f not in CONDITIONS + OURS], ids=lambda f: f.__name__)
def test_every_function_equals_mpmath(function):
    argument = x + 1 if function is sympy.acosh else x
    arguments = OF_TWO.get(function, (argument, y) if function in (Max, Min, sympy.Add, sympy.Mul) else (argument,))
    expression = function(*arguments, evaluate=False)
    values = evaluate(expression, {"x": POINTS, "y": POINTS[::-1] + 0.1, "n": 3})
    for value, a, b in zip(values, POINTS, POINTS[::-1] + 0.1, strict=True):
        expected = expression.subs({x: sympy.Float(a, 30), y: sympy.Float(b, 30), n: 3}).doit().evalf(20)
        assert complex(value) == pytest.approx(complex(mpmath.mpmathify(expected)), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("relation", CONDITIONS[:6], ids=lambda f: f.__name__)
def test_relations_are_elementwise(relation):
    values = evaluate(relation(x, Rational(42, 100), evaluate=False), {"x": POINTS})
    assert values.tolist() == [bool(relation(sympy.Float(p), sympy.Float(0.42))) for p in POINTS]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ((x > 0.2) & (x < 0.5), [False, True, False]),
        ((x < 0.2) | (x > 0.5), [True, False, True]),
        (sympy.Xor(x > 0.2, x > 0.5), [False, True, False]),
        (sympy.Not((x > 0.2) & (x < 0.5)), [True, False, True]),
        (sympy.true, True),
    ],
)
def test_conditions_are_elementwise(condition, expected):
    assert evaluate(condition, {"x": POINTS}).tolist() == expected


@pytest.mark.parametrize(
    ("expression", "reference"),
    [
        (x**-2, lambda p: p**-2.0),
        (x**3, lambda p: p**3),
        (sqrt(x), np.sqrt),
        (x ** Rational(1, 3), np.cbrt),
        (2**x, lambda p: 2.0**p),
        (x**x, lambda p: p**p),
        (pi * x + sympy.E, lambda p: np.pi * p + np.e),
        (
            Piecewise((x, x < 0.3), (x**2, x < 0.6), (1, True)),
            lambda p: np.where(p < 0.3, p, np.where(p < 0.6, p**2, 1)),
        ),
        (Piecewise((1, x < 0.3), (0, True)), lambda p: np.where(p < 0.3, 1.0, 0.0)),
        (-2 * laplacian(x**3, x) + 1, lambda p: 1 - 12 * p),
        (norm(sympy.Matrix([x, 2 * x])), lambda p: np.sqrt(5) * p),
        (sympy.exp(I * x), lambda p: np.exp(1j * p)),
        (sympy.Heaviside(x - 0.42), lambda p: np.array([0, 0.5, 1])),
        (sympy.sign(x - 0.42) * exp(-log(x)), lambda p: np.array([-1, 0, 1]) / p),
        (sympy.sinc(x), lambda p: np.sin(p) / p),
    ],
)
def test_expressions_equal_numpy(expression, reference):
    np.testing.assert_allclose(evaluate(expression, {"x": POINTS}), reference(POINTS), rtol=1e-14, atol=1e-15)


def test_removable_singularities():
    assert evaluate(sympy.sinc(x), {"x": np.zeros(1)}) == 1
    assert evaluate(norm(sympy.Matrix([x, y])).diff(x), {"x": np.zeros(1), "y": np.zeros(1)}) == 0


def test_values_broadcast_and_constants_are_scalars():
    assert evaluate(x * y, {"x": np.ones((3, 1)), "y": np.ones(4)}).shape == (3, 4)
    assert evaluate(pi**2, {}).shape == ()
    assert evaluate(sympy.oo, {}) == np.inf
    assert np.isnan(evaluate(sqrt(x), {"x": np.array([-1.0])})[0])
    assert evaluate(1 / x, {"x": np.array([0])})[0] == np.inf


def test_fields_need_values_of_their_own():
    c = coefficient("c", np.sin, x)
    assert evaluate(2 * c, {"x": POINTS}, fields=lambda field: np.cos(POINTS)).tolist() == (2 * np.cos(POINTS)).tolist()
    for expression in (u, c, c.diff(x), u.diff(x).subs(x, 0)):
        with pytest.raises(DeclarationError, match="only functions of the coordinates"):
            evaluate(expression, {"x": POINTS, "y": POINTS})


def test_what_has_no_value_or_rule_is_named():
    with pytest.raises(DeclarationError, match="`y` has no value"):
        evaluate(x + y, {"x": POINTS})
    with pytest.raises(DeclarationError, match="no numerical rule for zeta"):
        evaluate(sin(sympy.zeta(x)), {"x": POINTS})
