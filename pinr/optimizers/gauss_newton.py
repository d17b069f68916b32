"""Gauss–Newton with Levenberg–Marquardt damping: the method for small networks and many digits."""

import math
from dataclasses import dataclass, replace
from typing import ClassVar, final

import torch
from torch import Tensor
from typing_extensions import override

from pinr.errors import DeclarationError
from pinr.optimizers.argument_checks import check_argument, is_count, is_real
from pinr.optimizers.budget import check_budget
from pinr.optimizers.objective import LeastSquares, Objective
from pinr.optimizers.optimizer import AbstractOptimizer
from pinr.optimizers.state import AbstractState
from pinr.optimizers.vector import Vector, owned_vector

LEAST_DAMPING, MOST_DAMPING = 1e-16, 1e8
FLOOR = 1.0  # of the mean of the diagonal: directions that nothing feels are not free to run away
# In single precision the equations are right to about 1e-6 of their size: enough while the damping hides as much, and
# the residuals, divided by the size of their terms, are well above it.
SINGLE_DAMPING, SINGLE_LOSS = 1e-6, 1e-7
# By the ratio of the decrease to the one that the model promised, what happens to the damping.
COURSE = ((0.75, 0.2), (0.4, 0.5), (0.15, 1.0), (-math.inf, 3.0))


@final
@dataclass(frozen=True, eq=False, kw_only=True)
class GaussNewtonState(AbstractState):
    """The damping, which is kept when the points change.

    Attributes:
        damping: `λ` of the next step.
        is_evaluated: whether `loss` is that of this objective; not before the first step, nor after `reset`.
    """

    damping: float
    is_evaluated: bool = False


@final
@dataclass(frozen=True, kw_only=True)
class GaussNewton(AbstractOptimizer[GaussNewtonState]):
    """Steps `d` with `(JᵀJ + λ D) d = −Jᵀr` for a loss `|r|²` with the Jacobian `J` of its rows.

    `D` is the diagonal of `JᵀJ`, at least its mean. `λ` falls while the loss does as the model promises, and grows
    until it does. A step costs the Jacobian, one product `JᵀJ` and a Cholesky factorisation or a few: cubic in the
    number of weights, so that it is for networks of up to about 3,000. It wants three times as many rows as there are
    weights, and new points often, or it fits the points and not the problem; `solve` sees to both.

    The parameters, the loss and the factorisation are in double precision. `JᵀJ` and `Jᵀr` are in single precision as
    long as the damping is above 1e-6 and the loss above 1e-7 (`is_mixed=False` to forbid it), which halves the time.

    References: Levenberg, Quart. Appl. Math. 2, 1944; Marquardt, J. SIAM 11, 1963; Nielsen, IMM-REP-1999-05.

    Attributes:
        steps: budget in steps.
        damping: `λ` at the start.
        is_mixed: whether single precision may be used where it suffices.
        trials: most values of `λ` tried in one step.
        seconds: budget in seconds.
    """

    state_type: ClassVar = GaussNewtonState
    needs_double: ClassVar[bool] = True
    usual_draw: ClassVar[int] = 10
    rows_per_weight: ClassVar[float] = 3.0

    steps: int | None = None
    damping: float = 1e-3
    is_mixed: bool = True
    trials: int = 12
    seconds: float | None = None

    def __post_init__(self) -> None:
        check_budget(self)
        is_damping = is_real(self.damping) and self.damping > 0
        check_argument(self, "damping", is_damping, rule="a positive number (usually 1e-3)")
        check_argument(self, "trials", is_count(self.trials, least=1), rule="a whole number from 1 on (usually 12)")

    @override
    def initial(self, theta: Vector) -> GaussNewtonState:
        return GaussNewtonState(theta=owned_vector(theta), damping=self.damping)

    @override
    def step(self, state: GaussNewtonState, objective: Objective, progress: float) -> GaussNewtonState:
        del progress  # the damping finds its own course
        if state.stopped is not None:
            return state
        if not isinstance(objective, LeastSquares):
            message = "`GaussNewton` minimises sums of squares whose rows it can see; this objective has none."
            raise DeclarationError(message)
        if not state.is_evaluated:
            loss = float(objective.value(state.theta))
            state = replace(state, loss=loss, is_evaluated=True, evaluations=state.evaluations + 1)
        if not math.isfinite(state.loss):
            return replace(state, stopped=_not_finite(state.loss))
        if self._is_coarse(state):
            found = self._step_with(state, objective, is_coarse=True)
            if found.stopped is None:
                return found
        return self._step_with(state, objective, is_coarse=False)

    def _is_coarse(self, state: GaussNewtonState) -> bool:
        return self.is_mixed and state.damping >= SINGLE_DAMPING and state.loss >= SINGLE_LOSS

    def _step_with(self, state: GaussNewtonState, objective: LeastSquares, *, is_coarse: bool) -> GaussNewtonState:
        """A step with the equations in double precision or not."""
        equations = objective.normal_equations(state.theta, is_coarse=is_coarse)
        slope, gram = (t.to(state.theta.dtype) for t in equations)
        state = replace(state, evaluations=state.evaluations + 1)
        if not torch.isfinite(slope).all():
            return replace(state, stopped=_not_finite(state.loss))
        return self._walk(state, objective, slope, gram)

    @override
    def reset(self, state: GaussNewtonState) -> GaussNewtonState:
        return replace(state, is_evaluated=False, stopped=None)

    def _walk(self, state: GaussNewtonState, objective: LeastSquares, slope: Tensor, gram: Tensor) -> GaussNewtonState:
        """Try dampings until one lowers the loss."""
        diagonal = gram.diagonal().clone()
        scale = diagonal.clamp_min(FLOOR * float(diagonal.mean()))
        damping, growth, evaluations, is_finite = state.damping, 2.0, state.evaluations, True
        for _ in range(self.trials):
            gram.diagonal().copy_(diagonal + damping * scale)
            factor, failed = torch.linalg.cholesky_ex(gram)
            if int(failed):
                damping = min(10 * damping, MOST_DAMPING)
                continue
            d = -torch.cholesky_solve(slope[:, None], factor)[:, 0]
            theta = state.theta + d
            loss, evaluations = float(objective.value(theta)), evaluations + 1
            promised = float(-slope @ d + damping * (d * scale) @ d)  # of the model |r + J d|²
            ratio = (state.loss - loss) / max(promised, 1e-300)
            if math.isfinite(loss) and loss < state.loss and ratio > 1e-4:
                change = next(change for least, change in COURSE if ratio > least)
                return replace(
                    state,
                    theta=theta,
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


def _not_finite(loss: float) -> str:
    return f"the loss ({loss:.3g}) or its gradient is not finite where the objective begins"
