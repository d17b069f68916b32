"""Self-scaled Broyden: a dense quasi-Newton method for small networks and many digits."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, final

import torch
from typing_extensions import override

from pinr.errors import DeclarationError
from pinr.optimizers.argument_checks import check_argument, is_count
from pinr.optimizers.budget import check_budget
from pinr.optimizers.inverse_hessian import InverseHessian
from pinr.optimizers.named_arguments import with_checked_fields
from pinr.optimizers.quasi_newton import (
    AbstractQuasiNewton,
    AbstractQuasiNewtonState,
    Attempt,
    steepest_descent,
)
from pinr.optimizers.self_scaling import RULES
from pinr.optimizers.trial import Trial
from pinr.optimizers.vector import Vector, owned_vector

SHORTEST = 1e-3  # of a whole step to begin with: after one poor step the next would be lost in the rounding of the loss


@final
@dataclass(frozen=True, eq=False, kw_only=True)
class SelfScaledBroydenState(AbstractQuasiNewtonState):
    """The gradient and the inverse Hessian, which is kept when the points change.

    Attributes:
        inverse_hessian: what all steps told about the Hessian.
        direction: `−H ∇L(θ)`; `None` where it is not known yet.
        decrease: by how much the last step on this objective lowered the loss; `None` before the first.
    """

    inverse_hessian: InverseHessian
    direction: Vector | None = None
    decrease: float | None = None


@final
@with_checked_fields
@dataclass(frozen=True, kw_only=True)
class SelfScaledBroyden(AbstractQuasiNewton[SelfScaledBroydenState, InverseHessian]):
    """Steps along `−H ∇L` with a dense `H` that every step corrects and rescales, and a strong Wolfe line search.

    L-BFGS forgets; this remembers all steps, and divides `H` where it has become too small, which brings one or two
    digits more on badly conditioned losses such as those of differential equations. When the points change, `H` stays,
    and loss and gradient are evaluated anew, so that no correction spans two objectives. A step costs one evaluation as
    a rule, and a product with an `n × n` matrix: for networks of up to about 10,000 weights. The loss falls in every
    step, and nothing depends on its units. Where the line search fails, steepest descent is tried once, and `H` begins
    anew; then the stage stops.

    References: Al-Baali, Spedicato and Maggioni, Optim. Methods Softw. 29, 2014; Urbán, Stefanou and Pons, J. Comput.
    Phys. 523, 2025, 113656; formulas are in `self_scaling`, the line search is described in `strong_wolfe`.

    Attributes:
        steps: budget in steps.
        update: `"broyden"`; or `"scaled-bfgs"`, BFGS with scaling, or `"bfgs"`, without.
        gradient_tolerance: stop at `|∇L|_∞` below this part of its first value; 0 goes on to the last digit.
        decrease: Wolfe's `c₁`.
        curvature: Wolfe's `c₂`; smaller values search each line more exactly.
        trials: most evaluations of one line search.
        most_weights: refuse larger networks; `n` weights need `8 n²` bytes, now and then twice that.
        seconds: budget in seconds.
    """

    state_type: ClassVar = SelfScaledBroydenState
    usual_draw: ClassVar[int] = 100
    # Three times as many cost twice the time per step, and gained nothing on KdV in equal time (2.0e-3 against 1.3e-3);
    # a third of them over-fitted the flow in a cavity.
    points_per_weight: ClassVar[float] = 1.0

    steps: int | None = None
    update: Literal["broyden", "scaled-bfgs", "bfgs"] = "broyden"
    gradient_tolerance: float = 1e-12
    decrease: float = 1e-4
    curvature: float = 0.9
    trials: int = 25
    most_weights: int = 10_000
    seconds: float | None = None

    def __post_init__(self) -> None:
        check_budget(self)
        is_known = isinstance(self.update, str) and self.update in RULES
        check_argument(self, "update", is_known, rule="one of " + ", ".join(map(repr, RULES)))
        is_limit = is_count(self.most_weights, least=1)
        check_argument(self, "most_weights", is_limit, rule="a whole number from 1 on (usually 10_000)")
        self._check_line_search()

    @override
    def initial(self, theta: Vector) -> SelfScaledBroydenState:
        theta = owned_vector(theta)
        weights = theta.numel()
        if weights > self.most_weights:
            gigabytes = theta.element_size() * weights**2 / 1e9
            message = (
                f"`SelfScaledBroyden(most_weights={self.most_weights})`: the {weights:,} weights of this network would "
                f"make a matrix of {gigabytes:.3g} GB, now and then twice that. Take a smaller network, `LBFGS(...)` "
                f"or `SOAP(...)`, or say `most_weights={weights}` if there is the memory."
            )
            raise DeclarationError(message)
        return SelfScaledBroydenState(
            theta=theta, gradient=torch.zeros_like(theta), inverse_hessian=InverseHessian.empty(theta)
        )

    @override
    def reset(self, state: SelfScaledBroydenState) -> SelfScaledBroydenState:
        return replace(state, direction=None, decrease=None, is_evaluated=False, stopped=None)

    @override
    def _attempts(self, state: SelfScaledBroydenState) -> Iterator[Attempt[InverseHessian]]:
        H, g = state.inverse_hessian, state.gradient
        if H.factor is not None:
            direction = -H.times(g) if state.direction is None else state.direction
            slope = float(g @ direction)
            if slope < 0:  # rounding can turn it uphill
                yield Attempt(direction, first_length(state.decrease, slope), H)
        yield steepest_descent(g, InverseHessian.empty(g))

    @override
    def _moved(
        self, state: SelfScaledBroydenState, trial: Trial, attempt: Attempt[InverseHessian]
    ) -> SelfScaledBroydenState:
        H, direction = self._corrected(state, trial, attempt)
        return replace(
            state,
            theta=trial.theta,
            loss=trial.loss,
            gradient=trial.gradient,
            inverse_hessian=H,
            direction=direction,
            decrease=state.loss - trial.loss,
        )

    def _corrected(
        self, state: SelfScaledBroydenState, trial: Trial, attempt: Attempt[InverseHessian]
    ) -> tuple[InverseHessian, Vector | None]:
        """`H` after the step, and `−H ∇L` at its end.

        A step whose `s·y` is not positive beyond rounding, `s·y > 10 ε |s| |y|`, teaches nothing: `H` would become
        indefinite.
        """
        H, s, y = attempt.model, trial.theta - state.theta, trial.gradient - state.gradient
        curvature, length, change = float(s @ y), float(s.norm()), float(y.norm())
        if not curvature > 10 * torch.finfo(s.dtype).eps * length * change:
            return H, None
        if H.factor is None:
            # The multiple of the identity that fits this step (Nocedal and Wright, 2nd ed., eq. 6.20).
            H = InverseHessian.multiple(s, curvature / change / change)
            image = H.times(trial.gradient)
            Hy, bend = H.times(y), length / curvature * length * change / curvature * change
        else:
            # s = t d and d = −H g, so that B s = −t g; and H y = H g⁺ + d needs no product of its own.
            image = H.times(trial.gradient)
            Hy, bend = image + attempt.direction, -float(s @ state.gradient) * trial.length / curvature
        h = float(y @ Hy) / curvature
        if not (h > 0 and bend > 0):  # H has lost its definiteness to rounding
            return H, -image
        member = RULES[self.update](bend, h, s.numel())
        H = H.with_update(s, Hy, curvature, h, member)
        return H, -H.newest_times(trial.gradient, image, member.scaling)


def first_length(decrease: float | None, slope: float) -> float:
    """The length at which a parabola of this slope is lowered by as much as the last step lowered the loss, at most 1.

    A scaled `H` is often too long, so that to begin with 1 costs a second evaluation; as the method converges, the
    length becomes 1 by itself, for which a hundredth is added.

    Reference: Nocedal and Wright, Numerical Optimization, 2nd ed., 2006, eq. 3.60.
    """
    return 1.0 if decrease is None else max(SHORTEST, min(1.0, 1.01 * 2 * decrease / -slope))
