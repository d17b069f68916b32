"""Which conditions are met exactly, why the others are not, and what is singular at corners."""

import math
from dataclasses import replace

import numpy as np
import pytest
import sympy
from sympy import Abs, Piecewise, Rational, cos, exp, pi, sin

from pinr.declaration.ansatz import exactness_of
from pinr.declaration.ansatz.numbers import exact_number
from pinr.declaration.constraint import on
from pinr.declaration.problem import Problem
from pinr.declaration.records import problem_from_record, problem_record
from pinr.errors import DeclarationError
from pinr.geometry import Ball, Box, Polygon
from pinr.geometry.sampling import Uniform
from pinr.language.coefficients import coefficient
from pinr.language.coordinates import coordinates
from pinr.language.equations import Eq
from pinr.language.evaluation import evaluate
from pinr.language.fields import unknown
from pinr.language.operators import div, dot, grad, laplacian

x, y, t, mu = coordinates("x y", time="t", varying="mu")
u, w, p, v = unknown("u", x, y), unknown("w", x, t), unknown("p", x, y), unknown("v", x, y, size=2)
SQUARE, STRIP = Box(x=(0, 1), y=(0, 1)), Box(x=(0, 1)) * Box(t=(0, 1))
DISC = Ball(x=0, y=0, radius=1)
L_SHAPE = Box(x=(-1, 1), y=(-1, 1)) - Box(x=(0, 1), y=(0, 1))
RING = Box(x=(-1, 1), periodic="x") * Box(t=(0, 1))
poisson = Eq(-laplacian(u), 1)
heat = Eq(w.diff(t), laplacian(w))


def flux(region):
    return Eq(dot(grad(u), region.boundary.normal), 0)


def without_corner_terms(region):
    """An equation without the Laplacian as its highest part, so that there are no singular terms."""
    return on(region, Eq(u.diff(x, 2) + 2 * u.diff(y, 2), 1))


REASONS = {
    "re-entrant": (
        (without_corner_terms(L_SHAPE), on(L_SHAPE.boundary, Eq(u, 0))),
        "ends in a re-entrant corner",
    ),
    "wide mixed corner": (
        (
            without_corner_terms(triangle := Polygon(x=[0, 1, 2, 0], y=[0, 0, 1, 1])),
            on(triangle.boundary.part("edge 0"), Eq(u, 0)),
            on(triangle.boundary.without("edge 0"), flux(triangle)),
        ),
        "kind of condition changes at an angle above 90°",
    ),
    "a part of a side": (
        (
            without_corner_terms(wide := Box(x=(0, 1), y=(0, 1), name="a") | Box(x=(1, 2), y=(0, 1), name="b")),
            on(wide.boundary.part("a.y-"), Eq(u, 0)),
        ),
        "only a part has the condition",
    ),
    "corners that disagree": ((on(STRIP, heat), on(STRIP.boundary, Eq(w, 0)), on(STRIP.at(t=0), Eq(w, 1))), "agree"),
    "a kink": ((on(SQUARE, poisson), on(SQUARE.boundary, Eq(u, Abs(x - Rational(1, 2))))), "no smooth formula"),
    "a jump": (
        (on(SQUARE, poisson), on(SQUARE.boundary, Eq(u, Piecewise((0, x < 0.5), (1, True))))),
        "no smooth formula",
    ),
    "a coefficient": (
        (on(SQUARE, poisson), on(SQUARE.boundary, Eq(u, coefficient("g", lambda x, y: x, x, y)))),
        "no smooth formula",
    ),
    "an infinite slope": (
        (on(SQUARE, poisson), on(SQUARE.boundary, Eq(u, sympy.log(x)))),
        "cannot be continued smoothly",
    ),
    "not periodic": ((on(RING, heat), on(RING.at(t=0), Eq(w, x**2))), "not smooth and periodic along x"),
    "two values": (
        (on(SQUARE, poisson), on(SQUARE.boundary, Eq(u, 0)), on(SQUARE.boundary.part("x-"), Eq(u, y), name="other")),
        "two conditions prescribe different values",
    ),
    "a weight": ((on(SQUARE, poisson), on(SQUARE.boundary, Eq(u, 0), weight=10)), "weight or a loss of its own"),
    "a loss": ((on(SQUARE, poisson), on(SQUARE.boundary, Eq(u, 0), loss="l1")), "weight or a loss of its own"),
    "opted out": ((on(SQUARE, poisson), on(SQUARE.boundary, Eq(u, 0), exact=False)), "exact=False"),
    "a derivative alone": ((on(SQUARE, poisson), on(SQUARE.at(x=0), Eq(u.diff(x, 2), 0))), "no value is prescribed"),
    "a flux with a factor that changes": (
        (on(SQUARE, poisson), on(SQUARE.at(x=0), Eq(u.diff(x) + y * u, 0))),
        "numbers",
    ),
    "a flux through a circle": ((on(DISC, poisson), on(DISC.boundary, flux(DISC))), "flat ends of an axis"),
    "a flux that disagrees with a value": (
        (on(SQUARE, poisson), on(SQUARE.at(x=0), Eq(u.diff(x), 1)), on(SQUARE.boundary.part("y-"), Eq(u, 0))),
        "agree with what is prescribed",
    ),
    "fluxes that disagree, however small": (
        (
            on(SQUARE, poisson),
            on(SQUARE.boundary.part("x-"), Eq(1e-12 * u.diff(x), 1e-12 * y)),
            on(SQUARE.boundary.part("y-"), Eq(1e-12 * u.diff(y), 0)),
        ),
        "flat ends of an axis",
    ),
    "a flux of a plate": (
        (on(SQUARE, Eq(laplacian(laplacian(u)), 1)), on(SQUARE.boundary, flux(SQUARE))),
        "second order",
    ),
    "a flux with a weight": ((on(SQUARE, poisson), on(SQUARE.boundary, flux(SQUARE), weight=3)), "weight or a loss"),
    "different values on oblique sides": (
        (
            on(tri := Polygon(x=[0, 1, 0], y=[0, 0, 1]), poisson),
            on(tri.boundary.part("edge 1"), Eq(u, x * y)),
            on(tri.boundary.without("edge 1"), Eq(u, 0)),
        ),
        "agree",
    ),
    "a radius that varies": (
        (
            on(family := Ball(x=0, y=0, radius=mu) * Box(mu=(1, 2)), Eq(laplacian(unknown("h", x, y, mu)), 1)),
            on(family.boundary, Eq(unknown("h", x, y, mu), 0)),
        ),
        "neither flat nor round",
    ),
}


@pytest.mark.parametrize(("constraints", "words"), REASONS.values(), ids=REASONS)
def test_what_stays_in_the_loss_has_a_reason(constraints, words):
    problem = Problem(*constraints)
    reasons = [r for found in exactness_of(problem).reasons.values() for r in found]
    assert any(words in reason for reason in reasons), reasons


@pytest.mark.parametrize("name", ["re-entrant", "corners that disagree", "a kink"])
def test_demanding_what_is_not_sound_is_an_error_with_the_reason(name):
    constraints, words = REASONS[name]
    (inside, *conditions) = constraints

    problem = Problem(inside, *(replace(c, exact=True) for c in conditions))
    with pytest.raises(DeclarationError, match=f"(?s)exact=True.*{words}.*Leave `exact=` out"):
        exactness_of(problem)


def test_demanding_at_an_equation_inside_is_an_error():
    with pytest.raises(DeclarationError, match=r"test_ansatz\.py:\d+.*no condition on the value of an unknown"):
        exactness_of(Problem(on(SQUARE, poisson, exact=True)))


def test_exact_must_be_a_truth_value():
    with pytest.raises(DeclarationError, match="exact='yes' must be True, False or None"):
        on(SQUARE.boundary, Eq(u, 0), exact="yes")


def test_what_a_user_says_about_exactness_is_stored():
    problem = Problem(on(SQUARE, poisson), on(SQUARE.boundary, Eq(u, 0), exact=False))
    assert [c.exact for c in problem_from_record(problem_record(problem)).constraints] == [None, False]


def test_a_clash_with_the_beginning_leaves_the_others_exact():
    problem = Problem(on(STRIP, heat), on(STRIP.boundary, Eq(w, 0)), on(STRIP.at(t=0), Eq(w, 1)))
    found = exactness_of(problem)
    (name,) = found.met
    (other,) = found.reasons
    assert {name, other} == set(list(problem.named_constraints)[1:])
    assert "the values do not agree with those on" in found.reasons[other][0]


def test_a_jump_between_flat_sides_is_met():
    lid = SQUARE.boundary.part("y+")
    problem = Problem(on(SQUARE, poisson), on(lid, Eq(u, 1)), on(SQUARE.boundary.without("y+"), Eq(u, 0)))
    found = exactness_of(problem)
    assert set(found.met) == {"boundary y+", "boundary x-, x+, y-"}
    assert list(found.jumps) == ["interior"]


def test_agreement_is_relative_to_the_size_of_the_data():
    tiny = 1e-12
    strip = [on(STRIP, heat), on(STRIP.boundary, Eq(w, 0))]
    assert "t = 0" in exactness_of(Problem(*strip, on(STRIP.at(t=0), Eq(w, tiny * sin(pi * x))))).met
    assert "t = 0" not in exactness_of(Problem(*strip, on(STRIP.at(t=0), Eq(w, tiny * cos(pi * x))))).met


def test_the_distance_to_the_initial_time_saturates_but_between_both_ends_of_time_it_does_not():
    start, end = on(STRIP.at(t=0), Eq(w, 1)), on(STRIP.at(t=1), Eq(w, 2))
    (one,) = exactness_of(Problem(on(STRIP, heat), start)).ansaetze.values()
    assert one.distance == 5 * t / (4 * t + 1)
    (both,) = exactness_of(Problem(on(STRIP, Eq(w.diff(t, 2) + laplacian(w), 0)), start, end)).ansaetze.values()
    assert sympy.expand(both.distance - 4 * t * (1 - t)) == 0 == sympy.expand(both.lift - 1 - t)


def test_velocities_stay_bounded_in_long_times():
    long = Box(x=(0, 1)) * Box(t=(0, 100))
    problem = Problem(on(long, Eq(w.diff(t, 2), laplacian(w))), on(long.at(t=0), Eq(w, sin(x)), Eq(w.diff(t), cos(x))))
    (ansatz,) = exactness_of(problem).ansaetze.values()
    assert sympy.simplify(ansatz.lift - sin(x) - cos(x) * t / (1 + t / 25)) == 0


def test_velocities_that_disagree_leave_the_values_exact():
    wave = Eq(w.diff(t, 2), laplacian(w))
    problem = Problem(on(STRIP, wave), on(STRIP.boundary, Eq(w, 0)), on(STRIP.at(t=0), Eq(w, 0), Eq(w.diff(t), cos(x))))
    assert exactness_of(problem).met == {"boundary": {0}, "t = 0": {0}}


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_distances_have_a_maximum_of_one_in_any_units(scale):
    region = Box(x=(0, scale), y=(-scale, 3 * scale)) - Ball(x=0.5 * scale, y=scale, radius=0.2 * scale, name="hole")
    problem = Problem(on(region, poisson), on(region.boundary, Eq(u, 0)))
    (ansatz,) = exactness_of(problem).ansaetze.values()
    values = evaluate(ansatz.distance, region.sample(4000, sampler=Uniform(), seed=1).points)
    assert values.min() > 0
    assert 0.5 < values.max() < 2


CORNERS = {
    # region, conditions by part (value or flux), place, exponents below 3 that belong to no polynomial
    "L-shape": (L_SHAPE, None, (0, 0), (2 / 3, 4 / 3, 8 / 3)),
    "its polygon": (Polygon(x=[0, 2, 2, 1, 1, 0], y=[0, 0, 1, 1, 2, 2]), None, (1, 1), (2 / 3, 4 / 3, 8 / 3)),
    "three quarters of a disc": (
        Ball(x=0, y=0, radius=1) - Box(x=(0, 2), y=(-2, 0)), None, (0, 0), (2 / 3, 4 / 3, 8 / 3),
    ),
    "a wedge cut out": (
        Ball(x=0, y=0, radius=1) - Polygon(x=[0, 2, 2], y=[0, 0, 2]), None, (0, 0), (4 / 7, 8 / 7, 12 / 7),
    ),
    "insulated L-shape": (L_SHAPE, (), (0, 0), (2 / 3, 4 / 3, 8 / 3)),
    "half insulated": (
        Polygon(x=[0, 1, 2, 0], y=[0, 0, 1, 1]), ("edge 0",), (1, 0), (2 / 3,),
    ),
    "change along a side": (
        Box(x=(-1, 0), y=(0, 1), name="a") | Box(x=(0, 1), y=(0, 1), name="b"), ("a.y-",), (0, 0), (0.5, 1.5, 2.5),
    ),
}  # fmt: skip


def corner_problem(region, parts):
    if parts is None:
        conditions = [on(region.boundary, Eq(u, 0))]
    elif parts:
        conditions = [on(region.boundary.part(*parts), Eq(u, 0)), on(region.boundary.without(*parts), flux(region))]
    else:
        conditions = [on(region.boundary, flux(region))]
    return Problem(on(region, Eq(-div((1 + x**2) * grad(u)), 1)), *conditions)


@pytest.mark.parametrize(("region", "parts", "place", "exponents"), CORNERS.values(), ids=CORNERS)
def test_singular_terms_are_harmonic_and_have_the_exponents_of_their_corner(region, parts, place, exponents):
    (ansatz,) = exactness_of(corner_problem(region, parts)).ansaetze.values()
    assert (ansatz.lift, ansatz.distance) == (0, 1)
    inside = region.sample(500, sampler=Uniform(), seed=1).points
    near = {c.name: place[i] + 1e-3 * (inside[c.name] - place[i]) for i, c in enumerate((x, y))}
    near_inside = region.encloses(near)
    assert near_inside.any()
    assert len(ansatz.singular) == len(exponents)
    for (_, function), exponent in zip(ansatz.singular, exponents, strict=True):
        second = [evaluate(function.diff(c, 2), inside) for c in (x, y)]
        assert np.abs(second[0] + second[1]).max() <= 1e-10 * np.abs(second[0]).max()
        ratio = evaluate(function, near) / evaluate(function, inside)
        assert ratio[near_inside] == pytest.approx(1e-3**exponent, rel=1e-8)


@pytest.mark.parametrize(("region", "parts", "place", "exponents"), CORNERS.values(), ids=CORNERS)
def test_singular_terms_meet_the_conditions_beside_their_corner(region, parts, place, exponents):
    (ansatz,) = exactness_of(corner_problem(region, parts)).ansaetze.values()
    samples = region.boundary.sample(4000, sampler=Uniform(), seed=1)
    beside = np.hypot(samples.points["x"] - place[0], samples.points["y"] - place[1]) < 0.2
    samples = samples.restrict(beside)
    given = np.ones(samples.count, bool) if parts is None else np.zeros(samples.count, bool)
    if parts:
        given = region.boundary.part(*parts).encloses(samples.points)
    for _, function in ansatz.singular:
        values = evaluate(function, samples.points)
        slopes = sum(evaluate(function.diff(c), samples.points) * samples.columns[f"normal.{c.name}"] for c in (x, y))
        assert np.abs(values[given]).max(initial=0) < 1e-9
        assert np.abs(slopes[~given]).max(initial=0) < 1e-6


@pytest.mark.parametrize(
    "problem",
    [
        Problem(on(SQUARE, poisson), on(SQUARE.boundary, Eq(u, 0))),
        Problem(without_corner_terms(L_SHAPE), on(L_SHAPE.boundary, Eq(u, 0))),
        Problem(on(L_SHAPE, poisson), on(L_SHAPE.boundary, Eq(u, 0), exact=False)),
        Problem(
            on(L_SHAPE, Eq(-laplacian(v) + grad(p), 0), Eq(div(v), 0)), on(L_SHAPE.boundary, Eq(v, 0)), name="Stokes"
        ),
    ],
    ids=["convex", "another operator", "opted out", "Stokes"],
)
def test_there_are_no_singular_terms_where_they_do_not_belong(problem):
    assert not any(ansatz.singular for ansatz in exactness_of(problem).ansaetze.values())


@pytest.mark.parametrize("value", [0.1, math.pi, 2 * math.pi / 3, -0.25, 1e-7, 0.123456789], ids=str)
def test_exact_numbers_are_those_they_stand_for(value):
    assert float(exact_number(value)) == pytest.approx(value, rel=1e-15)


def test_sines_of_multiples_of_pi_vanish_on_sides_at_multiples_of_pi():
    string = Box(x=(0, math.pi)) * Box(t=(0, 1))
    problem = Problem(on(string, heat), on(string.boundary, Eq(w, 0)), on(string.at(t=0), Eq(w, exp(x) * sin(x))))
    (ansatz,) = exactness_of(problem).ansaetze.values()
    assert ansatz.lift == exp(x) * sin(x)
    assert ansatz.distance.subs(x, pi) == 0 == ansatz.distance.subs(x, 0)
