"""What a stage minimises: the loss of a program at fixed points and weights, as a function of one vector."""

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor

from pinr.compiler.program import Batch, Program, weighted_sum
from pinr.training.layout import Layout


@final
class ProgramObjective:
    """`L(θ) = Σ_k λ_k L_k(θ)`; remembers the constraints' losses of its last evaluation for the logs."""

    def __init__(self, program: Program, layout: Layout, batch: Batch, weights: Mapping[str, float]) -> None:
        self.program, self.layout, self.batch = program, layout, batch
        self.weights = program.weights(weights)
        self.losses: dict[str, Tensor] = {}

    def value_and_gradient(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """The loss and its gradient."""
        with torch.enable_grad():
            variable = theta.detach().requires_grad_(True)
            losses = self.program.losses(self.layout.unflatten(variable), self.batch)
            total = weighted_sum(losses, self.weights)
        (gradient,) = torch.autograd.grad(total, variable)
        self.losses = {name: loss.detach() for name, loss in losses.items()}
        return total.detach(), gradient

    def latest(self) -> dict[str, float]:
        """The loss of each constraint at the last evaluation, unweighted."""
        return {name: float(loss) for name, loss in self.losses.items()}

    def gradients(self, theta: Tensor) -> dict[str, Tensor]:
        """The gradient of each constraint's unweighted loss."""
        with torch.enable_grad():
            variable = theta.detach().requires_grad_(True)
            losses = self.program.losses(self.layout.unflatten(variable), self.batch)
            return {name: torch.autograd.grad(loss, variable, retain_graph=True)[0] for name, loss in losses.items()}
