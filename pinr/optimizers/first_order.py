"""What the methods with moments of the gradient share: a rate with its course, and the way back from a bad step."""

import math
from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Generic, Literal, TypeVar

import torch
from typing_extensions import override

from pinr.optimizers.argument_checks import check_argument, is_count, is_real
from pinr.optimizers.objective import Objective, evaluate
from pinr.optimizers.optimizer import AbstractOptimizer
from pinr.optimizers.schedule import SCHEDULES, warmup_factor
from pinr.optimizers.state import AbstractState
from pinr.optimizers.vector import Vector

USUAL_WARMUP = 100  # steps; a tenth of the stage where that is shorter


@dataclass(frozen=True, eq=False, kw_only=True)
class AbstractFirstOrderState(AbstractState):
    """The moments of the gradient.

    `loss` belongs to `previous`, the parameters at which the last step evaluated; after a non-finite loss `theta` is
    back there.

    Attributes:
        previous: the parameters before the last step, `θ_{k−1}`.
        mean: decaying mean of the gradient, `m`.
        square: decaying mean of its square, `v`.
    """

    previous: Vector
    mean: Vector
    square: Vector


F = TypeVar("F", bound=AbstractFirstOrderState)


class AbstractFirstOrder(AbstractOptimizer[F], Generic[F]):
    """One evaluation a step, and steps of about the rate, which falls over the budget.

    Attributes:
        rate: largest step per parameter, `α`.
        betas: memories `(β₁, β₂)` of the two means.
        epsilon: `ε`, below which a gradient counts as zero.
        schedule: course of the rate over the budget.
        warmup: steps until the full rate; `None` is 100, or a tenth of `steps` if that is less.
    """

    rate: float
    betas: tuple[float, float]
    epsilon: float
    schedule: Literal["constant", "cosine"]
    warmup: int | None

    @abstractmethod
    def _moved(self, state: F, objective: Objective, g: Vector, rate: float) -> F:
        """The state after a step from `g = ∇L(θ)`: `theta` and all that the method remembers."""

    @override
    def step(self, state: F, objective: Objective, progress: float) -> F:
        """The state after one evaluation and one step; or back where the last one began, if it led nowhere."""
        if state.stopped is not None:
            return state
        loss, g = evaluate(objective, state.theta)
        evaluations = state.evaluations + 1
        if not (math.isfinite(loss) and _is_finite(g)):
            reason = f"the loss ({loss:.3g}) or its gradient is not finite after step {state.steps}, which is undone"
            return replace(state, theta=state.previous, evaluations=evaluations, stopped=reason)
        rate = self.rate * SCHEDULES[self.schedule](progress) * warmup_factor(state.steps, length=self._warmup_length())
        moved = self._moved(state, objective, g, rate)
        return replace(moved, previous=state.theta, loss=loss, steps=state.steps + 1, evaluations=evaluations)

    @override
    def reset(self, state: F) -> F:
        """The same, running again; the moments stay: new points are new samples of the same mean loss."""
        return replace(state, stopped=None)

    def _check_rate(self) -> None:
        """Refuse arguments with which no step can be made."""
        usual = type(self)
        is_rate = is_real(self.rate) and self.rate > 0
        check_argument(self, "rate", is_rate, rule=f"a positive number (usually {usual.rate:g})")
        is_pair = isinstance(self.betas, tuple) and len(self.betas) == 2
        check_argument(
            self,
            "betas",
            is_pair and all(is_real(beta) and 0 <= beta < 1 for beta in self.betas),
            rule="two numbers in [0, 1) (usually {:g} and {:g})".format(*usual.betas),
        )
        check_argument(
            self, "epsilon", is_real(self.epsilon) and self.epsilon > 0, rule="a positive number (usually 1e-8)"
        )
        is_known = isinstance(self.schedule, str) and self.schedule in SCHEDULES
        check_argument(self, "schedule", is_known, rule="one of " + ", ".join(map(repr, SCHEDULES)))
        is_warmup = self.warmup is None or is_count(self.warmup, least=0)
        check_argument(self, "warmup", is_warmup, rule="a whole number of steps from 0 on, or None")

    def _warmup_length(self) -> int:
        if self.warmup is not None:
            return self.warmup
        return USUAL_WARMUP if self.steps is None else min(USUAL_WARMUP, self.steps // 10)


def _is_finite(g: Vector) -> bool:
    """Whether all numbers are finite: mostly their sum tells, in one pass where looking at each takes four."""
    return bool(g.sum().isfinite()) or bool(torch.isfinite(g).all())
