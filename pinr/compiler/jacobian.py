"""Residuals with their derivatives by every parameter, point by point.

The rows of a block are independent, so one backward pass of `Σ_n r_n` to the results of all linear maps gives every
row's own cotangents `G`, and `∂r_n/∂W = Σ_c G[c, n] ⊗ A[c, n]` with the channels `A` that the map took. That is the
price of one backward pass for each component of the residual, and not of one for each point.
"""

from collections.abc import Mapping, Sequence
from typing import final

import sympy
import torch
from torch import Tensor, nn
from torch.func import functional_call

from pinr.compiler.block import PARAMETER_PREFIX, Block, PointSet, parameter_value
from pinr.compiler.plan import Query
from pinr.derivatives.algebra import algebra_of, weights_of
from pinr.derivatives.engines.jets import unit_rows
from pinr.derivatives.jet import MissingRuleError
from pinr.derivatives.native.jet import SourceJet, TapeJet
from pinr.derivatives.native.kernels import living_channels
from pinr.derivatives.native.replay import TracedUse, replayed
from pinr.derivatives.native.tape import Linear, Tape
from pinr.errors import CompilationError

Jacobian = dict[str, Tensor]
"""By parameter, `(points, components, *shape)`."""


def rows_and_jacobian(
    block: Block, networks: Mapping[str, nn.Module], parameters: Mapping[str, Tensor], points: PointSet
) -> tuple[Tensor, Jacobian]:
    """The residuals `(N, components)` and their derivatives by the parameters that they depend on.

    Args:
        block: One constraint; its rows must be independent, and it may have no integrals.
        networks: The modules by name.
        parameters: Tensors that require gradients.
        points: Where.

    Raises:
        CompilationError: A network has an operation that is not known point by point.
    """
    with torch.enable_grad():
        pass_ = _Pass(block, networks, parameters, points)
        residuals = pass_.residuals()
        return residuals.detach(), pass_.jacobian(residuals)


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
        for query, tape in zip(block.queries, block.argument_tapes, strict=True):
            arguments = tape.run(known, points.like)
            inputs = torch.stack(arguments[: len(query.arguments)], dim=1)
            channels = self._channels(query, inputs, arguments[len(query.arguments) :])
            for output in query.outputs:
                known[output.symbol] = channels[output.channel, :, output.component]
        return torch.stack(block.tape.run(known, points.like), dim=1)

    def _channels(self, query: Query, inputs: Tensor, weights: Sequence[Tensor]) -> Tensor:
        algebra = algebra_of(query.request)
        tape = Tape(algebra, weights_of(query.request.groups, weights), has_every_weight=True)
        rows = unit_rows(inputs, query.request, tape.weights)
        module, prefix = self.networks[query.network], query.network + "."
        own = {n.removeprefix(prefix): value for n, value in self.parameters.items() if n.startswith(prefix)}
        try:
            result = functional_call(module, own, (SourceJet(inputs, torch.stack(rows) if rows else inputs[:0], tape),))
        except (MissingRuleError, AttributeError, TypeError) as error:
            result = error
        if not isinstance(result, TapeJet):
            message = (
                f"The network of `{query.network}` cannot be differentiated point by point, which Gauss–Newton needs"
                f"{f' ({result})' if isinstance(result, Exception) else ''}. Use `LBFGS` for it."
            )
            raise CompilationError(message)
        trace: list[TracedUse] = []
        constant = [every[[c - 1 for c in living_channels(algebra)[1:]]] for _, every in tape.sources]
        values = [value for value, _ in tape.sources]
        wanted = [algebra.number[i] for i in query.request.partials]
        wanted += range(len(algebra.channels), algebra.size)
        channels = replayed(
            tape.operations, result.place, wanted, algebra, tape.weights, (*values, *constant, *tape.tensors),
            len(values), trace,
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
