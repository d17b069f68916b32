"""Gauss–Newton with Levenberg–Marquardt damping: the method for small networks and many digits."""

import math
from dataclasses import dataclass, replace
from typing import ClassVar, final

import torch
from typing_extensions import override

from pinr.optimizers.argument_checks import check_argument
from pinr.optimizers.budget import check_budget
from pinr.optimizers.damped import AbstractDamped, AbstractDampedState, not_finite
from pinr.optimizers.damped_equations import AbstractFactorizedEquations, KernelEquations, NormalEquations
from pinr.optimizers.named_arguments import with_checked_fields
from pinr.optimizers.objective import LeastSquares
from pinr.optimizers.vector import Vector, owned_vector

MOST_ACCELERATION = 0.75  # of the step, in the metric D; beyond it the second order says nothing about the rest


@final
@dataclass(frozen=True, eq=False, kw_only=True)
class GaussNewtonState(AbstractDampedState):
    """The damping alone."""


@final
@with_checked_fields
@dataclass(frozen=True, kw_only=True)
class GaussNewton(AbstractDamped[GaussNewtonState]):
    """Steps `d` with `(JᵀJ + λ D) d = −Jᵀr` for a loss `|r|²` with the Jacobian `J` of its rows.

    `D` is the diagonal of `JᵀJ`, at least its mean. `λ` falls while the loss does as the model promises, and grows
    until it does. A step costs the Jacobian, one product `JᵀJ` and a Cholesky factorisation or a few: cubic in the
    number of weights, so that it is for networks of up to about 3,000. With fewer rows than weights the same step
    comes from `J D⁻¹ Jᵀ`, cubic in the number of rows. It wants three times as many rows as there are weights, and new
    points often, or it fits the points and not the problem; `solve` sees to both.

    The parameters, the loss and the factorisation are in double precision. `JᵀJ` and `Jᵀr` are in single precision as
    long as the damping is above 1e-6 and the loss above 1e-7 (`is_mixed=False` to forbid it), which halves the time.

    With `acceleration` the step is `d + a/2`, where `a` answers the curvature of the rows along `d`, if
    `|a| ≤ 0.75 |d|` in the metric `D` and the loss is lower there. It costs two evaluations of the rows and a backward
    pass for each `λ`, and pays off in narrow curved valleys.

    References: Levenberg, Quart. Appl. Math. 2, 1944; Marquardt, J. SIAM 11, 1963; Nielsen, IMM-REP-1999-05; for the
    acceleration: Transtrum and Sethna, 2012, arXiv:1201.5885.

    Attributes:
        steps: budget in steps.
        damping: `λ` at the start.
        is_mixed: whether single precision may be used where it suffices.
        trials: most values of `λ` tried in one step.
        acceleration: whether steps are bent to second order.
        seconds: budget in seconds.
    """

    state_type: ClassVar = GaussNewtonState
    rows_per_weight: ClassVar[float] = 3.0

    steps: int | None = None
    damping: float = 1e-3
    is_mixed: bool = True
    trials: int = 12
    acceleration: bool = False
    seconds: float | None = None

    def __post_init__(self) -> None:
        check_budget(self)
        self._check_damping()
        check_argument(self, "acceleration", isinstance(self.acceleration, bool), rule="True or False")

    @override
    def initial(self, theta: Vector) -> GaussNewtonState:
        return GaussNewtonState(theta=owned_vector(theta), damping=self.damping)

    @override
    def _step_with(self, state: GaussNewtonState, objective: LeastSquares, *, is_coarse: bool) -> GaussNewtonState:
        equations = _equations(state.theta, objective, is_coarse=is_coarse)
        state = replace(state, evaluations=state.evaluations + 1)
        if not torch.isfinite(equations.slope).all():
            return replace(state, stopped=not_finite(state.loss))
        if not self.acceleration:
            return self._walk(state, objective, equations)
        bend = _Bend(state.theta, objective, equations)
        return self._walk(replace(state, evaluations=state.evaluations + 1), objective, equations, bend)


def _equations(theta: Vector, objective: LeastSquares, *, is_coarse: bool) -> AbstractFactorizedEquations:
    """The smaller ones."""
    if objective.row_count(theta) < theta.numel():
        rows, jacobian = objective.linearized(theta, is_coarse=is_coarse)
        return KernelEquations(rows.to(theta.dtype), jacobian)
    slope, gram = (t.to(theta.dtype) for t in objective.normal_equations(theta, is_coarse=is_coarse))
    return NormalEquations(slope, gram)


@final
class _Bend:
    """From a step `d` to `d + a/2`, where that is lower."""

    def __init__(self, theta: Vector, objective: LeastSquares, equations: AbstractFactorizedEquations) -> None:
        self.theta, self.objective, self.equations = theta, objective, equations
        self.products = objective.products(theta)

    def __call__(self, d: Vector, damping: float, loss: float) -> tuple[Vector, float, int]:
        a = self.equations.acceleration(d, damping, self.products)
        scale = self.equations.scale
        if not float((a * a) @ scale) <= MOST_ACCELERATION**2 * float((d * d) @ scale):  # nor if it is not finite
            return d, loss, 1
        bent = d + a / 2
        found = float(self.objective.value(self.theta + bent))
        is_lower = found < loss or not math.isfinite(loss)
        return (bent, found, 2) if is_lower else (d, loss, 2)
