"""Objectives with known minima, and the plain loop that the trainer is to an optimizer."""

import math
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor

from pinr.optimizers import (
    AbstractOptimizer,
    AbstractState,
    MatrixBlock,
    Objective,
    Products,
    RowsObjective,
    elapsed_fraction,
)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Sums are then added in one order, and bit equality can be asked for."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def minimise() -> Callable[[AbstractOptimizer, Objective, Tensor], AbstractState]:
    def run(optimizer: AbstractOptimizer, objective: Objective, theta: Tensor) -> AbstractState:
        state = optimizer.initial(theta)
        while state.stopped is None and state.steps < optimizer.steps:
            progress = elapsed_fraction(optimizer, steps=state.steps, seconds=0.0)
            state = optimizer.step(state, objective, progress)
        return state

    return run


@pytest.fixture
def quadratic() -> Callable[..., RowsObjective]:
    """`½ θᵀ A θ` with eigenvalues of `A` from 1 to `condition`, in random directions."""

    def make(n: int, *, condition: float, dtype: torch.dtype = torch.float64) -> RowsObjective:
        generator = torch.Generator().manual_seed(0)
        Q = torch.linalg.qr(torch.randn(n, n, generator=generator, dtype=torch.float64)).Q
        eigenvalues = torch.logspace(0, math.log10(condition), n, dtype=torch.float64)
        half = (Q * (eigenvalues / 2).sqrt()).T.to(dtype)
        return RowsObjective(lambda theta: half @ theta)

    return make


@pytest.fixture
def rosenbrock() -> RowsObjective:
    """The chained banana valley; its minimum is 0 at `θ = 1`."""
    return RowsObjective(lambda theta: torch.cat([10 * (theta[1:] - theta[:-1] ** 2), 1 - theta[:-1]]))


@pytest.fixture
def rosenbrock_start() -> Tensor:
    """Its customary starting point `(−1.2, 1, −1.2, 1, …)`."""
    return torch.tensor([-1.2, 1.0] * 5, dtype=torch.float64)


@pytest.fixture
def network_fit() -> tuple[RowsObjective, Tensor]:
    """Least squares of a 1-16-1 sine network against a chirp, and its random parameters."""
    generator = torch.Generator().manual_seed(0)
    width = 16
    theta = torch.randn(3 * width + 1, generator=generator, dtype=torch.float64)
    x = torch.linspace(-1, 1, 100, dtype=torch.float64)[:, None]
    target = torch.sin(4 * x + 3 * x**2)

    def rows(theta: Tensor) -> Tensor:
        first, bias, last = theta[:-1].view(3, width)
        misfit = torch.sin(3 * x * first + bias) @ last[:, None] / width**0.5 + theta[-1] - target
        return misfit.flatten() / len(x) ** 0.5

    layers = (MatrixBlock(0, width, 1, has_bias=True), MatrixBlock(2 * width, 1, width, has_bias=True))
    return RowsObjective(rows, layers), theta


class Breaking:
    """An objective that answers `nan` from its call number `first_bad` on, and remembers where it was asked."""

    def __init__(self, objective: Objective, first_bad: int) -> None:
        self.objective, self.first_bad, self.asked = objective, first_bad, []
        self.blocks = objective.blocks

    def value_and_gradient(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        loss, gradient = self.objective.value_and_gradient(theta)
        self.asked.append(theta)
        return (loss, gradient) if len(self.asked) < self.first_bad else (loss * math.nan, gradient * math.nan)

    def value(self, theta: Tensor) -> Tensor:
        loss = self.objective.value(theta)
        self.asked.append(theta)
        return loss if len(self.asked) < self.first_bad else loss * math.nan

    def normal_equations(self, theta: Tensor, *, is_coarse: bool = False) -> tuple[Tensor, Tensor]:
        slope, gram = self.objective.normal_equations(theta, is_coarse=is_coarse)
        self.asked.append(theta)
        return (slope, gram) if len(self.asked) < self.first_bad else (slope * math.nan, gram)

    def row_count(self, theta: Tensor) -> int:
        return self.objective.row_count(theta)

    def linearized(self, theta: Tensor, *, is_coarse: bool = False) -> tuple[Tensor, Tensor]:
        rows, jacobian = self.objective.linearized(theta, is_coarse=is_coarse)
        self.asked.append(theta)
        return (rows, jacobian) if len(self.asked) < self.first_bad else (rows * math.nan, jacobian)

    def products(self, theta: Tensor, *, is_coarse: bool = False) -> Products:
        self.asked.append(theta)
        factor = 1.0 if len(self.asked) < self.first_bad else math.nan
        rows = self.objective.rows
        return RowsObjective(lambda theta: factor * rows(theta)).products(theta, is_coarse=is_coarse)


@pytest.fixture
def breaking() -> type[Breaking]:
    return Breaking
