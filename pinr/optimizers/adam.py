"""Adam: a first-order method for rough landscapes and changing points."""

import math
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, final

import torch
from typing_extensions import override

from pinr.optimizers.argument_checks import check_argument, is_count, is_real
from pinr.optimizers.budget import check_budget
from pinr.optimizers.objective import Objective, evaluate
from pinr.optimizers.optimizer import AbstractOptimizer
from pinr.optimizers.schedule import SCHEDULES, warmup_factor
from pinr.optimizers.state import AbstractState
from pinr.optimizers.vector import Vector, owned_vector

USUAL_WARMUP = 100  # steps; a tenth of the stage where that is shorter


@final
@dataclass(frozen=True, eq=False, kw_only=True)
class AdamState(AbstractState):
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


@final
@dataclass(frozen=True, kw_only=True)
class Adam(AbstractOptimizer[AdamState]):
    """Steps of about `rate` in every parameter, whatever the size of its gradient.

    `m ← β₁ m + (1 − β₁) g`, `v ← β₂ v + (1 − β₂) g²`,
    `θ ← θ − α (m / (1 − β₁ᵏ)) / (√(v / (1 − β₂ᵏ)) + ε)`, with `α` the rate times schedule and warm-up.

    Reference: Kingma and Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1.

    Attributes:
        steps: budget in steps, one evaluation each.
        rate: largest step per parameter, `α`. Good values: 1e-3 to 2e-3 for PDEs, 1e-4 to 3e-4 for signals (ω₀ = 30).
        betas: memories `(β₁, β₂)` of the two means.
        epsilon: `ε`, below which a gradient counts as zero.
        schedule: course of the rate over the budget.
        warmup: steps until the full rate; `None` is 100, or a tenth of `steps` if that is less.
        seconds: budget in seconds.
    """

    state_type: ClassVar = AdamState

    steps: int | None = None
    rate: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    epsilon: float = 1e-8
    schedule: Literal["constant", "cosine"] = "cosine"
    warmup: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        check_budget(self)
        check_argument(self, "rate", is_real(self.rate) and self.rate > 0, rule="a positive number (usually 1e-3)")
        is_pair = isinstance(self.betas, tuple) and len(self.betas) == 2
        check_argument(
            self,
            "betas",
            is_pair and all(is_real(beta) and 0 <= beta < 1 for beta in self.betas),
            rule="two numbers in [0, 1) (usually 0.9 and 0.999)",
        )
        check_argument(
            self, "epsilon", is_real(self.epsilon) and self.epsilon > 0, rule="a positive number (usually 1e-8)"
        )
        is_known = isinstance(self.schedule, str) and self.schedule in SCHEDULES
        check_argument(self, "schedule", is_known, rule="one of " + ", ".join(map(repr, SCHEDULES)))
        is_warmup = self.warmup is None or is_count(self.warmup, least=0)
        check_argument(self, "warmup", is_warmup, rule="a whole number of steps from 0 on, or None")

    @override
    def initial(self, theta: Vector) -> AdamState:
        theta = owned_vector(theta)
        return AdamState(theta=theta, previous=theta, mean=torch.zeros_like(theta), square=torch.zeros_like(theta))

    @override
    def step(self, state: AdamState, objective: Objective, progress: float) -> AdamState:
        if state.stopped is not None:
            return state
        loss, g = evaluate(objective, state.theta)
        evaluations = state.evaluations + 1
        if not (math.isfinite(loss) and torch.isfinite(g).all()):
            reason = f"the loss ({loss:.3g}) or its gradient is not finite after step {state.steps}, which is undone"
            return replace(state, theta=state.previous, evaluations=evaluations, stopped=reason)
        beta1, beta2 = self.betas
        k = state.steps + 1
        mean = state.mean.lerp(g, 1 - beta1)
        square = (state.square * beta2).addcmul_(g, g, value=1 - beta2)
        root = (square / (1 - beta2**k)).sqrt_().add_(self.epsilon)
        rate = self.rate * SCHEDULES[self.schedule](progress) * warmup_factor(state.steps, length=self._warmup_length())
        theta = state.theta.addcdiv(mean, root, value=-rate / (1 - beta1**k))
        return AdamState(
            theta=theta, previous=state.theta, mean=mean, square=square, loss=loss, steps=k, evaluations=evaluations
        )

    @override
    def reset(self, state: AdamState) -> AdamState:
        # The moments stay: new points are new samples of the same mean loss.
        return replace(state, stopped=None)

    def _warmup_length(self) -> int:
        if self.warmup is not None:
            return self.warmup
        return USUAL_WARMUP if self.steps is None else min(USUAL_WARMUP, self.steps // 10)
