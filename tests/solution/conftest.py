"""Solutions whose networks are closed forms, so that every derived number is known."""

import pytest
from sympy import pi, sin

from pinr.declaration.constraint import on
from pinr.declaration.problem import Problem
from pinr.geometry import Box
from pinr.language.equations import Eq
from pinr.language.operators import laplacian
from pinr.networks.siren import Siren
from pinr.optimizers import LBFGS, Adam
from pinr.solution import Solution
from tests.solution.closed_forms import DISK, ClosedForm, nu, sine_times_y, solution_of, t, u, v, w, x, y


@pytest.fixture(scope="session")
def disk() -> Solution:
    problem = Problem(on(DISK, Eq(-nu * laplacian(u), sin(x) * y)), name="drum", reference={u: 1.25 * sin(x) * y})
    return solution_of(problem, ClosedForm(sine_times_y))


@pytest.fixture(scope="session")
def flow() -> Solution:
    region = Box(x=(0, 2), y=(0, 1)) * Box(t=(0, 1))
    problem = Problem(on(region, Eq(v.diff(t), laplacian(v))))
    return solution_of(problem, ClosedForm(lambda x, y, t: (x * y * t, x - y + t)))


@pytest.fixture(scope="session")
def string() -> Solution:
    region = Box(x=(0, pi)) * Box(t=(0, 10))
    problem = Problem(on(region, Eq(w.diff(t, 2), laplacian(w))), on(region.at(t=0), Eq(w, sin(x))), name="string")
    history = [
        {"step": 1, "stage": "Adam", "seconds": 0.5, "loss": 1.0, "loss interior/x": 0.5},
        {"step": 9, "stage": "LBFGS", "seconds": 1.5, "loss": 0.25},
    ]
    return solution_of(
        problem, Siren(width=16, depth=2), history=history, stages=(Adam(steps=1), LBFGS(steps=8)), seed=3, steps=9
    )
