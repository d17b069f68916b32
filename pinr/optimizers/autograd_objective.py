"""An objective from a function that computes the loss alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from pinr.optimizers.vector import Vector


@final
@dataclass(frozen=True)
class AutogradObjective:
    """`L(θ)` as written, `∇L(θ)` by one reverse sweep of autograd."""

    function: Callable[[Vector], Tensor]

    def value_and_gradient(self, theta: Vector) -> tuple[Tensor, Vector]:
        """`L(θ)`, a scalar tensor, and `∇L(θ)`."""
        with torch.enable_grad():
            variable = theta.detach().requires_grad_()
            loss = self.function(variable)
        (gradient,) = torch.autograd.grad(loss, variable)
        return loss.detach(), gradient
