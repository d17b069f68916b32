"""Several problems of one form, trained together."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import final

import torch
from torch import Tensor

from pinr.compiler.block import Block, PointSet
from pinr.compiler.loss import LOSSES
from pinr.compiler.plan import Query
from pinr.compiler.program import Batch, Program
from pinr.derivatives.engines.values import Values
from pinr.errors import DeclarationError
from pinr.networks.stacked_sines import StackedSines
from pinr.training.layout import Layout

AGREEMENT = 10.0  # times √ε, relative: what differs by more at the start has not been rounded, but is another equation


def stacked_networks(programs: Sequence[Program]) -> dict[str, StackedSines] | None:
    """The networks of several programs together, by name; None where these cannot be trained together.

    That is where equations ask for derivatives, integrals or numbers, or networks are not those of `Siren`.
    """
    first = programs[0]
    if first.numbers or not all(_is_plain(block) for block in first.blocks.values()):
        return None
    if any(program.networks.keys() != first.networks.keys() for program in programs):
        return None
    found = {}
    for name in first.networks:
        stack = StackedSines.of([program.networks[name] for program in programs])
        if stack is None:
            return None
        found[name] = stack
    return found


def _is_plain(block: Block) -> bool:
    outputs = {output.symbol for query in block.queries for output in query.outputs}
    asks_values = all(isinstance(q.engine, Values) and not q.needs & outputs for q in block.queries)
    return asks_values and not block.integrals and block.rows == "independent"


@final
class StackedObjective:
    """`Σ_k L_k(θ_k)` of several problems at fixed points, a function of all their parameters one after the other.

    Its gradient by `θ_k` is that of `L_k` alone, so that a method that works number by number, as Adam does, trains
    each as if it were alone. The points of all problems go through the equations of the first one as one set.

    Raises:
        DeclarationError: The problems are not of one form.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        layout: Layout,
        batches: Sequence[Batch],
        weights: Sequence[Mapping[str, float | Tensor]],
    ) -> None:
        stacks = stacked_networks(programs)
        if stacks is None:
            message = "Problems can be trained together where networks of `Siren` are asked for values alone."
            raise DeclarationError(message)
        self.program, self.stacks, self.layout, self.count = programs[0], stacks, layout, len(programs)
        self._check_losses(programs, batches)
        self.batch, self.scales, self.weights = {}, {}, {}
        for names in zip(*batches, strict=True):  # a constraint may have another name in each problem
            first = names[0]
            own = list(zip(names, programs, batches, weights, strict=True))
            self.batch[first] = _joined(first, [batch[name] for name, _, batch, _ in own])
            like = self.batch[first].like
            self.scales[first] = torch.stack([program.scales[name] for name, program, _, _ in own])[:, None]
            self.weights[first] = torch.stack([torch.as_tensor(w[name]).to(like) for name, _, _, w in own])
        self.losses = like.new_zeros(self.count)

    @staticmethod
    def _check_losses(programs: Sequence[Program], batches: Sequence[Batch]) -> None:
        """Refuse problems with other numbers or kinds of losses."""
        kinds = [
            [program.problem.named_constraints[name].loss for name in batch]
            for program, batch in zip(programs, batches, strict=True)
        ]
        for program, batch, found in zip(programs, batches, kinds, strict=True):
            if found != kinds[0]:
                raise DeclarationError(_not_alike(programs[0], program, next(iter(batch))))

    def value_and_gradient(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """The sum of the losses and its gradient; `losses` has the single ones."""
        with torch.enable_grad():
            variable = theta.detach().view(self.count, -1).requires_grad_(True)
            losses = self._losses(variable)
            (gradient,) = torch.autograd.grad(losses.sum(), variable)
        self.losses = losses.detach()
        return self.losses.sum(), gradient.reshape(-1)

    def residuals(self, theta: Tensor) -> dict[str, Tensor]:
        """Every constraint's residual, `(problems, N, components)`."""
        return self._residuals(theta.view(self.count, -1))

    def _losses(self, variable: Tensor) -> Tensor:
        total = variable.new_zeros(self.count)
        for name, residual in self._residuals(variable).items():
            kind = self.program.problem.named_constraints[name].loss
            points = LOSSES[kind](residual / self.scales[name])
            total = total + self.weights[name] * points.mean(dim=1).sum(dim=1)
        return total

    def _residuals(self, variable: Tensor) -> dict[str, Tensor]:
        parts = variable.split([prod(shape) for _, shape in self.layout.shapes], dim=1)
        parameters = {
            name: part.reshape(self.count, *shape)
            for (name, shape), part in zip(self.layout.shapes, parts, strict=True)
        }

        def answer(query: Query, inputs: Tensor, weights: Sequence[Tensor]) -> Tensor:
            del weights  # those of groups of derivatives, of which there are none
            prefix = query.network + "."
            own = {n.removeprefix(prefix): p for n, p in parameters.items() if n.startswith(prefix)}
            values = self.stacks[query.network](own, inputs.unflatten(0, (self.count, -1)))
            return values.flatten(0, 1)[None]

        found = {}
        for name, points in self.batch.items():
            block = self.program.blocks[name]
            known = dict(zip(block.known, points.columns, strict=True))
            found[name] = block.evaluated(known, points, answer).unflatten(0, (self.count, -1))
        return found

    def check(self, programs: Sequence[Program], theta: Tensor, batches: Sequence[Batch]) -> None:
        """Compare with every problem on its own, so that none is trained on another's equations.

        Raises:
            DeclarationError: One is of another form than the first.
        """
        tolerance = AGREEMENT * torch.finfo(theta.dtype).eps ** 0.5
        with torch.no_grad():
            together = self.residuals(theta)
            for number, (program, batch) in enumerate(zip(programs, batches, strict=True)):
                alone = program.residuals(self.layout.unflatten(theta.view(self.count, -1)[number]), batch)
                for stacked, (name, residual) in zip(together.values(), alone.items(), strict=True):
                    distance = (stacked[number] - residual).abs().max()
                    if not distance <= tolerance * (residual.abs().max() + program.scales[name].max()):
                        raise DeclarationError(_not_alike(programs[0], program, name))


def _not_alike(first: Program, other: Program, name: str) -> str:
    return (
        f"`fit_all`: the constraint {name!r} of {other.problem.name!r} has another form than that of "
        f"{first.problem.name!r}. Only data may differ; fit them in two calls."
    )


def _joined(name: str, parts: Sequence[PointSet]) -> PointSet:
    """The points of all problems one after the other."""
    first = parts[0]
    for other in parts[1:]:
        if other.count != first.count or len(other.columns) != len(first.columns):
            message = (
                f"`fit_all`: the constraint {name!r} has {first.count} points in one problem and {other.count} in "
                "another, or other data. Give all the same number, `on(…, points=…)`."
            )
            raise DeclarationError(message)
    columns = tuple(torch.cat(column) for column in zip(*(part.columns for part in parts), strict=True))
    return PointSet(first.samples, columns, torch.cat([part.like for part in parts]))
