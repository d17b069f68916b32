"""Constraints and problems: names, shapes, immutability, where they were written."""

import copy
import pickle

import pytest
import sympy
from sympy import sin

from pinr.declaration.constraint import on
from pinr.declaration.problem import Problem
from pinr.errors import DeclarationError, PinrError
from pinr.geometry import Box
from pinr.language.coordinates import coordinates
from pinr.language.equations import Eq
from pinr.language.fields import unknown
from pinr.language.operators import grad, laplacian, norm
from pinr.language.parameters import parameter

x, y, t = coordinates("x y", time="t")
u, v = unknown("u", x, y), unknown("v", x, y, size=2)
h = unknown("h", x, t)
SQUARE, STRING = Box(x=(0, 1), y=(-1, 1)), Box(x=(0, 1)) * Box(t=(0, 2))


def test_constraints_are_named_after_their_regions():
    problem = Problem(
        on(STRING, Eq(h.diff(t), laplacian(h))),
        on(STRING.boundary, Eq(h, 0)),
        on(STRING.boundary.part("x-"), Eq(h, 0)),
        on(STRING.at(t=0), Eq(h, 1)),
        on(STRING, h >= 0),
        on(STRING, h <= 1, name="upper"),
        on(STRING, Eq(h, 1), name="interior (3)"),
        on(STRING, Eq(h, 2)),
    )
    assert list(problem.named_constraints) == [
        "interior", "boundary", "boundary x-", "t = 0", "interior (2)", "upper", "interior (3)", "interior (4)",
    ]  # fmt: skip


def test_a_given_name_is_kept_though_another_would_suggest_itself():
    problem = Problem(on(SQUARE, Eq(u, 0)), on(SQUARE, Eq(u, 1), name="interior"))
    assert list(problem.named_constraints) == ["interior (2)", "interior"]
    assert problem.named_constraints["interior"].equations == (Eq(u, 1),)


def test_a_vector_is_one_unknown_and_orders_are_those_of_appearance():
    problem = Problem(on(SQUARE, Eq(v[1], 0)), on(SQUARE, Eq(u, v[0])))
    assert [(w.name, w.size) for w in problem.unknowns] == [("v", 2), ("u", None)]
    assert problem.unknowns[0].expression == v and problem.unknowns[1].expression == u


def test_an_unknown_met_elsewhere_first_is_the_same_unknown():
    problem = Problem(on(Box(y=(0, 1)), Eq(u.subs(x, 0), 1)), on(SQUARE, Eq(u, 0)))
    assert len(problem.unknowns) == 1 and problem.unknowns[0].expression == u
    time = Problem(on(Box(x=(0, 1)), Eq(h.subs(t, 1), 1)), on(STRING, Eq(h, 0)))
    assert time.unknowns[0].expression == h


def test_bounds_are_the_box_around_all_regions():
    problem = Problem(on(SQUARE, Eq(u, 0)), on(Box(x=(-3, 0.5), y=(0, 4)), Eq(u, 0)))
    assert dict(problem.bounds) == {"x": (-3, 1), "y": (-1, 4)}


def test_parameters_are_found_once():
    a, b = parameter("a", 1.0), parameter("b", 2.0)
    assert Problem(on(SQUARE, Eq(a * u, b), Eq(a, u))).parameters == (a, b)


def test_problems_are_immutable():
    problem = Problem(on(SQUARE, Eq(u, 0)), name="p")
    problem.named_constraints.clear()
    problem.reference.clear()
    assert len(problem.constraints) == 1
    with pytest.raises(AttributeError):
        problem.name = "q"
    with pytest.raises(AttributeError):
        problem.constraints[0].weight = 2.0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: on(SQUARE), "no equation"),
        (lambda: on("square", u), "must be a region"),
        (lambda: on(SQUARE, sympy.Eq(v, 0)), "from pinr import Eq"),
        (lambda: on(SQUARE, u == 0), "from pinr import Eq"),
        (lambda: on(SQUARE, sympy.Eq(norm(grad(u)), -1)), "from pinr import Eq"),
        (lambda: on(SQUARE, (u > 0) & (u < 1)), "one by one"),
        (lambda: on(SQUARE, lambda p: p), "not a SymPy expression"),
        (lambda: on(SQUARE, u, weight=0), "positive"),
        (lambda: on(SQUARE, u, weight=float("nan")), "positive"),
        (lambda: on(SQUARE, u, points=0), "at least 1"),
        (lambda: on(SQUARE, u, points=2.5), "whole number"),
        (lambda: on(SQUARE, u, loss="l3"), "l2, l1, huber"),
    ],
)
def test_ill_formed_constraints_name_file_and_line(call, words):
    with pytest.raises(DeclarationError, match=words) as caught:
        call()
    assert f"test_problems.py:{call.__code__.co_firstlineno}" in str(caught.value)


def test_the_source_is_the_innermost_line_outside_the_package():
    constraint = on(SQUARE, Eq(u, 0))
    line = test_the_source_is_the_innermost_line_outside_the_package.__code__.co_firstlineno + 1
    assert (constraint.source.file, constraint.source.line) == (__file__, line)
    assert on(SQUARE, Eq(u, 0)) == constraint  # the source is no part of what it says


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Problem(), "no constraints"),
        (lambda: Problem(Eq(u, 0)), "made by `on"),
        (lambda: Problem(on(SQUARE, u, name="a"), on(SQUARE, u, name="a")), "Two constraints have the name 'a'"),
        (lambda: Problem(on(SQUARE, u), reference={u: (x, y)}), r"shape \(2,\), the unknown \(\)"),
        (lambda: Problem(on(SQUARE, Eq(v, 0)), reference={v: x}), r"shape \(\), the unknown \(2,\)"),
        (lambda: Problem(on(SQUARE, Eq(v, 0)), reference={v: lambda p: p}), "not a SymPy expression"),
    ],
)
def test_ill_formed_problems_are_refused(call, words):
    with pytest.raises(PinrError, match=words):
        call()


def test_references_take_the_shape_of_the_unknown():
    problem = Problem(on(SQUARE, Eq(v, (u, u))), reference={v: (x, y), u: sin(x)})
    assert problem.reference[v] == sympy.ImmutableMatrix([x, y]) and problem.reference[u] == sin(x)


def test_problems_print_as_mathematics():
    problem = Problem(
        on(SQUARE, Eq(-laplacian(u), sin(x))),
        on(SQUARE.boundary, u),
        on(SQUARE, Eq(v, grad(u)), name="flux_1"),
        name="plate",
    )
    text = str(problem)
    assert text.startswith("plate") and "Δu = sin(x)" in text and "u = 0" in text and "boundary" in text
    latex = problem._repr_latex_()
    assert latex.startswith("$$") and r"\Delta u" in latex and latex.count(r"\text{on }") == 3
    assert "3 constraints on u, v" in repr(problem)


def test_constraints_can_be_sent_to_another_process():
    a = parameter("a", 1.0, positive=True)
    constraint = on(SQUARE, Eq(laplacian(u), a * u.subs(x, 0)), Eq(v, (0, x)), weight=2.0, loss="l1")
    for again in (pickle.loads(pickle.dumps(constraint)), copy.deepcopy(constraint)):
        assert again == constraint and again.source == constraint.source
    with_slopes = on(SQUARE, Eq(u.diff(x), u.diff(x).subs(x, 0)))
    assert pickle.loads(pickle.dumps(with_slopes)).components == with_slopes.components
