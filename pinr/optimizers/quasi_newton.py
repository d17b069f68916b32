"""What all quasi-Newton methods share: a direction, a strong Wolfe line search, and a reason to stop."""

import math
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Generic, TypeVar, final

import torch
from typing_extensions import override

from pinr.optimizers.argument_checks import check_argument, is_count, is_real
from pinr.optimizers.objective import Objective, evaluate
from pinr.optimizers.optimizer import AbstractOptimizer
from pinr.optimizers.state import AbstractState
from pinr.optimizers.trial import Trial
from pinr.optimizers.vector import Vector
from pinr.optimizers.wolfe import Search, WolfeConditions, strong_wolfe

M = TypeVar("M")


@dataclass(frozen=True, eq=False, kw_only=True)
class AbstractQuasiNewtonState(AbstractState):
    """The gradient; `loss` and `gradient` belong to `theta`.

    Attributes:
        gradient: `∇L(θ)`.
        is_evaluated: whether `loss` and `gradient` are those of this objective; not before the first step, nor after
            `reset`.
        first_gradient: `|∇L|_∞` where this objective was first evaluated, the measure of `gradient_tolerance`.
    """

    gradient: Vector
    is_evaluated: bool = False
    first_gradient: float = math.nan


Q = TypeVar("Q", bound=AbstractQuasiNewtonState)


@final
@dataclass(frozen=True, eq=False)
class Attempt(Generic[M]):
    """A direction to search, the first length to try, and the model of the Hessian that goes on if it helps."""

    direction: Vector
    length: float
    model: M


class AbstractQuasiNewton(AbstractOptimizer[Q], Generic[Q, M]):
    """Steps along the first of several directions on which a line search finds a lower loss.

    Attributes:
        gradient_tolerance: stop at `|∇L|_∞` below this part of its first value; 0 goes on to the last digit.
        decrease: Wolfe's `c₁`.
        curvature: Wolfe's `c₂`.
        trials: most evaluations of one line search.
    """

    needs_double: ClassVar[bool] = True  # its line search compares losses that differ in the last digits

    gradient_tolerance: float
    decrease: float
    curvature: float
    trials: int

    @abstractmethod
    def _attempts(self, state: Q) -> Iterator[Attempt[M]]:
        """Directions to search, the best first."""

    @abstractmethod
    def _moved(self, state: Q, trial: Trial, attempt: Attempt[M]) -> Q:
        """The state at the point that the line search accepted, with what it tells about the Hessian."""

    @override
    def step(self, state: Q, objective: Objective, progress: float) -> Q:
        """The state after one line search that lowered the loss, or the reason why there is none."""
        del progress  # the line search finds its own step lengths
        if state.stopped is None and not state.is_evaluated:
            state = self._evaluated(state, objective)
        if state.stopped is not None:
            return state
        met_non_finite = False
        for attempt in self._attempts(state):
            search = self._search(state, objective, attempt)
            state = replace(state, evaluations=state.evaluations + search.evaluations)
            if search.accepted is not None:
                state = replace(self._moved(state, search.accepted, attempt), steps=state.steps + 1)
                return self._stopped_where_flat(state)
            met_non_finite |= search.met_non_finite
        why = (
            "losses that are not finite were met"
            if met_non_finite
            else "the rest is rounding, or the gradient is wrong"
        )
        reason = f"no step lowers the loss {state.loss:.6g}, not even along steepest descent: {why}"
        return replace(state, stopped=reason)

    def _check_line_search(self) -> None:
        """Refuse arguments that no line search can work with."""
        check_argument(
            self,
            "gradient_tolerance",
            is_real(self.gradient_tolerance) and 0 <= self.gradient_tolerance < 1,
            rule="a number in [0, 1), relative to the first gradient (usually 1e-12)",
        )
        is_decrease = is_real(self.decrease) and 0 < self.decrease < 0.5
        check_argument(self, "decrease", is_decrease, rule="a number between 0 and 0.5 (usually 1e-4)")
        is_curvature = is_real(self.curvature) and self.decrease < self.curvature < 1
        check_argument(self, "curvature", is_curvature, rule="a number between `decrease` and 1 (usually 0.9)")
        check_argument(self, "trials", is_count(self.trials, least=2), rule="a whole number from 2 on (usually 25)")

    def _evaluated(self, state: Q, objective: Objective) -> Q:
        """The state with loss and gradient at `theta`."""
        loss, g = evaluate(objective, state.theta)
        evaluations = state.evaluations + 1
        if not (math.isfinite(loss) and torch.isfinite(g).all()):
            reason = f"the loss ({loss:.3g}) or its gradient is not finite where the objective begins"
            return replace(state, evaluations=evaluations, stopped=reason)
        state = replace(
            state, loss=loss, gradient=g, is_evaluated=True, first_gradient=_largest(g), evaluations=evaluations
        )
        return self._stopped_where_flat(state)

    def _search(self, state: Q, objective: Objective, attempt: Attempt[M]) -> Search:
        """A line search from `theta`."""
        direction = attempt.direction

        def line(t: float) -> Trial:
            theta = torch.add(state.theta, direction, alpha=t)
            loss, g = evaluate(objective, theta)
            return Trial(t, loss, float(g @ direction), theta, g)

        start = Trial(0.0, state.loss, float(state.gradient @ direction), state.theta, state.gradient)
        conditions = WolfeConditions(
            self.decrease, self.curvature, self.trials, resolution=torch.finfo(state.theta.dtype).eps
        )
        return strong_wolfe(line, start, attempt.length, conditions)

    def _stopped_where_flat(self, state: Q) -> Q:
        largest, least = _largest(state.gradient), self.gradient_tolerance * state.first_gradient
        if largest > least:
            return state
        return replace(state, stopped=f"the gradient is below the tolerance: {largest:.1e} in its largest entry")


def steepest_descent(g: Vector, model: M) -> Attempt[M]:
    """The direction `−g`.

    A gradient alone has no length scale: the first length moves `θ` by `|g|₂ / |g|₁ ≤ 1`, whatever the units of the
    loss.
    """
    return Attempt(-g, 1 / float(g.abs().sum()), model)


def _largest(g: Vector) -> float:
    """`|g|_∞`."""
    return float(g.abs().max())
