"""Residuals with their derivatives by every parameter, point by point.

The rows of a block are independent, so one backward pass of `Σ_n r_n` to the results of all linear maps gives every
row's own cotangents `G`, and `∂r_n/∂W = Σ_c G[c, n] ⊗ A[c, n]` with the channels `A` that the map took. That is the
price of one backward pass for each component of the residual, and not of one for each point.
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, final

import sympy
import torch
from torch import Tensor, nn

from pinr.compiler.block import PARAMETER_PREFIX, Block, PointSet, bound_network, parameter_value
from pinr.compiler.plan import Query
from pinr.derivatives.algebra import algebra_of, channels_of, weights_of
from pinr.derivatives.engines.jets import unit_rows
from pinr.derivatives.jet import MissingRuleError
from pinr.derivatives.native.jet import SourceJet, TapeJet
from pinr.derivatives.native.replay import TracedUse, replayed
from pinr.derivatives.native.tape import Linear, Tape
from pinr.errors import CompilationError

Jacobian = dict[str, Tensor]
"""By parameter, `(points, components, *shape)`."""


def rows_and_jacobian(
    block: Block, networks: Mapping[str, nn.Module], parameters: Mapping[str, Tensor], points: PointSet
) -> tuple[Tensor, Jacobian]:
    """The residuals `(N, components)` and their derivatives by the parameters that they depend on.

    With integrals, which are few rows as a rule, one backward pass for each of them.

    Args:
        block: One constraint.
        networks: The modules by name.
        parameters: Tensors that require gradients.
        points: Where.

    Raises:
        CompilationError: A network has an operation that is not known point by point.
    """
    with torch.enable_grad():
        if block.integrals:
            return _row_by_row(block, networks, parameters, points)
        pass_ = _Pass(block, networks, parameters, points)
        residuals = pass_.residuals()
        return residuals.detach(), pass_.jacobian(residuals)


def _row_by_row(
    block: Block, networks: Mapping[str, nn.Module], parameters: Mapping[str, Tensor], points: PointSet
) -> tuple[Tensor, Jacobian]:
    residuals = block.values(networks, parameters, points)
    found = {name: p.new_zeros((*residuals.shape, *p.shape)) for name, p in parameters.items()}
    for place in itertools.product(*map(range, residuals.shape)):
        gradients = torch.autograd.grad(
            residuals[place], list(parameters.values()), retain_graph=True, allow_unused=True
        )
        for name, gradient in zip(parameters, gradients, strict=True):
            if gradient is not None:
                found[name][place] = gradient
    return residuals.detach(), found


@final
class _Use:
    """What a trained tensor of a tape did, with the tape that it is on."""

    def __init__(self, traced: TracedUse, tape: Tape) -> None:
        self.traced, self.tape = traced, tape

    def derivatives(self, cotangent: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Pairs of a tensor and its derivatives `(N, *shape)`."""
        operation, operand = self.traced.operation, self.traced.operand.detach()
        tensor = self.tape.tensors[operation.tensor]
        if isinstance(operation, Linear):
            found = [(tensor, torch.einsum("cno,cni->noi", cotangent, operand))]
            if operation.has_bias:
                found.append((self.tape.tensors[operation.tensor + 1], cotangent[0]))
            return [(t, d) for t, d in found if t.requires_grad]
        if not tensor.requires_grad:
            return []
        by_unit = (cotangent * operand).sum(0)
        return [(tensor, by_unit if operation.is_per_unit else by_unit.sum(-1))]


@final
class _Pass:
    """One forward pass that remembers what every trained tensor did."""

    def __init__(
        self, block: Block, networks: Mapping[str, nn.Module], parameters: Mapping[str, Tensor], points: PointSet
    ) -> None:
        self.block, self.networks, self.parameters, self.points = block, networks, parameters, points
        self.uses: list[_Use] = []
        # Every point has its own copy of the numbers to identify, so that one backward pass tells them apart.
        self.copies = {
            p: parameters[PARAMETER_PREFIX + p.name].detach().expand(points.count).clone().requires_grad_(True)
            for p in block.parameters
        }

    def residuals(self) -> Tensor:
        block, points = self.block, self.points
        known: dict[sympy.Symbol, Tensor] = dict(zip(block.known, points.columns, strict=True))
        known |= {p: parameter_value(p, copy) for p, copy in self.copies.items()}
        return block.evaluated(known, points, self._channels)

    def _channels(self, query: Query, inputs: Tensor, weights: Sequence[Tensor]) -> Tensor:
        algebra = algebra_of(query.request)
        tape = Tape(algebra, weights_of(query.request.groups, weights), has_every_weight=True)
        rows = unit_rows(inputs, query.request, tape.weights)
        points = SourceJet(inputs, torch.stack(rows) if rows else inputs[:0], tape)
        try:
            result: Any = bound_network(self.networks, query.network, self.parameters)(points)  # type: ignore[arg-type]
        except (MissingRuleError, AttributeError, TypeError) as error:
            result = error
        if not isinstance(result, TapeJet):
            message = (
                f"The network of `{query.network}` cannot be differentiated point by point, which Gauss–Newton needs"
                f"{f' ({result})' if isinstance(result, Exception) else ''}. Use `LBFGS` for it."
            )
            raise CompilationError(message)
        trace: list[TracedUse] = []
        channels = replayed(
            tape.operations, result.place, channels_of(query.request), algebra, tape.weights, tape.inputs,
            len(tape.sources), trace,
        )  # fmt: skip
        self.uses += [_Use(traced, tape) for traced in trace]
        return channels

    def jacobian(self, residuals: Tensor) -> Jacobian:
        components = [self._component(residuals[:, m]) for m in range(residuals.shape[1])]
        names = dict.fromkeys(name for found in components for name in found)
        return {name: torch.stack([c.get(name, self._zero(name)) for c in components], dim=1) for name in names}

    def _zero(self, name: str) -> Tensor:
        return self.points.like.new_zeros((self.points.count, *self.parameters[name].shape))

    def _component(self, residual: Tensor) -> Jacobian:
        targets = [use.traced.result for use in self.uses] + list(self.copies.values())
        cotangents = torch.autograd.grad(residual.sum(), targets, retain_graph=True, allow_unused=True)
        found: Jacobian = {}
        by_tensor: dict[int, tuple[Tensor, Tensor]] = {}
        for use, cotangent in zip(self.uses, cotangents, strict=False):
            if cotangent is None:
                continue
            for tensor, derivatives in use.derivatives(cotangent):
                before = by_tensor.get(id(tensor))
                by_tensor[id(tensor)] = (tensor, derivatives if before is None else before[1] + derivatives)
        for tensor, derivatives in by_tensor.values():
            for name, through in self._through(tensor, derivatives).items():
                found[name] = found[name] + through if name in found else through
        for parameter, cotangent in zip(self.copies, cotangents[len(self.uses) :], strict=True):
            if cotangent is not None:
                found[PARAMETER_PREFIX + parameter.name] = cotangent
        return found

    def _through(self, tensor: Tensor, derivatives: Tensor) -> Jacobian:
        """From a tensor of a tape, `ω W` say, to the parameters that it is made of."""
        for name, parameter in self.parameters.items():
            if parameter is tensor:
                return {name: derivatives}
        names, tensors = list(self.parameters), list(self.parameters.values())
        found = torch.autograd.grad(
            tensor, tensors, derivatives, retain_graph=True, allow_unused=True, is_grads_batched=True
        )
        return {name: gradient for name, gradient in zip(names, found, strict=True) if gradient is not None}
