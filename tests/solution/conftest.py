"""Solutions whose networks are closed forms, so that every derived number is known."""

from collections.abc import Callable, Sequence

import pytest
import torch
from sympy import pi, sin
from torch import Tensor, nn

from pinr.compiler.program import compile_problem
from pinr.declaration.constraint import on
from pinr.declaration.problem import Problem
from pinr.geometry import Box
from pinr.language.coordinates import coordinates
from pinr.language.equations import Eq
from pinr.language.fields import unknown
from pinr.language.operators import laplacian
from pinr.language.parameters import parameter
from pinr.networks.siren import Siren
from pinr.optimizers import LBFGS, Adam
from pinr.solution import Solution

x, y, t = coordinates("x y", time="t")
u = unknown("u", x, y)
v = unknown("v", x, y, t, size=2)
w = unknown("w", x, t)
nu = parameter("nu", 0.25, positive=True)
SQUARE = Box(x=(-1, 1), y=(-1, 1))
DISK = SQUARE.where(x**2 + y**2 < 0.81)


class ClosedForm(nn.Module):
    """A network that is a formula."""

    def __init__(self, formula: Callable[..., Sequence[Tensor]]) -> None:
        super().__init__()
        self.formula = formula

    def forward(self, points: Tensor) -> Tensor:
        return torch.stack(tuple(self.formula(*points.unbind(1))), dim=1)


def sine_times_y(x: Tensor, y: Tensor) -> tuple[Tensor]:
    return (torch.sin(x) * y,)


def solution_of(problem: Problem, network, **kwargs) -> Solution:
    program = compile_problem(problem, network, dtype="float64")
    return Solution(program, program.initial(seed=1), **kwargs)


@pytest.fixture(scope="session")
def disk() -> Solution:
    problem = Problem(
        on(DISK, Eq(-nu * laplacian(u), sin(x) * y)), name="drum", reference={u: 1.25 * sin(x) * y}
    )
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
