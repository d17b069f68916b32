"""What the Gauss–Newton methods share: a damping that walks until the loss falls as the model says."""

import math
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar, Generic, TypeVar

from typing_extensions import override

from pinr.errors import DeclarationError
from pinr.optimizers.argument_checks import check_argument, is_count, is_real
from pinr.optimizers.damped_equations import AbstractDampedEquations
from pinr.optimizers.objective import LeastSquares, Objective
from pinr.optimizers.optimizer import AbstractOptimizer
from pinr.optimizers.state import AbstractState
from pinr.optimizers.vector import Vector

LEAST_DAMPING, MOST_DAMPING = 1e-16, 1e8
# In single precision the equations are right to about 1e-6 of their size: enough while the damping hides as much, and
# the residuals, divided by the size of their terms, are well above it.
SINGLE_DAMPING, SINGLE_LOSS = 1e-6, 1e-7
# By the ratio of the decrease to the one that the model promised, what happens to the damping.
COURSE = ((0.75, 0.2), (0.4, 0.5), (0.15, 1.0), (-math.inf, 3.0))

Improve = Callable[[Vector, float, float], tuple[Vector, float, int]]
"""From a step, its damping and the loss after it, a step that is no worse, its loss, and the evaluations it took."""


@dataclass(frozen=True, eq=False, kw_only=True)
class AbstractDampedState(AbstractState):
    """The damping, which is kept when the points change.

    Attributes:
        damping: `λ` of the next step.
        is_evaluated: whether `loss` is that of this objective; not before the first step, nor after `reset`.
    """

    damping: float
    is_evaluated: bool = False


D = TypeVar("D", bound=AbstractDampedState)


class AbstractDamped(AbstractOptimizer[D], Generic[D]):
    """Steps from a model of the rows; `λ` falls while the loss does as the model promises, and grows until it does.

    Attributes:
        damping: `λ` at the start.
        is_mixed: whether single precision may be used where it suffices.
        trials: most values of `λ` tried in one step.
    """

    needs_double: ClassVar[bool] = True
    usual_draw: ClassVar[int] = 10

    damping: float
    is_mixed: bool
    trials: int

    @override
    def step(self, state: D, objective: Objective, progress: float) -> D:
        del progress  # the damping finds its own course
        if state.stopped is not None:
            return state
        if not isinstance(objective, LeastSquares):
            name = type(self).__name__
            message = f"`{name}` minimises sums of squares whose rows it can see; this objective has none."
            raise DeclarationError(message)
        if not state.is_evaluated:
            loss = float(objective.value(state.theta))
            state = replace(state, loss=loss, is_evaluated=True, evaluations=state.evaluations + 1)
        if not math.isfinite(state.loss):
            return replace(state, stopped=not_finite(state.loss))
        if self.is_mixed and state.damping >= SINGLE_DAMPING and state.loss >= SINGLE_LOSS:
            found = self._step_with(state, objective, is_coarse=True)
            if found.stopped is None:
                return found
            state = replace(state, evaluations=found.evaluations)
        return self._step_with(state, objective, is_coarse=False)

    @abstractmethod
    def _step_with(self, state: D, objective: LeastSquares, *, is_coarse: bool) -> D:
        """A step with the equations in double precision or not."""

    @override
    def reset(self, state: D) -> D:
        return replace(state, is_evaluated=False, stopped=None)

    def _check_damping(self) -> None:
        is_damping = is_real(self.damping) and self.damping > 0
        check_argument(self, "damping", is_damping, rule="a positive number (usually 1e-3)")
        check_argument(self, "trials", is_count(self.trials, least=1), rule="a whole number from 1 on (usually 12)")

    def _walk(
        self, state: D, objective: LeastSquares, equations: AbstractDampedEquations, improve: Improve | None = None
    ) -> D:
        """Try dampings until one lowers the loss."""
        damping, growth, evaluations, is_finite = state.damping, 2.0, state.evaluations, True
        for refusals in range(self.trials):
            d = equations.step(damping, refusals)
            if d is None:
                damping = min(10 * damping, MOST_DAMPING)
                continue
            promised = equations.promised(d, damping)
            loss, evaluations = float(objective.value(state.theta + d)), evaluations + 1
            if improve is not None:
                d, loss, more = improve(d, damping, loss)
                evaluations += more
            ratio = (state.loss - loss) / max(promised, 1e-300)
            if math.isfinite(loss) and loss < state.loss and ratio > 1e-4:
                change = next(change for least, change in COURSE if ratio > least)
                return replace(
                    state,
                    theta=state.theta + d,
                    loss=loss,
                    damping=max(damping * change, LEAST_DAMPING),
                    steps=state.steps + 1,
                    evaluations=evaluations,
                )
            is_finite &= math.isfinite(loss)
            damping, growth = min(damping * 2 * growth, MOST_DAMPING), min(2 * growth, 16.0)
        why = "the rest is rounding" if is_finite else "losses that are not finite were met"
        reason = f"no step lowers the loss {state.loss:.6g}, however small: {why}"
        return replace(state, damping=self.damping, evaluations=evaluations, stopped=reason)


def not_finite(loss: float) -> str:
    """Why a stage stops where its objective is not finite."""
    return f"the loss ({loss:.3g}) or its gradient is not finite where the objective begins"
