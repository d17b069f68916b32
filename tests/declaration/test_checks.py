"""Every check finds its mistake, names the constraint, the line and the cure, and is silent on a correct problem."""

import inspect
import warnings
from math import nan
from pathlib import Path

import pytest
import sympy
from sympy import Symbol, exp, log, pi, sin

from pinr.declaration.checks import CHECKS
from pinr.declaration.constraint import on
from pinr.declaration.finding import ProblemWarning
from pinr.declaration.problem import Problem
from pinr.errors import DeclarationError
from pinr.geometry import Box, Measurements
from pinr.language.coordinates import Coordinate, coordinates
from pinr.language.equations import Eq
from pinr.language.fields import unknown
from pinr.language.operators import div, dot, grad, laplacian
from pinr.language.parameters import parameter

x, y, t = coordinates("x y", time="t")
u, v = unknown("u", x, y), unknown("v", x, y, size=2)
h, r = unknown("h", x, t), unknown("r", t)
a = parameter("a", 1.0)
SQUARE, STRING = Box(x=(0, 1), y=(0, 1)), Box(x=(0, pi)) * Box(t=(0, 2))
INSIDE, EDGE = on(SQUARE, Eq(-laplacian(u), 1)), on(SQUARE.boundary, Eq(u, 0))
WAVE = on(STRING, Eq(h.diff(t, 2), laplacian(h)))
START = STRING.at(t=0)
PROBES = Measurements(x=[0.1, 0.2, 0.3, 0.4], y=[0.1, nan, 0.3, 0.4], u=[0.0, nan, nan, 1.0], t=[0, 1, 1, 2])
CORRECT = {
    "Poisson": Problem(INSIDE, EDGE),
    "Robin": Problem(INSIDE, on(SQUARE.boundary, Eq(dot(grad(u), SQUARE.boundary.normal) + 2 * u, x))),
    "wave": Problem(WAVE, on(STRING.boundary, Eq(h, 0)), on(START, Eq(h, sin(x)), Eq(h.diff(t), 0))),
    "heat": Problem(on(STRING, Eq(h.diff(t), a * laplacian(h))), on(STRING.boundary, h), on(START, Eq(h, sin(x)))),
    "inverse": Problem(on(STRING, Eq(h.diff(t), a * laplacian(h)), Eq(h, exp(-t) * sin(x)))),
    "measured": Problem(INSIDE, EDGE, on(PROBES.where(x > 0.3), Eq(u, PROBES["u"]))),
    "measured in time": Problem(
        WAVE, on(STRING.boundary, Eq(h, 0)), on(PROBES * Box(z=(0, 1)), Eq(h, PROBES["x"]), name="probes")
    ),
    "ordinary": Problem(on(Box(t=(0, 1)), Eq(r.diff(t), -r)), on(Box(t=(0, 1)).at(t=0), Eq(r, 1))),
    "elsewhere": Problem(INSIDE, EDGE, on(Box(y=(0, 1)), Eq(u.diff(x).subs(x, 0), u.subs(x, 1)), name="seam")),
    "prior": Problem(on(STRING, Eq(h, a * sin(x)), Eq(a, 1))),
    "vector": Problem(on(SQUARE, Eq(laplacian(v), 0)), on(SQUARE.boundary, Eq(v, (x, y)))),
    "singular outside": Problem(on(Box(x=(1, 2), y=(0, 1)), Eq(laplacian(u), log(x) / x + y * u)), EDGE),
}
ERRORS = {
    "no-unknown": (lambda: (INSIDE, EDGE, on(SQUARE, Eq(x, y), name="odd")), "has no unknown", "Remove it"),
    "namesake": (lambda: (INSIDE, EDGE, on(SQUARE, Eq(u, Symbol("x")), name="odd")), "namesake", "coordinates(...)"),
    "unknown-symbol": (
        lambda: (INSIDE, EDGE, on(SQUARE, Eq(u, Symbol("q")), name="odd")),
        "`q`",
        "parameter('q', value)",
    ),
    "unbound-coordinate": (lambda: (INSIDE, EDGE, on(Box(x=(0, 1)), Eq(u, 0), name="odd")), "`y`", ".subs"),
    "foreign-normal": (
        lambda: (INSIDE, EDGE, on(SQUARE, Eq(dot(grad(u), SQUARE.boundary.normal), 0), name="odd")),
        "normal of the boundary",
        "own boundary",
    ),
    "foreign-column": (
        lambda: (INSIDE, EDGE, on(SQUARE, Eq(u, PROBES["u"]), name="odd")),
        "measured column `measurements.u`, which is not known",
        "its own measurements",
    ),
    "not-finite": (lambda: (INSIDE, EDGE, on(SQUARE, Eq(u, log(x - 0.5)), name="odd")), "nan at x = 0.", "Piecewise"),
    "not-finite at one point": (
        lambda: (INSIDE, EDGE, on(Box(x=(-1, 1), y=(0, 1)), Eq(u, 1 / x), name="odd")),
        "at x = 0",
        "Piecewise",
    ),
    "jump-under-divergence": (
        lambda: (INSIDE, EDGE, on(SQUARE, Eq(div(sympy.Piecewise((1, x < 0.5), (2, True)) * grad(u)), 0), name="odd")),
        "under the divergence",
        "interface condition",
    ),
    "no-rule": (lambda: (INSIDE, EDGE, on(SQUARE, Eq(u, sympy.zeta(x + 2)), name="odd")), "zeta", "elementary"),
}
OF_THE_PROBLEM = {
    "two-roles": (
        lambda: (INSIDE, EDGE, on(SQUARE, Eq(u * Coordinate("x", "time"), 0))),
        "declared as space and as time",
    ),
    "two-unknowns": (lambda: (INSIDE, EDGE, on(SQUARE, Eq(unknown("u", x, y, size=2), 0))), "Rename one"),
    "two-parameters": (lambda: (INSIDE, EDGE, on(SQUARE, Eq(a * u, parameter("a", 2.0)))), "rename one"),
}
WARNINGS = {
    "no-equation-inside": (
        lambda: (INSIDE, on(SQUARE.boundary, Eq(u, unknown("s", x, y)))),
        "`s` occurs in no equation",
    ),
    "missing-initial-condition": (lambda: (WAVE, on(START, Eq(h, 0))), "on(region.at(t=0), Eq(h.diff(t, 1), …))"),
    "missing-rows": (
        lambda: (INSIDE, EDGE, on(PROBES, Eq(u, PROBES["u"]))),
        "2 of the 4 rows of `measurements` are left out because a value is missing, the first one row 2 without y, u",
    ),
    "free-constant": (
        lambda: (INSIDE, on(SQUARE.boundary, Eq(dot(grad(u), SQUARE.boundary.normal), 0))),
        "up to a constant. Fix it",
    ),
}


@pytest.mark.parametrize("problem", CORRECT.values(), ids=CORRECT)
def test_correct_problems_pass_in_silence(problem):
    assert problem.check() == problem.check(strict=True) == ()


@pytest.mark.parametrize("code", ERRORS)
def test_an_error_names_the_constraint_its_line_and_the_cure(code):
    declare, wrong, cure = ERRORS[code]
    line = inspect.getsourcelines(declare)[1]
    with pytest.raises(DeclarationError) as caught:
        Problem(*declare(), name="study").check()
    text = str(caught.value)
    assert text.startswith("study: ")
    assert f"error ({code.split()[0]})" in text and "'odd'" in text and wrong in text and cure in text
    place = next(p for p in (f"test_checks.py:{n}" for n in range(line, line + 4)) if p in text)
    assert Path(__file__).name in place


@pytest.mark.parametrize("code", OF_THE_PROBLEM)
def test_an_error_of_the_whole_problem_is_found(code):
    declare, words = OF_THE_PROBLEM[code]
    with pytest.raises(DeclarationError, match=rf"error \({code}\)") as caught:
        Problem(*declare()).check()
    assert words in str(caught.value)


@pytest.mark.parametrize("code", WARNINGS)
def test_a_doubt_is_a_warning_and_strictly_an_error(code):
    declare, words = WARNINGS[code]
    problem = Problem(*declare())
    with pytest.warns(ProblemWarning) as caught:
        found = problem.check()
    assert [f.code for f in found] == [code] and found[0].severity == "warning" and words in found[0].message
    assert caught[0].filename == __file__
    with pytest.raises(DeclarationError, match=code):
        problem.check(strict=True)


def test_all_findings_are_in_one_message():
    problem = Problem(
        on(SQUARE, Eq(u, Symbol("q")), Eq(u, Symbol("x"))), on(Box(x=(0, 1)), Eq(u, 1 / (x - x.func("z"))))
    )
    with pytest.raises(DeclarationError) as caught:
        problem.check()
    assert all(code in str(caught.value) for code in ("unknown-symbol", "namesake", "unbound-coordinate"))


def test_near_misses_are_suggested():
    temperature = Symbol("xx")
    wide = Box(x=(0, 1), y=(0, 1))
    with pytest.raises(DeclarationError, match="Did you mean `x`"):
        Problem(on(wide, Eq(u, temperature))).check()


def test_every_check_is_listed_once_and_tested():
    assert len(set(CHECKS)) == len(CHECKS)
    found = set()
    for declare, *_ in (*ERRORS.values(), *OF_THE_PROBLEM.values(), *WARNINGS.values()):
        problem = Problem(*declare())
        found |= {check for check in CHECKS if tuple(check(problem))}
    assert found == set(CHECKS)


def test_checking_does_not_draw_from_the_global_generator():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        CORRECT["wave"].check()
