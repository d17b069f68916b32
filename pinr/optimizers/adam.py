"""Adam: a first-order method for rough landscapes and changing points."""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal, final

import torch
from typing_extensions import override

from pinr.optimizers.budget import check_budget
from pinr.optimizers.first_order import AbstractFirstOrder, AbstractFirstOrderState
from pinr.optimizers.named_arguments import with_checked_fields
from pinr.optimizers.objective import Objective
from pinr.optimizers.vector import Vector, owned_vector


@final
@dataclass(frozen=True, eq=False, kw_only=True)
class AdamState(AbstractFirstOrderState):
    """The moments of the gradient, and nothing else."""


@final
@with_checked_fields
@dataclass(frozen=True, kw_only=True)
class Adam(AbstractFirstOrder[AdamState]):
    """Steps of about `rate` in every parameter, whatever the size of its gradient.

    `m ← β₁ m + (1 − β₁) g`, `v ← β₂ v + (1 − β₂) g²`,
    `θ ← θ − α (m / (1 − β₁ᵏ)) / (√(v / (1 − β₂ᵏ)) + ε)`, with `α` the rate times schedule and warm-up.

    Reference: Kingma and Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1.

    Attributes:
        steps: budget in steps, one evaluation each.
        rate: largest step per parameter, `α`. Good values: 1e-3 to 2e-3 for PDEs, 3e-4 to 1e-3 for signals (ω₀ = 30).
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
        self._check_rate()

    @override
    def initial(self, theta: Vector) -> AdamState:
        theta = owned_vector(theta)
        return AdamState(theta=theta, previous=theta, mean=torch.zeros_like(theta), square=torch.zeros_like(theta))

    @override
    def _moved(self, state: AdamState, objective: Objective, g: Vector, rate: float) -> AdamState:
        beta1, beta2 = self.betas
        k = state.steps + 1
        mean = state.mean.lerp(g, 1 - beta1)
        square = (state.square * beta2).addcmul_(g, g, value=1 - beta2)
        root = (square / (1 - beta2**k)).sqrt_().add_(self.epsilon)
        theta = state.theta.addcdiv(mean, root, value=-rate / (1 - beta1**k))
        return replace(state, theta=theta, mean=mean, square=square)
