"""What a stage minimises: the loss of a program at fixed points and weights, as a function of one vector."""

from collections.abc import Mapping
from functools import cached_property
from typing import final

import torch
from torch import Tensor

from pinr.compiler.block import PointSet
from pinr.compiler.chunks import MOST_MEMORY, Part, parts_of, row_parts
from pinr.compiler.jacobian import linearized
from pinr.compiler.loss import point_losses, row_factors
from pinr.compiler.program import Batch, Program, weighted_sum
from pinr.optimizers import MatrixBlock
from pinr.optimizers.gram import add_gram
from pinr.training.layout import Layout


@final
class ProgramObjective:
    """`L(θ) = Σ_k λ_k L_k(θ)`; remembers the constraints' losses of its last evaluation for the logs.

    Where the points are so many that the backward pass would not fit in memory, they are worked off in parts, whose
    gradients are added up.
    """

    def __init__(
        self,
        program: Program,
        layout: Layout,
        batch: Batch,
        weights: Mapping[str, float | Tensor],
        *,
        memory: int = MOST_MEMORY,
    ) -> None:
        self.program, self.layout, self.batch = program, layout, batch
        self.weights = program.weights(weights)
        self.parts = parts_of(program, batch, memory)
        self.losses: dict[str, Tensor] = {}

    @property
    def blocks(self) -> tuple[MatrixBlock, ...]:
        """Where the matrices of the networks lie in the vector."""
        return self.layout.blocks

    def value_and_gradient(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """The loss and its gradient."""
        self.losses = {}
        total, gradient = theta.new_zeros(()), torch.zeros_like(theta)
        for part in self.parts:
            with torch.enable_grad():
                variable = theta.detach().requires_grad_(True)
                losses = self._losses(variable, part)
                weighted = weighted_sum(losses, self.weights)
            (found,) = torch.autograd.grad(weighted, variable)
            total, gradient = total + weighted.detach(), gradient + found
            for name, loss in losses.items():
                self.losses[name] = self.losses.get(name, 0.0) + loss.detach()
        return total, gradient

    def _losses(self, variable: Tensor, part: Part) -> dict[str, Tensor]:
        points = {name: some for name, (some, _) in part.items()}
        losses = self.program.losses(self.layout.unflatten(variable), points)
        return {name: loss if part[name][1] == 1 else loss * part[name][1] for name, loss in losses.items()}

    def value(self, theta: Tensor) -> Tensor:
        """The loss alone."""
        total = theta.new_zeros(())
        self.losses = {}
        with torch.no_grad():
            for part in self.parts:
                losses = self._losses(theta, part)
                total = total + weighted_sum(losses, self.weights)
                for name, loss in losses.items():
                    self.losses[name] = self.losses.get(name, 0.0) + loss
        return total

    def normal_equations(self, theta: Tensor, *, is_coarse: bool = False) -> tuple[Tensor, Tensor]:
        """`Jᵀr` and the lower triangle of `JᵀJ`, in float32 if that suffices; `l1` and `huber` by rows reweighted."""
        if is_coarse and self.program.dtype != torch.float32:
            return self._in_single.normal_equations(theta.float())
        parameters = {n: p.detach().requires_grad_(True) for n, p in self.layout.unflatten(theta).items()}
        slope, gram = torch.zeros_like(theta), theta.new_zeros((theta.numel(), theta.numel()))
        for name, points in self.batch.items():
            for some in row_parts(points, self.program.blocks[name], theta.numel()):
                rows, jacobian = self._rows(name, parameters, some, points.count)
                slope += jacobian.t() @ rows
                add_gram(gram, jacobian)
        return slope, gram

    @cached_property
    def _in_single(self) -> "ProgramObjective":
        batch = {name: points.to(torch.float32) for name, points in self.batch.items()}
        return ProgramObjective(self.program.in_single, self.layout, batch, self.weights)

    def _rows(self, name: str, parameters: Mapping[str, Tensor], points: PointSet, count: int) -> tuple[Tensor, Tensor]:
        """Rows whose squares add up to the weighted loss of a constraint, and their Jacobian `(rows, weights)`."""
        constraint = self.program.problem.named_constraints[name]
        linearization = linearized(self.program.blocks[name], self.program.networks, parameters, points)
        scaled = linearization.residuals / self.program.scales[name]
        factors = row_factors(scaled, constraint.loss) * (float(self.weights[name]) / count) ** 0.5
        if points.factors is not None:
            factors = factors * points.factors.sqrt()[:, None]
        jacobian = linearization.jacobian(factors / self.program.scales[name])
        return (scaled * factors).t().flatten(), jacobian.flatten(0, 1)

    def point_losses(self, theta: Tensor) -> dict[str, Tensor]:
        """The loss of every point `(N,)`, by constraint: unweighted, without the factors of points."""
        constraints = self.program.problem.named_constraints
        parameters = self.layout.unflatten(theta)
        found: dict[str, list[Tensor]] = {}
        with torch.no_grad():
            for part in self.parts:
                residuals = self.program.residuals(parameters, {name: some for name, (some, _) in part.items()})
                for name, residual in residuals.items():
                    losses = point_losses(residual, constraints[name].loss, self.program.scales[name])
                    found.setdefault(name, []).append(losses)
        return {name: torch.cat(losses) for name, losses in found.items()}

    def pulls(self, theta: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
        """`J_kᵀ v_k` for the Jacobian of each constraint's scaled residuals and random signs `v_k`, by constraint."""
        found: dict[str, Tensor] = {}
        for part in self.parts:
            with torch.enable_grad():
                variable = theta.detach().requires_grad_(True)
                points = {name: some for name, (some, _) in part.items()}
                residuals = self.program.residuals(self.layout.unflatten(variable), points)
                for name, residual in residuals.items():
                    signs = torch.randint(0, 2, residual.shape, generator=generator).to(residual) * 2 - 1
                    total = (signs * residual / self.program.scales[name]).sum()
                    (pull,) = torch.autograd.grad(total, variable, retain_graph=True)
                    found[name] = found[name] + pull if name in found else pull
        return found

    def latest(self) -> dict[str, float]:
        """The loss of each constraint at the last evaluation, unweighted."""
        return {name: float(loss) for name, loss in self.losses.items()}

    def gradients(self, theta: Tensor) -> dict[str, Tensor]:
        """The gradient of each constraint's unweighted loss."""
        found: dict[str, Tensor] = {}
        for part in self.parts:
            with torch.enable_grad():
                variable = theta.detach().requires_grad_(True)
                losses = self._losses(variable, part)
                for name, loss in losses.items():
                    (gradient,) = torch.autograd.grad(loss, variable, retain_graph=True)
                    found[name] = found[name] + gradient if name in found else gradient
        return found
