import numpy as np
import pytest
import sympy
from numpy.testing import assert_allclose
from sympy import cos, sin

from pinr.declaration.constraint import on
from pinr.declaration.problem import Problem
from pinr.errors import DeclarationError
from pinr.language.coefficients import coefficient
from pinr.language.coordinates import coordinates
from pinr.language.equations import Eq
from pinr.language.fields import unknown
from pinr.language.operators import div, grad, hessian, laplacian
from pinr.language.parameters import parameter
from tests.solution.closed_forms import SQUARE, ClosedForm, nu, sine_times_y, solution_of, t, u, v, x, y

PLACES = np.random.default_rng(0).uniform(-0.6, 0.6, (2, 7))
EXPRESSIONS = {
    "value": (u, lambda x, y: np.sin(x) * y),
    "gradient": (grad(u), lambda x, y: np.stack([np.cos(x) * y, np.sin(x)], -1)),
    "derivative": (u.diff(x, 2, y), lambda x, y: -np.sin(x)),
    "laplacian": (laplacian(u), lambda x, y: -np.sin(x) * y),
    "elsewhere": (u.subs(x, 0.5), lambda x, y: np.sin(0.5) * y),
    "slope elsewhere": (u.diff(x).subs(x, 0), lambda x, y: y),
    "flux": (-nu * grad(u), lambda x, y: -0.25 * np.stack([np.cos(x) * y, np.sin(x)], -1)),
    "hessian": (hessian(u), lambda x, y: np.stack([-np.sin(x) * y, np.cos(x), np.cos(x), 0 * x], -1).reshape(-1, 2, 2)),
    "coordinates": (x * cos(y), lambda x, y: x * np.cos(y)),
    "nonlinear": (sympy.sqrt(1 + u**2) / (2 + u), lambda x, y: np.sqrt(1 + (np.sin(x) * y) ** 2) / (2 + np.sin(x) * y)),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_evaluation_equals_the_closed_form(disk, name):
    expression, exact = EXPRESSIONS[name]
    values = disk.evaluate(expression, x=PLACES[0], y=PLACES[1])
    assert values.dtype == np.float64
    assert_allclose(values, exact(*PLACES), rtol=0, atol=1e-14)


def test_the_shape_is_the_broadcast_points_then_the_components(disk, flow):
    assert disk.evaluate(u, x=0.5, y=0.5).shape == ()
    assert disk.evaluate(grad(u), x=0.5, y=[-0.5, 0.0, 0.5]).shape == (3, 2)
    assert disk.evaluate(u, x=np.zeros((4, 1)), y=np.zeros(3)).shape == (4, 3)
    assert flow.evaluate(grad(v), x=np.zeros((2, 3)), y=0, t=1).shape == (2, 3, 2, 2)
    assert flow.evaluate(div(v), x=[], y=0, t=1).shape == (0,)


def test_vectors_and_their_components(flow):
    assert_allclose(flow.evaluate(v, x=2, y=0.5, t=0.5), [0.5, 2])
    assert_allclose(flow.evaluate(v[1], x=2, y=0.5, t=0.5), 2)
    assert_allclose(flow.evaluate(v.diff(t), x=2, y=0.5, t=0.5), [1, 1])
    assert_allclose(flow.evaluate(sympy.Matrix([[v[0], 1], [2, 3]]), x=2, y=0.5, t=0.5), [[0.5, 1], [2, 3]])


def test_parameters_and_constants_need_no_coordinates(disk):
    assert_allclose(disk.evaluate(nu), 0.25)
    assert_allclose(disk.evaluate(2 * sympy.pi * nu, x=[0, 1]), np.full(2, np.pi / 2))
    assert disk.evaluate(7) == 7
    assert_allclose(disk.evaluate(u.subs({x: 1, y: 2})), 2 * np.sin(1))


def test_sympy_numbers_are_positions(disk):
    assert_allclose(disk.evaluate(u, x=[sympy.pi / 6, 0], y=sympy.Rational(1, 2)), [0.25, 0])


def test_many_points_are_taken_in_pieces(disk, monkeypatch):
    at = {"x": np.linspace(-0.8, 0.8, 1000), "y": 0.3}
    whole = disk.evaluate(laplacian(u), **at)
    monkeypatch.setattr("pinr.solution.evaluate.POINTS_AT_A_TIME", 64)
    assert_allclose(disk.evaluate(laplacian(u), **at), whole, rtol=1e-15)


def test_coefficients_are_evaluated(disk):
    c = coefficient("c", lambda x, y: x**2 * y, x, y)
    assert_allclose(disk.evaluate(c * u, x=0.5, y=0.5), 0.25 * np.sin(0.5) * 0.25)
    assert_allclose(disk.evaluate(c.diff(x), x=0.5, y=2.0), 2.0)


def test_where_a_formula_has_no_value_the_result_has_none(disk):
    assert np.isinf(disk.evaluate(u + 1 / x, x=0, y=0.5))


REFUSED = {
    "missing coordinate": (u, {"x": 0}, "y is missing"),
    "missing coordinates": (u, {}, "x and y are missing"),
    "misspelt coordinate": (u, {"x": 0, "yy": 0}, "Did you mean 'y'"),
    "namesake symbol": (u * sympy.Symbol("x"), {"x": 0, "y": 0}, "namesake"),
    "namesake of another role": (u * coordinates("s", time="x")[1], {"x": 0, "y": 0}, "namesake"),
    "free symbol": (u * sympy.Symbol("a"), {"x": 0, "y": 0}, "`a`"),
    "other unknown": (unknown("uu", x, y), {"x": 0, "y": 0}, "Did you mean 'u'"),
    "other coordinates": (unknown("u", x), {"x": 0}, "another unknown"),
    "other parameter": (parameter("mu", 1.0), {}, "no parameter of the problem"),
    "condition": (u > 0, {"x": 0, "y": 0}, "condition"),
    "words": (u, {"x": "left", "y": 0}, "real numbers"),
    "complex": (u, {"x": 1j, "y": 0}, "real numbers"),
    "shapes": (u, {"x": [0, 1], "y": [0, 1, 2]}, "do not broadcast"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_mistake_is_named(disk, case):
    expression, places, words = REFUSED[case]
    with pytest.raises(DeclarationError, match=words):
        disk.evaluate(expression, **places)


def test_a_float32_network_is_evaluated_in_double_precision():
    solution = solution_of(Problem(on(SQUARE, Eq(u, sin(x)))), ClosedForm(sine_times_y))
    assert_allclose(solution.evaluate(u, x=0.1, y=0.1), np.sin(0.1) * 0.1, rtol=1e-15)
