"""Identities of vector calculus, and what the operators refuse."""

import pytest
import sympy
from sympy import Abs, Derivative, Dummy, ImmutableMatrix, Symbol, cos, exp, sin

from pinr.errors import DeclarationError
from pinr.geometry import Box
from pinr.language.coordinates import Coordinate, coordinates
from pinr.language.fields import Field, FieldDerivative, unknown
from pinr.language.operators import (
    Divergence,
    Laplacian,
    Norm,
    ReciprocalOrZero,
    div,
    dot,
    grad,
    hessian,
    laplacian,
    norm,
)

x, y, t = coordinates("x y", time="t")
u = unknown("u", x, y)
w = unknown("w", x, y, t)
v = unknown("v", x, y, size=2)
EXPRESSIONS = [u, u**2, sin(x) * u, exp(u) * x, u.diff(x) * y, u * w, sin(u.subs(x, 2 * x + y))]


def same(a, b) -> bool:
    difference = sympy.expand(sympy.sympify(a).doit() - sympy.sympify(b).doit())
    # A derivative elsewhere can be written in several ways, so these are compared for a known function.
    return difference == 0 or (difference.has(sympy.Subs) and sympy.expand(with_known(difference, x**3 * y**2)) == 0)


def with_known(expression, known):
    """Every derivative of u, here or elsewhere, replaced by that of a formula."""

    def replace(node):
        if isinstance(node, sympy.Subs):
            field, places = node.expr.expr, dict(zip(node.variables, node.point, strict=True))
            by = dict(zip(field.arguments, (x, y), strict=True))
            derivative = known.diff(*(by[s] for s in node.expr.variables))
            arguments = [a.xreplace(places) for a in field.arguments]
            return derivative.subs(dict(zip((x, y), arguments, strict=True)), simultaneous=True)
        if isinstance(node, sympy.Derivative):
            by = dict(zip(node.expr.arguments, (x, y), strict=True))
            derivative = known.diff(*(by[s] for s in node.variables))
            return derivative.subs(dict(zip((x, y), node.expr.arguments, strict=True)), simultaneous=True)
        if isinstance(node, Field):
            return known.subs(dict(zip((x, y), node.arguments, strict=True)), simultaneous=True)
        return node.func(*map(replace, node.args)) if node.args else node

    return replace(expression)


@pytest.mark.parametrize("e", EXPRESSIONS, ids=str)
def test_divergence_of_the_gradient_is_the_laplacian(e):
    assert same(div(grad(e)), laplacian(e))


@pytest.mark.parametrize("e", EXPRESSIONS, ids=str)
def test_trace_of_the_hessian_is_the_laplacian_and_the_hessian_is_symmetric(e):
    h = hessian(e)
    assert same(h.trace(), laplacian(e))
    assert same(h[0, 1], h[1, 0])


@pytest.mark.parametrize("a", EXPRESSIONS, ids=str)
def test_product_rules(a):
    b = u**2 + x
    assert all(same(p, q) for p, q in zip(grad(a * b), a * grad(b) + b * grad(a), strict=True))
    assert same(laplacian(a * b), a * laplacian(b) + 2 * dot(grad(a), grad(b)) + b * laplacian(a))
    assert same(div(a * grad(b)), dot(grad(a), grad(b)) + a * laplacian(b))


def test_chain_rule():
    assert same(laplacian(sin(u)), cos(u) * laplacian(u) - sin(u) * dot(grad(u), grad(u)))


def test_operators_act_on_space_alone():
    assert grad(w).shape == (2, 1)
    assert laplacian(w).doit() == w.diff(x, 2) + w.diff(y, 2)
    assert laplacian(w, t).doit() == w.diff(t, 2)


def test_gradient_of_a_vector_has_the_component_first():
    assert grad(v)[1, 0] == v[1].diff(x)
    assert grad(v)[0, 1] == v[0].diff(y)


def test_laplacian_of_a_vector_is_componentwise_and_divergence_of_a_matrix_by_rows():
    assert laplacian(v) == ImmutableMatrix([laplacian(v[0]), laplacian(v[1])])
    assert [same(a, b) for a, b in zip(div(grad(v)), laplacian(v), strict=True)] == [True, True]


def test_advection_is_the_gradient_times_the_velocity():
    assert same((grad(v) * v)[0], v[0] * v[0].diff(x) + v[1] * v[0].diff(y))


def test_operators_stay_as_written_until_done():
    assert isinstance(laplacian(u), Laplacian) and isinstance(div(v), Divergence)
    assert laplacian(u) == laplacian(u, x, y)


def test_operators_are_linear_in_derivatives():
    assert same(laplacian(u).diff(x), laplacian(u.diff(x)))
    assert same(div(v).diff(x), div(v.diff(x)))


def test_norm_is_euclidean_with_subgradient_zero_at_zero():
    assert norm(ImmutableMatrix([3, 4])) == 5
    slope = norm(grad(u)).diff(u.diff(x))
    assert slope == u.diff(x) * ReciprocalOrZero(norm(grad(u)))
    assert norm(v) == Norm(v[0], v[1])


def test_derivatives_of_fields_are_real():
    assert not Abs(u.diff(x)).diff(x).atoms(sympy.re, sympy.im)
    assert sympy.conjugate(u.diff(x, y)) == u.diff(x, y)
    assert type(u.diff(x).diff(y)) is type(u.diff(x, 2)) is FieldDerivative
    assert u.diff(x).subs(x, -1).is_real
    assert not Abs(u.subs(x, 2 * x).diff(x)).diff(x).atoms(sympy.re, sympy.im)


NAMESAKES = [
    Symbol("x"),
    Symbol("x", real=True),
    Symbol("x", positive=True),
    Symbol("x", integer=True),
    Symbol("x", complex=True),
    Coordinate("x", "time"),
]
FORMS = {
    "method": lambda s: u.diff(s),
    "of a product": lambda s: (2 * u).diff(s),
    "of a power": lambda s: (u**2).diff(s),
    "of a function": lambda s: sin(u).diff(s),
    "sympy.diff": lambda s: sympy.diff(u, s),
    "Derivative": lambda s: Derivative(u, s, evaluate=True),
    "unevaluated": lambda s: Derivative(u, s).doit(),
    "higher": lambda s: u.diff(s, 2),
    "second": lambda s: u.diff(x).diff(s),
    "of an operator": lambda s: laplacian(u).diff(s).doit(),
    "of a norm": lambda s: norm(v).diff(s),
    "of a vector": lambda s: v.diff(s),
    "elsewhere": lambda s: u.subs(x, 2 * x).diff(s),
    "of a derivative elsewhere": lambda s: u.subs(x, 2 * x).diff(x).diff(s),
    "grad": lambda s: grad(u, s),
    "laplacian": lambda s: laplacian(u, s).doit(),
    "div": lambda s: div(v, s, y).doit(),
}


@pytest.mark.parametrize("symbol", NAMESAKES, ids=lambda s: f"{type(s).__name__} {sorted(s.assumptions0)[:1]}")
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_namesake_of_a_coordinate_is_refused_in_every_form(form, symbol):
    with pytest.raises(DeclarationError, match=r"coordinate"):
        form(symbol)


def test_other_symbols_give_zero():
    assert u.diff(Symbol("z")) == 0
    assert u.diff(Dummy("x")) == 0


def test_evaluation_elsewhere():
    assert str(u.subs(x, 0)) == "u(0, y)"
    assert str(u.subs({x: 0, y: 1})) == "u(0, 1)"
    assert u.subs(x, 0).diff(x) == 0
    assert u.subs(x, 0).diff(y) == u.diff(y).subs(x, 0)
    assert u.diff(x).subs(x, -1).diff(x) == 0
    assert laplacian(u).subs(x, 0).doit() == u.diff(x, 2).subs(x, 0) + u.diff(y, 2).subs(x, 0)
    assert u.subs({x: y, y: x}, simultaneous=True).subs({x: y, y: x}, simultaneous=True) == u


@pytest.mark.parametrize(
    "places", [{x: 2 * x}, {x: x + y, y: 2 * y}, {x: x * y, y: y - x}, {x: sin(y)}, {x: y, y: x}], ids=str
)
def test_chain_rule_elsewhere_equals_that_of_a_formula(places):
    """`u(a(x, y), b(x, y))` differentiated, then u replaced by a known function."""
    known = sin(x) * exp(2 * y) + x**3 * y
    moved = u.subs(places, simultaneous=True)
    for by in [(x,), (y,), (x, x), (x, y), (y, y), (x, y, y)]:
        expected = known.subs(places, simultaneous=True).diff(*by)
        assert sympy.expand(with_known(moved.diff(*by), known) - expected) == 0


REVERSED = Box(y=(0, 1), x=(0, 1)).boundary.normal  # the region lists y first, the unknown x
nx, ny = REVERSED[1], REVERSED[0]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (dot(grad(u), REVERSED), u.diff(x) * nx + u.diff(y) * ny),
        (dot(REVERSED, grad(u)), u.diff(x) * nx + u.diff(y) * ny),
        (dot(grad(u), -REVERSED), -u.diff(x) * nx - u.diff(y) * ny),
        (dot(grad(u), 2 * REVERSED), 2 * u.diff(x) * nx + 2 * u.diff(y) * ny),
        (dot(grad(u), REVERSED / 2), (u.diff(x) * nx + u.diff(y) * ny) / 2),
        (grad(u).dot(REVERSED), u.diff(x) * nx + u.diff(y) * ny),
        (REVERSED.dot(grad(u)), u.diff(x) * nx + u.diff(y) * ny),
        ((grad(u).T * REVERSED)[0], u.diff(x) * nx + u.diff(y) * ny),
        ((REVERSED.T * grad(u))[0], u.diff(x) * nx + u.diff(y) * ny),
        ((grad(v) * REVERSED)[1], v[1].diff(x) * nx + v[1].diff(y) * ny),
        ((REVERSED.T * grad(v))[1], v[0].diff(y) * nx + v[1].diff(y) * ny),
        ((grad(u) - REVERSED)[0], u.diff(x) - nx),
        ((u * REVERSED + grad(u))[1], u * ny + u.diff(y)),
        ((REVERSED - grad(u))[0], nx - u.diff(x)),
        (dot(REVERSED, REVERSED), nx**2 + ny**2),
        ((grad(u) * REVERSED.T)[0, 1], u.diff(x) * ny),
    ],
    ids=str,
)
def test_normals_are_matched_by_name_whatever_the_regions_order(written, expected):
    assert same(written, expected)


def test_a_normal_is_not_differentiated():
    for by in (x, Symbol("x")):
        with pytest.raises(DeclarationError, match="boundary only"):
            (2 * nx).diff(by)


def test_a_normal_without_the_component_asked_for_says_which():
    with pytest.raises(DeclarationError, match="along y"):
        dot(grad(u), Box(x=(0, 1)).boundary.normal)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: div(u), "Did you mean `grad`"),
        (lambda: div(ImmutableMatrix([u, u, u])), "one component per coordinate"),
        (lambda: dot(v, (1, 2, 3)), "same length"),
        (lambda: dot(grad(v), v), "vector"),
        (lambda: hessian(v), "component by component"),
        (lambda: grad(sin(x)), "Name the coordinates"),
        (lambda: grad(lambda a: a), "coefficient"),
        (lambda: unknown("u"), "no coordinates"),
        (lambda: unknown("u", Symbol("x")), "plain SymPy symbol"),
        (lambda: unknown("u v", x), "letters"),
        (lambda: unknown("u", x, x), "twice"),
        (lambda: unknown("u", x, size=0), "at least 1"),
        (lambda: coordinates(""), "no coordinate"),
        (lambda: coordinates("x x"), "twice"),
        (lambda: coordinates("1x"), "not a name"),
        (lambda: coordinates("x", time="t s"), "one time"),
        (lambda: Coordinate("x", "spice"), "role"),
    ],
)
def test_ill_formed_words_say_what_to_do(call, words):
    with pytest.raises(DeclarationError, match=words):
        call()


def test_operators_find_the_coordinates_of_unknowns_elsewhere():
    moved = u.subs(x, 2 * x + y)
    assert len(grad(moved)) == 2 and len(grad(moved.diff(y))) == 2
    assert grad(u.subs(x, 0)) == ImmutableMatrix([u.subs(x, 0).diff(y)])
    assert len(grad(u.diff(x).subs(x, -1))) == 1
    composed = u.subs(x, w)  # u(w(x, y, t), y): space is x and y, though t is inside as well
    assert len(grad(composed)) == 2
    assert str(composed.diff(x).coeff(w.diff(x))) == "Subs(Derivative(u(_xi, y), _xi), _xi, w)"
    assert composed.diff(x).diff(x) != 0


def test_a_coordinate_that_an_unknown_does_not_have_is_refused_where_it_is_asked_for():
    x, y, t = coordinates("x y", time="t")
    u = unknown("u", x, y)
    with pytest.raises(DeclarationError, match=r"`u.diff\(t\)` would be 0.*depends on x, y alone"):
        u.diff(t)
    assert (t * u).diff(t) == u  # the product rule may ask
    assert grad(u, x, t)[1] == 0  # so may an operator with coordinates


def test_mutable_matrices_meet_normals():
    x, y = coordinates("x y")
    s = unknown("s", x, y, size=3)
    normal = Box(x=(0, 1), y=(0, 1)).boundary.normal
    stress = sympy.Matrix([[s[0], s[2]], [s[2], s[1]]])
    assert stress * normal == sympy.ImmutableMatrix(stress) * normal
