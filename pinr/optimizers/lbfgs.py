"""L-BFGS: a quasi-Newton method for smooth objectives on fixed points."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, final

import torch
from typing_extensions import override

from pinr.optimizers.argument_checks import check_argument, is_count, is_real
from pinr.optimizers.budget import check_budget
from pinr.optimizers.curvature_pairs import CurvaturePairs
from pinr.optimizers.objective import Objective, evaluate
from pinr.optimizers.optimizer import AbstractOptimizer
from pinr.optimizers.state import AbstractState
from pinr.optimizers.trial import Trial
from pinr.optimizers.vector import Vector, owned_vector
from pinr.optimizers.wolfe import Search, WolfeConditions, strong_wolfe


@final
@dataclass(frozen=True, eq=False, kw_only=True)
class LBFGSState(AbstractState):
    """The gradient and the curvature pairs; `loss` and `gradient` belong to `theta`.

    Attributes:
        pairs: what the last steps told about the Hessian.
        gradient: `∇L(θ)`.
        is_evaluated: whether `loss` and `gradient` are those of this objective; not before the first step, nor after
            `reset`.
        first_gradient: `|∇L|_∞` where this objective was first evaluated, the measure of `gradient_tolerance`.
    """

    pairs: CurvaturePairs
    gradient: Vector
    is_evaluated: bool = False
    first_gradient: float = math.nan


@final
@dataclass(frozen=True, kw_only=True)
class LBFGS(AbstractOptimizer[LBFGSState]):
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
    needs_double: ClassVar[bool] = True  # its line search compares losses that differ in the last digits
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

    @override
    def initial(self, theta: Vector) -> LBFGSState:
        theta = owned_vector(theta)
        return LBFGSState(
            theta=theta, pairs=CurvaturePairs.empty(theta, self.history), gradient=torch.zeros_like(theta)
        )

    @override
    def step(self, state: LBFGSState, objective: Objective, progress: float) -> LBFGSState:
        del progress  # the line search finds its own step lengths
        if state.stopped is None and not state.is_evaluated:
            state = self._evaluated(state, objective)
        if state.stopped is not None:
            return state
        met_non_finite = False
        for direction, length, pairs in self._attempts(state):
            search = self._search(state, objective, direction, length)
            state = replace(state, evaluations=state.evaluations + search.evaluations)
            if search.accepted is not None:
                return self._accepted(state, search.accepted, pairs)
            met_non_finite |= search.met_non_finite
        why = (
            "losses that are not finite were met"
            if met_non_finite
            else "the rest is rounding, or the gradient is wrong"
        )
        reason = f"no step lowers the loss {state.loss:.6g}, not even along steepest descent: {why}"
        return replace(state, stopped=reason)

    @override
    def reset(self, state: LBFGSState) -> LBFGSState:
        # Differences of gradients of two objectives say nothing about curvature; the scale is still a good first guess.
        return replace(state, pairs=state.pairs.without_pairs(), is_evaluated=False, stopped=None)

    def _evaluated(self, state: LBFGSState, objective: Objective) -> LBFGSState:
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

    def _attempts(self, state: LBFGSState) -> Iterator[tuple[Vector, float, CurvaturePairs]]:
        """Directions to search, with the first length to try and the pairs to keep."""
        g = state.gradient
        if state.pairs.scale is not None:
            direction = -state.pairs.inverse_hessian_times(g)
            if float(g @ direction) < 0:  # rounding can turn it uphill
                yield direction, 1.0, state.pairs
        # A gradient alone has no length scale. This moves θ by |g|₂ / |g|₁ ≤ 1, whatever the units of the loss.
        yield -g, 1 / float(g.abs().sum()), state.pairs.without_pairs()

    def _search(self, state: LBFGSState, objective: Objective, direction: Vector, length: float) -> Search:
        """A line search from `theta` along `direction`."""

        def line(t: float) -> Trial:
            theta = torch.add(state.theta, direction, alpha=t)
            loss, g = evaluate(objective, theta)
            return Trial(t, loss, float(g @ direction), theta, g)

        start = Trial(0.0, state.loss, float(state.gradient @ direction), state.theta, state.gradient)
        conditions = WolfeConditions(
            self.decrease, self.curvature, self.trials, resolution=torch.finfo(state.theta.dtype).eps
        )
        return strong_wolfe(line, start, length, conditions)

    def _accepted(self, state: LBFGSState, trial: Trial, pairs: CurvaturePairs) -> LBFGSState:
        """The state at `trial`, which knows one pair more."""
        pairs = pairs.with_pair(trial.theta - state.theta, trial.gradient - state.gradient)
        state = replace(
            state, theta=trial.theta, loss=trial.loss, gradient=trial.gradient, pairs=pairs, steps=state.steps + 1
        )
        return self._stopped_where_flat(state)

    def _stopped_where_flat(self, state: LBFGSState) -> LBFGSState:
        largest, least = _largest(state.gradient), self.gradient_tolerance * state.first_gradient
        if largest > least:
            return state
        return replace(state, stopped=f"the gradient is below the tolerance: {largest:.1e} in its largest entry")


def _largest(g: Vector) -> float:
    """`|g|_∞`."""
    return float(g.abs().max())
