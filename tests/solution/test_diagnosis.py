"""Trainings that went wrong in known ways are told apart, and a good one has nothing wrong."""

import pytest
import torch
from sympy import I, Abs, Integer, exp, pi, sin, tanh

from pinr import (
    LBFGS,
    Adam,
    Box,
    Eq,
    FreshPoints,
    GaussNewton,
    Measurements,
    Problem,
    Siren,
    Solution,
    compile_problem,
    coordinates,
    integral,
    laplacian,
    on,
    parameter,
    solve,
    unknown,
)
from pinr.solution.diagnosis import Diagnosis, Symptom
from tests.solution.closed_forms import ClosedForm

x, y, t = coordinates("x y", time="t")
u, w = unknown("u", x, y), unknown("w", x)
square, line = Box(x=(0, 1), y=(0, 1)), Box(x=(0, 1))
exact = sin(pi * x) * sin(pi * y)
poisson = on(square, Eq(-laplacian(u), 2 * pi**2 * exact), points=256)
SMALL = Siren(8, 2)


def trained(*constraints, network=SMALL, stages=(Adam(steps=150), GaussNewton(steps=15)), **options):
    return solve(Problem(*constraints, name="trial"), network, stages=stages, progress=False, **options)


def closed(problem, formula, **options):
    """A solution whose network is a formula."""
    program = compile_problem(problem, ClosedForm(formula), dtype="float64")
    return Solution(program, program.initial(), **options)


def found(diagnosis, code):
    """The one symptom of a code."""
    (symptom,) = [symptom for symptom in diagnosis if symptom.code == code]
    return symptom


@pytest.fixture(scope="module")
def good():
    conditions = on(square.boundary, Eq(u, 0), points=128, exact=False)
    return trained(poisson, conditions, network=Siren(12, 2), stages=(Adam(steps=300), GaussNewton(steps=40)))


def test_a_good_solution_has_nothing_wrong(good):
    diagnosis = good.diagnose()
    print(diagnosis)
    assert set(diagnosis.codes) <= {"still-falling"}


if __name__ == "__main__":
    pass
