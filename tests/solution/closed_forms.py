"""Networks that are closed forms, and the symbols of the problems that they solve."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from pinr.compiler.program import compile_problem
from pinr.declaration.problem import Problem
from pinr.geometry import Box
from pinr.language.coordinates import coordinates
from pinr.language.fields import unknown
from pinr.language.parameters import parameter
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
