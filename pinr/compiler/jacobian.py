"""Residuals with their derivatives by every parameter, point by point.

The rows of a block are independent, so one backward pass of `Σ_n f_n r_n` to the results of all linear maps gives every
row's own cotangents `G`, and `f_n ∂r_n/∂W = Σ_c G[c, n] ⊗ A[c, n]` with the channels `A` that the map took. That is
the price of one backward pass for each component of the residual, and not of one for each point.
"""

import itertools
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, final

import sympy
import torch
from torch import Tensor, nn
from typing_extensions import override

from pinr.compiler.block import PARAMETER_PREFIX, Block, PointSet, bound_network, parameter_value
from pinr.compiler.plan import Query
from pinr.derivatives.algebra import algebra_of, channels_of, weights_of
from pinr.derivatives.engines.jets import unit_rows
from pinr.derivatives.jet import MissingRuleError
from pinr.derivatives.native.jet import SourceJet, TapeJet
from pinr.derivatives.native.replay import TracedUse, replayed
from pinr.derivatives.native.tape import Linear, Tape
from pinr.errors import CompilationError


def linearized(
    block: Block, networks: Mapping[str, nn.Module], parameters: Mapping[str, Tensor], points: PointSet
) -> "AbstractLinearization":
    """The residuals of a block, ready for their derivatives by the parameters.

    With integrals, which are few rows as a rule, one backward pass for each of them.

    Args:
        block: One constraint.
        networks: The modules by name.
        parameters: Tensors that require gradients.
        points: Where.

    Raises:
        CompilationError: A network has an operation that is not known point by point.
    """
    kind = RowByRow if block.integrals else PointByPoint
    with torch.enable_grad():
        return kind(block, networks, parameters, points)


class AbstractLinearization(ABC):
    """Residuals at given parameters, and their Jacobian.

    Attributes:
        graph: the residuals `(N, components)`, differentiable.
        columns: where the derivatives by each parameter are in a row of the Jacobian.
    """

    graph: Tensor

    def __init__(self, parameters: Mapping[str, Tensor]) -> None:
        self.parameters = parameters
        ends = list(itertools.accumulate((prod(p.shape) for p in parameters.values()), initial=0))
        self.columns = {name: slice(*ends[k : k + 2]) for k, name in enumerate(parameters)}
        self.width = ends[-1]

    @property
    def residuals(self) -> Tensor:
        """The residuals `(N, components)`, outside every graph."""
        return self.graph.detach()

    def jacobian(self, factors: Tensor) -> Tensor:
        """`f_nm ∂r_nm/∂θ` as `(components, N, weights)`.

        Args:
            factors: `f`, `(N, components)`.
        """
        count, size = self.graph.shape
        rows = self.graph.new_zeros((size, count, self.width))
        with torch.enable_grad():
            for m in range(size):
                self.write_rows(m, factors[:, m], rows[m])
        return rows

    @abstractmethod
    def write_rows(self, component: int, factors: Tensor, rows: Tensor) -> None:
        """The derivatives of one component, `(N, weights)`, into rows that are zero."""


@final
class RowByRow(AbstractLinearization):
    """One backward pass for each number."""

    def __init__(
        self, block: Block, networks: Mapping[str, nn.Module], parameters: Mapping[str, Tensor], points: PointSet
    ) -> None:
        super().__init__(parameters)
        self.graph = block.values(networks, parameters, points)

    @override
    def write_rows(self, component: int, factors: Tensor, rows: Tensor) -> None:
        for n, row in enumerate(rows):
            gradients = torch.autograd.grad(
                self.graph[n, component], list(self.parameters.values()), retain_graph=True, allow_unused=True
            )
            for columns, gradient in zip(self.columns.values(), gradients, strict=True):
                if gradient is not None:
                    torch.mul(gradient.flatten(), factors[n], out=row[columns])


@final
class PointByPoint(AbstractLinearization):
    """One forward pass that remembers what every trained tensor did."""

    def __init__(
        self, block: Block, networks: Mapping[str, nn.Module], parameters: Mapping[str, Tensor], points: PointSet
    ) -> None:
        super().__init__(parameters)
        self.block, self.networks, self.points = block, networks, points
        self.uses: list[tuple[TracedUse, Tape]] = []
        # Every point has its own copy of the numbers to identify, so that one backward pass tells them apart.
        self.copies = {
            p: parameters[PARAMETER_PREFIX + p.name].detach().expand(points.count).clone().requires_grad_(True)
            for p in block.parameters
        }
        known: dict[sympy.Symbol, Tensor] = dict(zip(block.known, points.columns, strict=True))
        known |= {p: parameter_value(p, copy) for p, copy in self.copies.items()}
        self.graph = block.evaluated(known, points, self._channels)
        self.origins: dict[int, tuple[str, Tensor] | None] = {}

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
        self.uses += [(traced, tape) for traced in trace]
        return channels

    @override
    def write_rows(self, component: int, factors: Tensor, rows: Tensor) -> None:
        targets = [traced.result for traced, _ in self.uses] + list(self.copies.values())
        cotangents = torch.autograd.grad(
            self.graph[:, component], targets, factors, retain_graph=True, allow_unused=True
        )
        for (traced, tape), cotangent in zip(self.uses, cotangents, strict=False):
            if cotangent is not None:
                self._write_use(traced, tape, cotangent, rows)
        for parameter, cotangent in zip(self.copies, cotangents[len(self.uses) :], strict=True):
            if cotangent is not None:
                rows[:, self.columns[PARAMETER_PREFIX + parameter.name]] += cotangent[:, None]

    def _write_use(self, traced: TracedUse, tape: Tape, cotangent: Tensor, rows: Tensor) -> None:
        """Add what a linear map or a scaling contributes."""
        operation, operand = traced.operation, traced.operand.detach()
        tensor = tape.tensors[operation.tensor]
        if not isinstance(operation, Linear):
            by_unit = (cotangent * operand).sum(0)
            self._write(tensor, by_unit if operation.is_per_unit else by_unit.sum(-1), rows)
            return
        self._write(tensor, torch.bmm(cotangent.permute(1, 2, 0), operand.permute(1, 0, 2)), rows)
        if operation.has_bias:
            self._write(tape.tensors[operation.tensor + 1], cotangent[0], rows)

    def _write(self, tensor: Tensor, derivatives: Tensor, rows: Tensor) -> None:
        """From derivatives `(N, *shape)` by a tensor of a tape, `ω W` say, to the parameters that it is made of."""
        if not tensor.requires_grad:
            return
        if id(tensor) not in self.origins:
            self.origins[id(tensor)] = self._origin(tensor)
        origin = self.origins[id(tensor)]
        if origin is not None:
            name, scale = origin
            rows[:, self.columns[name]].addcmul_(derivatives.flatten(1), scale)
            return
        found = torch.autograd.grad(
            tensor, list(self.parameters.values()), derivatives, retain_graph=True, allow_unused=True,
            is_grads_batched=True,
        )  # fmt: skip
        for columns, gradient in zip(self.columns.values(), found, strict=True):
            if gradient is not None:
                rows[:, columns] += gradient.flatten(1)

    def _origin(self, tensor: Tensor) -> tuple[str, Tensor] | None:
        """The parameter that a tensor is, or is a multiple of entry by entry, and the multiple."""
        for name, parameter in self.parameters.items():
            if parameter is tensor:
                return name, tensor.new_ones(())
            if tensor.shape == parameter.shape and _is_multiple(tensor, parameter):
                (scale,) = torch.autograd.grad(tensor, parameter, torch.ones_like(tensor), retain_graph=True)
                return name, scale.flatten()
        return None


def _is_multiple(tensor: Tensor, leaf: Tensor) -> bool:
    """Whether a tensor is a product of a leaf with something constant, read off its graph."""
    node = tensor.grad_fn
    if node is None or node.name() != "MulBackward0":
        return False
    others = [following for following, _ in node.next_functions if following is not None]
    return len(others) == 1 and getattr(others[0], "variable", None) is leaf
