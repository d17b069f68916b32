"""Gauss–Newton from products with the Jacobian: for networks whose `JᵀJ` is too large to form or to factorise."""

from dataclasses import dataclass, replace
from typing import ClassVar, final

import torch
from torch import Tensor
from typing_extensions import override

from pinr.optimizers.argument_checks import check_argument, is_count, is_real
from pinr.optimizers.budget import check_budget
from pinr.optimizers.conjugate_gradients import conjugate_gradients
from pinr.optimizers.damped import AbstractDamped, AbstractDampedState, not_finite
from pinr.optimizers.damped_equations import AbstractDampedEquations, floored
from pinr.optimizers.named_arguments import with_checked_fields
from pinr.optimizers.nystrom import Nystrom, nystrom
from pinr.optimizers.objective import LeastSquares, Products
from pinr.optimizers.vector import Vector, owned_vector

PROBES = 8  # random signs for the diagonal, whose entries are then right to about a half: enough for a metric
REFRESH = 10  # steps between two looks at the diagonal and the large eigenvalues, which change slowly


@final
@dataclass(frozen=True, eq=False, kw_only=True)
class MatrixFreeGaussNewtonState(AbstractDampedState):
    """The damping, the last step, and what was last seen of the matrix.

    Attributes:
        momentum: the last step `φ`, 0 before the first.
        scale: `D`.
        basis: eigenvectors of `D^{−½} JᵀJ D^{−½}` `(weights, rank)`.
        values: its eigenvalues.
    """

    momentum: Vector
    scale: Vector
    basis: Tensor
    values: Vector


@final
@with_checked_fields
@dataclass(frozen=True, kw_only=True)
class MatrixFreeGaussNewton(AbstractDamped[MatrixFreeGaussNewtonState]):
    """Steps `d` with `(JᵀJ + λD) d = −Jᵀr` by conjugate gradients; no matrix is formed.

    For networks of thousands of weights and more, where `GaussNewton` runs out of time or memory, and for modules that
    are not known point by point. A product `JᵀJ v` costs about as much as four gradients of the loss, a step up to
    `iterations` of them for each damping tried: where `GaussNewton` can be used it is the faster one. `D` is the
    diagonal of `JᵀJ`, at least its mean, estimated from
    `(Jᵀw)²` with random signs `w`. A randomised Nyström approximation of the large eigenvalues is the preconditioner;
    both are renewed every 10 steps.

    With momentum `μ` the step is the minimum of `|r + J d|² + λ |d − μφ|²` in the metric `D`, with the last step `φ`:
    where each draw has fewer rows than there are weights, directions that these points do not see go on as before.
    It is left out for the rest of a step as soon as the loss does not fall with it.

    The damping walks as that of `GaussNewton`; products are in single precision on the same terms.

    References: Frangella, Tropp and Udell, Randomized Nyström preconditioning, SIAM J. Matrix Anal. Appl. 44, 2023;
    for the momentum: Goldshlager, Abrahamsen and Lin, A Kaczmarz-inspired approach to accelerate the optimization of
    neural network wavefunctions, J. Comput. Phys. 516, 2024, eq. 22 (SPRING).

    Attributes:
        steps: budget in steps.
        damping: `λ` at the start.
        rank: of the preconditioner; 0 for none.
        iterations: most products for each `λ`.
        tolerance: residual of the equations, relative to `Jᵀr`, at which they count as solved.
        momentum: `μ`, from 0 to below 1.
        is_mixed: whether single precision may be used where it suffices.
        trials: most values of `λ` tried in one step.
        seconds: budget in seconds.
    """

    state_type: ClassVar = MatrixFreeGaussNewtonState

    steps: int | None = None
    damping: float = 1e-3
    rank: int = 50
    iterations: int = 50
    tolerance: float = 1e-2
    momentum: float = 0.0
    is_mixed: bool = True
    trials: int = 12
    seconds: float | None = None

    def __post_init__(self) -> None:
        check_budget(self)
        self._check_damping()
        check_argument(self, "rank", is_count(self.rank, least=0), rule="a whole number from 0 on (usually 50)")
        is_iterations = is_count(self.iterations, least=1)
        check_argument(self, "iterations", is_iterations, rule="a whole number from 1 on (usually 50)")
        is_tolerance = is_real(self.tolerance) and 0 < self.tolerance < 1
        check_argument(self, "tolerance", is_tolerance, rule="a number between 0 and 1 (usually 1e-2)")
        is_momentum = is_real(self.momentum) and 0 <= self.momentum < 1
        check_argument(self, "momentum", is_momentum, rule="a number in [0, 1) (usually 0)")

    @override
    def initial(self, theta: Vector) -> MatrixFreeGaussNewtonState:
        theta = owned_vector(theta)
        return MatrixFreeGaussNewtonState(
            theta=theta,
            damping=self.damping,
            momentum=torch.zeros_like(theta),
            scale=torch.ones_like(theta),
            basis=theta.new_zeros((len(theta), 0)),
            values=theta.new_zeros(0),
        )

    @override
    def _step_with(
        self, state: MatrixFreeGaussNewtonState, objective: LeastSquares, *, is_coarse: bool
    ) -> MatrixFreeGaussNewtonState:
        products = objective.products(state.theta, is_coarse=is_coarse)
        slope = products.pull(products.rows).to(state.theta)
        state = replace(state, evaluations=state.evaluations + 1)
        if not torch.isfinite(slope).all():
            return replace(state, stopped=not_finite(state.loss))
        if state.steps % REFRESH == 0:
            state = self._seen(state, products)
        found = self._walk(state, objective, IterativeEquations(self, state, products, slope))
        return found if found.stopped is not None else replace(found, momentum=found.theta - state.theta)

    def _seen(self, state: MatrixFreeGaussNewtonState, products: Products) -> MatrixFreeGaussNewtonState:
        """The state with another look at the matrix; what is random in it follows from the number of the step."""
        generator = torch.Generator().manual_seed(state.steps)
        diagonal = torch.zeros_like(state.theta)
        for _ in range(PROBES):
            signs = torch.randint(0, 2, products.rows.shape, generator=generator) * 2.0 - 1
            diagonal += products.pull(signs.to(products.rows)).to(diagonal).square() / PROBES
        state = replace(state, scale=floored(diagonal).clamp_min(torch.finfo(diagonal.dtype).tiny))
        if self.rank == 0:
            return state
        scaled = ScaledNormal(products, state.scale)
        found = nystrom(scaled, state.theta, self.rank, generator)
        return replace(state, basis=found.basis, values=found.values)


@final
class ScaledNormal:
    """`v ↦ D^{−½} JᵀJ D^{−½} v`."""

    def __init__(self, products: Products, scale: Vector) -> None:
        self.products, self.root = products, scale.rsqrt()

    def __call__(self, v: Vector) -> Vector:
        return self.root * self.products.normal((self.root * v).to(self.products.rows)).to(v)


@final
class IterativeEquations(AbstractDampedEquations):
    """The damped equations by conjugate gradients, in the variables `D^½ d`."""

    def __init__(
        self, optimizer: MatrixFreeGaussNewton, state: MatrixFreeGaussNewtonState, products: Products, slope: Vector
    ) -> None:
        self.optimizer, self.slope, self.scale = optimizer, slope, state.scale
        self.momentum = optimizer.momentum * state.momentum / state.scale.rsqrt()
        self.normal, self.nystrom = ScaledNormal(products, state.scale), Nystrom(state.basis, state.values)

    @override
    def step(self, damping: float, refusals: int) -> Vector | None:
        b = -self.normal.root * self.slope
        has_momentum = refusals == 0 and bool(self.momentum.any())
        if has_momentum:
            b -= self.normal(self.momentum)
        y, _ = conjugate_gradients(
            lambda v: self.normal(v) + damping * v,
            b,
            preconditioner=lambda v: self.nystrom.preconditioned(v, damping),
            tolerance=self.optimizer.tolerance,
            iterations=self.optimizer.iterations,
        )
        return self.normal.root * (y + self.momentum if has_momentum else y)

    @override
    def promised(self, d: Vector, damping: float) -> float:
        """`|r|² − |r + J d|²`, whatever `d` is."""
        del damping
        y = d / self.normal.root
        return float(-2 * self.slope @ d - y @ self.normal(y))
