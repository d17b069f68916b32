"""What a stage minimises: the loss of a program at fixed points and weights, as a function of one vector."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import final

import torch
from torch import Tensor

from pinr.compiler.block import PointSet
from pinr.compiler.chunks import MOST_MEMORY, Part, parts_of, row_parts, share_of
from pinr.compiler.jacobian import linearized
from pinr.compiler.loss import point_losses, row_factors
from pinr.compiler.program import Batch, Program, weighted_sum
from pinr.optimizers import AutogradProducts, MatrixBlock
from pinr.optimizers.gram import add_gram
from pinr.training.layout import Layout
from pinr.training.processes import ALONE, Processes

GRAPHS = 4  # times the memory of a backward pass that products take: forwards and backwards, each to be differentiated


@final
class ProgramObjective:
    """`L(θ) = Σ_k λ_k L_k(θ)`; remembers the constraints' losses of its last evaluation for the logs.

    Where the points are so many that the backward pass would not fit in memory, they are worked off in parts, whose
    gradients are added up. Where several processes train together, each works off its share of the points, and loss,
    gradient and normal equations are added up over them in one message; what is asked once a draw or less, and
    Jacobians themselves, every process has of all points.
    """

    def __init__(
        self,
        program: Program,
        layout: Layout,
        batch: Batch,
        weights: Mapping[str, float | Tensor],
        *,
        memory: int = MOST_MEMORY,
        processes: Processes = ALONE,
    ) -> None:
        self.program, self.layout, self.batch = program, layout, batch
        self.weights = program.weights(weights)
        self.processes, self.memory = processes, memory
        self.share = share_of(program, batch, processes.rank, processes.count) if processes.count > 1 else batch
        self.losses: dict[str, Tensor] = {}

    @property
    def blocks(self) -> tuple[MatrixBlock, ...]:
        """Where the matrices of the networks lie in the vector."""
        return self.layout.blocks

    @cached_property
    def parts(self) -> list[Part]:
        """All points, in parts that fit in memory."""
        return parts_of(self.program, self.batch, self.memory)

    @cached_property
    def own_parts(self) -> list[Part]:
        """The share of this process in parts, with the fraction that each is of all points."""
        if self.share is self.batch:
            return self.parts
        return [
            {
                name: (some, fraction * self.share[name].count / self.batch[name].count)
                for name, (some, fraction) in part.items()
            }
            for part in parts_of(self.program, self.share, self.memory)
        ]

    def value_and_gradient(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """The loss and its gradient."""
        gradient, found_losses = torch.zeros_like(theta), self._no_losses(theta)
        for part in filter(None, self.own_parts):
            with torch.enable_grad():
                variable = theta.detach().requires_grad_(True)
                losses = self._losses(variable, part)
                weighted = weighted_sum(losses, self.weights)
            (found,) = torch.autograd.grad(weighted, variable)
            gradient = gradient + found
            for name, loss in losses.items():
                found_losses[name] = found_losses[name] + loss.detach()
        gradient, *summed = self.processes.summed(gradient, *found_losses.values())
        self.losses = dict(zip(found_losses, summed, strict=True))
        return weighted_sum(self.losses, self.weights), gradient

    def _no_losses(self, theta: Tensor) -> dict[str, Tensor]:
        return {name: theta.new_zeros(()) for name in self.batch}

    def _losses(self, variable: Tensor, part: Part) -> dict[str, Tensor]:
        points = {name: some for name, (some, _) in part.items()}
        losses = self.program.losses(self.layout.unflatten(variable), points)
        return {name: loss if part[name][1] == 1 else loss * part[name][1] for name, loss in losses.items()}

    def value(self, theta: Tensor) -> Tensor:
        """The loss alone."""
        found_losses = self._no_losses(theta)
        with torch.no_grad():
            for part in self.own_parts:
                for name, loss in self._losses(theta, part).items():
                    found_losses[name] = found_losses[name] + loss
        self.losses = dict(zip(found_losses, self.processes.summed(*found_losses.values()), strict=True))
        return weighted_sum(self.losses, self.weights)

    def normal_equations(self, theta: Tensor, *, is_coarse: bool = False) -> tuple[Tensor, Tensor]:
        """`Jᵀr` and the lower triangle of `JᵀJ`, in float32 if that suffices; `l1` and `huber` by rows reweighted."""
        if is_coarse and self.program.dtype != torch.float32:
            return self._in_single.normal_equations(theta.float())
        parameters = {n: p.detach().requires_grad_(True) for n, p in self.layout.unflatten(theta).items()}
        slope, gram = torch.zeros_like(theta), theta.new_zeros((theta.numel(), theta.numel()))
        for name, points in self.share.items():
            for some in row_parts(points, self.program.blocks[name], theta.numel()):
                rows, jacobian = self._rows(name, parameters, some, self.batch[name].count)
                slope += jacobian.t() @ rows
                add_gram(gram, jacobian)
        slope, gram = self.processes.summed(slope, gram)
        return slope, gram

    def row_count(self, theta: Tensor) -> int:
        """How many rows there are."""
        del theta
        return sum(points.count * self.program.blocks[name].size for name, points in self.batch.items())

    def linearized(self, theta: Tensor, *, is_coarse: bool = False) -> tuple[Tensor, Tensor]:
        """`r` and `J`, constraint after constraint and point after point, in float32 if that suffices."""
        if is_coarse and self.program.dtype != torch.float32:
            return self._in_single.linearized(theta.float())
        parameters = {n: p.detach().requires_grad_(True) for n, p in self.layout.unflatten(theta).items()}
        found = []
        for name, points in self.batch.items():
            size = self.program.blocks[name].size
            for some in row_parts(points, self.program.blocks[name], theta.numel()):
                rows, jacobian = self._rows(name, parameters, some, points.count)
                by_point = jacobian.unflatten(0, (size, some.count)).transpose(0, 1).flatten(0, 1)
                found.append((rows.unflatten(0, (size, some.count)).t().flatten(), by_point))
        return torch.cat([rows for rows, _ in found]), torch.cat([jacobian for _, jacobian in found])

    def products(self, theta: Tensor, *, is_coarse: bool = False) -> AutogradProducts:
        """Products with `J`, in float32 if that suffices; of any network that can be differentiated."""
        if is_coarse and self.program.dtype != torch.float32:
            return self._in_single.products(theta.float())
        parts = parts_of(self.program, self.batch, self.memory // GRAPHS)
        pieces = [(name, part[name][0]) for name in self.batch for part in parts if name in part]
        functions = [self._row_function(name, some, theta) for name, some in pieces]
        return AutogradProducts(functions, theta, is_kept=len(parts) == 1)

    def _row_function(self, name: str, points: PointSet, theta: Tensor) -> Callable[[Tensor], Tensor]:
        """Rows of some points as a function of the vector, with the factors of `theta`."""

        def scaled(vector: Tensor) -> Tensor:
            return (
                self.program.residuals(self.layout.unflatten(vector), {name: points})[name] / self.program.scales[name]
            )

        with torch.no_grad():
            kind = self.program.problem.named_constraints[name].loss
            residuals = theta.new_ones((points.count, self.program.blocks[name].size))
            factors = self._factors(name, residuals if kind == "l2" else scaled(theta), points, self.batch[name].count)
        return lambda vector: (scaled(vector) * factors).flatten()

    def _factors(self, name: str, scaled: Tensor, points: PointSet, count: int) -> Tensor:
        """What to multiply scaled residuals `(N, components)` by, so that their squares add up to the weighted loss."""
        kind = self.program.problem.named_constraints[name].loss
        factors = row_factors(scaled, kind) * (float(self.weights[name]) / count) ** 0.5
        return factors if points.factors is None else factors * points.factors.sqrt()[:, None]

    @cached_property
    def _in_single(self) -> "ProgramObjective":
        batch = {name: points.to(torch.float32) for name, points in self.batch.items()}
        return ProgramObjective(
            self.program.in_single, self.layout, batch, self.weights, memory=self.memory, processes=self.processes
        )

    def _rows(self, name: str, parameters: Mapping[str, Tensor], points: PointSet, count: int) -> tuple[Tensor, Tensor]:
        """Rows whose squares add up to the weighted loss of a constraint, and their Jacobian `(rows, weights)`."""
        linearization = linearized(self.program.blocks[name], self.program.networks, parameters, points)
        scaled = linearization.residuals / self.program.scales[name]
        factors = self._factors(name, scaled, points, count)
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
