"""Equations: shapes, collapsed ones, inequalities, parameters, coefficients."""

import copy
import pickle

import numpy as np
import pytest
import sympy
import xarray
from sympy import ImmutableMatrix

from pinr.errors import DeclarationError
from pinr.geometry import Box
from pinr.language.coefficients import coefficient
from pinr.language.coordinates import Coordinate, coordinates
from pinr.language.equations import Eq, as_equation, residual_components, shape_of
from pinr.language.fields import unknown
from pinr.language.operators import dot, grad, laplacian, norm
from pinr.language.parameters import parameter

x, y, t = coordinates("x y", time="t")
u = unknown("u", x, y)
v = unknown("v", x, y, size=2)


@pytest.mark.parametrize(
    ("equation", "components"),
    [
        (Eq(u, 0), (u,)),
        (Eq(u), (u,)),
        (Eq(0, u), (-u,)),
        (Eq(u, u), (0,)),
        (Eq(v, 0), (v[0], v[1])),
        (Eq(0, v), (-v[0], -v[1])),
        (Eq(v, (1, 2)), (v[0] - 1, v[1] - 2)),
        (Eq((u, u.diff(x)), 0), (u, u.diff(x))),
        (Eq(grad(v), ((1, 2), (3, 4))), tuple(grad(v) - ImmutableMatrix([[1, 2], [3, 4]]))),
        (Eq(v, sympy.Matrix([x, y])), (v[0] - x, v[1] - y)),
        (Eq(u, np.float64(2.0)), (u - 2.0,)),
    ],
    ids=str,
)
def test_residuals_are_left_minus_right_in_the_shape_of_the_vector(equation, components):
    assert isinstance(equation, sympy.Eq)
    assert residual_components(equation) == components


def test_an_equation_between_a_vector_and_a_normal_is_matched_by_name():
    normal = Box(y=(0, 1), x=(0, 1)).boundary.normal
    assert residual_components(Eq(grad(u), normal)) == (u.diff(x) - normal[1], u.diff(y) - normal[0])


@pytest.mark.parametrize("right", [1, (1, 2, 3), sympy.zeros(2, 2), u, ((0, 0),)], ids=str)
def test_nothing_is_broadcast(right):
    with pytest.raises(DeclarationError, match=r"shape \(2,\)"):
        Eq(v, right)


@pytest.mark.parametrize("other", ["u", None, np.zeros(2), lambda a: a], ids=lambda v: type(v).__name__)
def test_what_is_no_expression_is_refused(other):
    with pytest.raises(DeclarationError, match="not a SymPy expression"):
        Eq(u, other)


@pytest.mark.parametrize("collapsed", [sympy.Eq(v, 0), sympy.Eq(norm(grad(u)), -1), u == 0, sympy.true, False], ids=str)
def test_a_collapsed_equation_says_so(collapsed):
    with pytest.raises(DeclarationError, match="from pinr import Eq"):
        as_equation(collapsed)


def test_sympys_own_equation_is_accepted_where_it_has_not_collapsed():
    assert as_equation(sympy.Eq(u, x)) == Eq(u, x)


@pytest.mark.parametrize(
    ("inequality", "violation"),
    [
        (u >= 0, sympy.Max(-u, 0)),
        (u < x, sympy.Max(u - x, 0)),
        (u <= 1, sympy.Max(u - 1, 0)),
        (u > 1, sympy.Max(1 - u, 0)),
    ],
    ids=str,
)
def test_the_residual_of_an_inequality_is_its_violation(inequality, violation):
    assert residual_components(as_equation(inequality)) == (violation,)


@pytest.mark.parametrize("written", [sympy.Ne(u, 0), (u > 0) & (u < 1)], ids=str)
def test_other_relations_are_refused(written):
    with pytest.raises(DeclarationError):
        as_equation(written)


def test_shapes_are_numpys():
    assert shape_of(u) == () and shape_of(v) == (2,) and shape_of(grad(v)) == (2, 2)


def test_coordinates_are_equal_by_name_and_role():
    assert Coordinate("x") == x != Coordinate("x", "time")
    assert len({Coordinate("x", role) for role in ("space", "time", "varying")}) == 3
    assert x != sympy.Symbol("x", real=True)
    for other in (copy.deepcopy(x), pickle.loads(pickle.dumps(t)), copy.copy(t)):
        assert other in (x, t) and other.role in ("space", "time")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: parameter("a", float("nan")), "finite"),
        (lambda: parameter("a", -1.0, positive=True), "positive"),
        (lambda: parameter("a b", 1.0), "letters"),
        (lambda: coefficient("c", 3.0, x), "no coefficient"),
        (lambda: coefficient("c", np.zeros(3), x), "xarray"),
        (lambda: coefficient("c", xarray.DataArray(np.zeros((2, 2)), dims=("x", "z")), x, y), "Rename"),
        (lambda: coefficient("c", abs), "no coordinates"),
        (lambda: coefficient("c", abs, sympy.Symbol("x")), "no coordinate"),
    ],
)
def test_ill_formed_parameters_and_coefficients(call, words):
    with pytest.raises(DeclarationError, match=words):
        call()


def test_coefficients_are_told_apart_by_their_data():
    assert coefficient("c", np.sin, x) != coefficient("c", np.cos, x)
    assert coefficient("c", np.sin, x) == coefficient("c", np.sin, x)
    assert coefficient("c", np.sin, x).diff(x) != 0


PRINTED = {
    u: ("u", "u"),
    v[1]: ("v₁", "v_{1}"),
    laplacian(u): ("Δu", r"\Delta u"),
    laplacian(u**2): ("Δ", r"\Delta"),
    norm(grad(u)): ("‖", r"\left\|"),
    u.subs(x, 0): ("u(0, y)", r"u\left(0, y\right)"),
    u.diff(x).subs(x, -1): ("x=-1", "x=-1"),
    dot(grad(u), Box(x=(0, 1), y=(0, 1)).boundary.normal): ("normal", "normal"),
    Eq(v, 0): ("v₀", "v_{0}"),
    Eq(u.diff(x, 2), u**3): ("u", r"\frac{\partial^{2}}{\partial x^{2}} u = u^{3}"),
    laplacian(u) ** 2: ("(Δu)", r"\left(\Delta u\right)^{2}"),
    norm(v) ** 2: ("‖", "^{2}"),
    unknown("theta_s", x): ("θₛ", r"\theta_{s}"),
}


@pytest.mark.parametrize("expression", PRINTED, ids=str)
def test_expressions_print_as_mathematics(expression):
    unicode, latex = PRINTED[expression]
    assert unicode in sympy.pretty(expression, use_unicode=True)
    assert latex in sympy.latex(expression)
    assert str(expression) and repr(expression)


def test_a_single_coordinate_is_not_unpacked():
    with pytest.raises(DeclarationError, match=r"Write `x = coordinates\('x'\)`"):
        (_,) = coordinates("x")


@pytest.mark.parametrize(
    "use",
    [
        lambda z: sympy.diff(z**2, z, 2),
        lambda z: sympy.integrate(z**2, (z, 0, 1)),
        lambda z: sympy.integrate(z, z),
        lambda z: sympy.solve(z**2 - 1, z),
        lambda z: sympy.lambdify(z, z**2)(3),
        lambda z: sympy.lambdify([z], z**2)(3),
        lambda z: (z**2).subs(z, 2),
        lambda z: (z + 1).subs({z: 2}),
        lambda z: sympy.Poly(z**2 + 1, z).degree(),
        lambda z: sympy.series(sympy.sin(z), z, 0, 4).removeO(),
        lambda z: sympy.limit(sympy.sin(z) / z, z, 0),
        lambda z: sympy.Matrix([z, z**2]).jacobian([z]),
        lambda z: sympy.Matrix([1, 2]) * z,
        lambda z: sympy.Array([1, 2]) * z,
        lambda z: sympy.flatten([z, [z, 1]]),
        lambda z: sympy.Piecewise((z, z > 0), (0, True)),
        lambda z: sympy.Subs(z**2, z, 2).doit(),
        lambda z: sympy.factor(z**2 - 1),
        lambda z: list(np.array([1, 2]) * z),
        lambda z: np.float64(2) * z,
    ],
)  # fmt: skip
def test_sympy_takes_a_coordinate_for_the_symbol_that_it_is(use):
    plain = sympy.Symbol("x", real=True)
    result, expected = (use(symbol) for symbol in (x, plain))
    assert str(result) == str(expected)
