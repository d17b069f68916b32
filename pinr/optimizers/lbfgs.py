"""L-BFGS: a quasi-Newton method for smooth objectives on fixed points."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, final

import torch
from typing_extensions import override

from pinr.optimizers.argument_checks import check_argument, is_count
from pinr.optimizers.budget import check_budget
from pinr.optimizers.curvature_pairs import CurvaturePairs
from pinr.optimizers.named_arguments import with_checked_fields
from pinr.optimizers.quasi_newton import (
    AbstractQuasiNewton,
    AbstractQuasiNewtonState,
    Attempt,
    steepest_descent,
)
from pinr.optimizers.trial import Trial
from pinr.optimizers.vector import Vector, owned_vector


@final
@dataclass(frozen=True, eq=False, kw_only=True)
class LBFGSState(AbstractQuasiNewtonState):
    """The gradient and the curvature pairs.

    Attributes:
        pairs: what the last steps told about the Hessian.
    """

    pairs: CurvaturePairs


@final
@with_checked_fields
@dataclass(frozen=True, kw_only=True)
class LBFGS(AbstractQuasiNewton[LBFGSState, CurvaturePairs]):
    """Steps along `−H ∇L`, with `H` the inverse Hessian as the last steps showed it, and a strong Wolfe line search.

    The loss falls in every step. Nothing depends on the units of the loss: `L` and `10¹² L` take the same path. One
    step costs one evaluation as a rule, and is done in the dtype of the parameters: float64 for more than five digits.
    Where the line search fails, the pairs are dropped and steepest descent is tried once; then the stage stops.

    Reference: Liu and Nocedal, On the limited memory BFGS method for large scale optimization, Math. Programming 45,
    1989; the line search is described in `strong_wolfe`.

    Attributes:
        steps: budget in steps.
        history: pairs remembered, `m`; memory is `2 (m + 1)` vectors. Good values: 20 to 100.
        gradient_tolerance: stop at `|∇L|_∞` below this part of its first value; 0 goes on to the last digit.
        decrease: Wolfe's `c₁`.
        curvature: Wolfe's `c₂`; smaller values search each line more exactly.
        trials: most evaluations of one line search.
        seconds: budget in seconds.
    """

    state_type: ClassVar = LBFGSState
    usual_draw: ClassVar[int] = 500

    steps: int | None = None
    history: int = 50
    gradient_tolerance: float = 1e-12
    decrease: float = 1e-4
    curvature: float = 0.9
    trials: int = 25
    seconds: float | None = None

    def __post_init__(self) -> None:
        check_budget(self)
        check_argument(self, "history", is_count(self.history, least=1), rule="a whole number from 1 on (usually 50)")
        self._check_line_search()

    @override
    def initial(self, theta: Vector) -> LBFGSState:
        theta = owned_vector(theta)
        return LBFGSState(
            theta=theta, pairs=CurvaturePairs.empty(theta, self.history), gradient=torch.zeros_like(theta)
        )

    @override
    def reset(self, state: LBFGSState) -> LBFGSState:
        # Differences of gradients of two objectives say nothing about curvature; the scale is still a good first guess.
        return replace(state, pairs=state.pairs.without_pairs(), is_evaluated=False, stopped=None)

    @override
    def _attempts(self, state: LBFGSState) -> Iterator[Attempt[CurvaturePairs]]:
        g = state.gradient
        if state.pairs.scale is not None:
            direction = -state.pairs.inverse_hessian_times(g)
            if float(g @ direction) < 0:  # rounding can turn it uphill
                yield Attempt(direction, 1.0, state.pairs)
        yield steepest_descent(g, state.pairs.without_pairs())

    @override
    def _moved(self, state: LBFGSState, trial: Trial, attempt: Attempt[CurvaturePairs]) -> LBFGSState:
        pairs = attempt.model.with_pair(trial.theta - state.theta, trial.gradient - state.gradient)
        return replace(state, theta=trial.theta, loss=trial.loss, gradient=trial.gradient, pairs=pairs)
