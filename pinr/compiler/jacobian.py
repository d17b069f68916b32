"""Residuals with their derivatives by every parameter, point by point.

The rows of a block are independent, so one backward pass of `Σ_n f_n r_n` to the results of all linear maps gives every
row's own cotangents `G`, and `f_n ∂r_n/∂W = Σ_c G[c, n] ⊗ A[c, n]` with the channels `A` that the map took. That is
the price of one backward pass for each component of the residual, and not of one for each point.
"""

import itertools
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, final

import sympy
import torch
from torch import Tensor, nn
from typing_extensions import override

from pinr.compiler.block import PARAMETER_PREFIX, Block, PointSet, bound_network, parameter_value
from pinr.compiler.plan import Query
from pinr.derivatives.algebra import algebra_of, channels_of, weights_of
from pinr.derivatives.engines.jets import has_compiled_kernels, unit_rows
from pinr.derivatives.jet import MissingRuleError
from pinr.derivatives.native.jet import SourceJet, TapeJet
from pinr.derivatives.native.replay import TracedUse, replayed
from pinr.derivatives.native.run import PointTarget, Pullback
from pinr.derivatives.native.tape import Linear, Place, Tape
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
    """One forward pass, of which every network can tell what its trained tensors did."""

    def __init__(
        self, block: Block, networks: Mapping[str, nn.Module], parameters: Mapping[str, Tensor], points: PointSet
    ) -> None:
        super().__init__(parameters)
        self.networks = networks
        self.passes: list[AbstractPass] = []
        # Every point has its own copy of the numbers to identify, so that one backward pass tells them apart.
        self.copies = {
            p: parameters[PARAMETER_PREFIX + p.name].detach().expand(points.count).clone().requires_grad_(True)
            for p in block.parameters
        }
        known: dict[sympy.Symbol, Tensor] = dict(zip(block.known, points.columns, strict=True))
        known |= {p: parameter_value(p, copy) for p, copy in self.copies.items()}
        self.graph = block.evaluated(known, points, self._channels)
        self.origins: dict[int, Origin | None] = {}

    def _channels(self, query: Query, inputs: Tensor, weights: Sequence[Tensor]) -> Tensor:
        tape = Tape(algebra_of(query.request), weights_of(query.request.groups, weights), has_every_weight=True)
        rows = unit_rows(inputs, query.request, tape.weights)
        points = SourceJet(inputs, torch.stack(rows) if rows else inputs[:0], tape)
        try:
            result: Any = bound_network(self.networks, query.network, self.parameters)(points)  # type: ignore[arg-type]
        except (MissingRuleError, AttributeError, TypeError) as error:
            result = error
        if not isinstance(result, TapeJet):
            message = (
                f"The network of `{query.network}` cannot be differentiated point by point, which Gauss–Newton needs"
                f"{f' ({result})' if isinstance(result, Exception) else ''}. "
                "Use `MatrixFreeGaussNewton` or `LBFGS` for it."
            )
            raise CompilationError(message)
        depends = any(t.requires_grad for t in (inputs, *weights))  # on another network, or on itself elsewhere
        kind = CompiledPass if has_compiled_kernels(inputs.device) and not depends else ReplayedPass
        self.passes.append(kind(tape, result.place, channels_of(query.request)))
        return self.passes[-1].channels

    @override
    def write_rows(self, component: int, factors: Tensor, rows: Tensor) -> None:
        targets = [t for p in self.passes for t in p.targets] + list(self.copies.values())
        found = torch.autograd.grad(self.graph[:, component], targets, factors, retain_graph=True, allow_unused=True)
        cotangents = iter(found)
        for one in self.passes:
            own = list(itertools.islice(cotangents, len(one.targets)))
            if any(c is not None for c in own):
                self._write_pass(one, own, rows)
        for parameter, cotangent in zip(self.copies, cotangents, strict=True):
            if cotangent is not None:
                rows[:, self.columns[PARAMETER_PREFIX + parameter.name]] += cotangent[:, None]

    def _write_pass(self, one: "AbstractPass", cotangents: Sequence[Tensor | None], rows: Tensor) -> None:
        """Add what a network contributes, each tensor of its tape to the parameter that it comes from."""
        targets: list[PointTarget | None] = []
        later: list[tuple[Tensor, Origin | None, Tensor]] = []
        for tensor in one.tape.tensors:
            if not tensor.requires_grad:
                targets.append(None)
                continue
            origin = self.origins.setdefault(id(tensor), self._origin(tensor))
            if origin is not None and isinstance(origin.multiple, float):
                targets.append(PointTarget(rows[:, self.columns[origin.name]], origin.multiple))
                continue
            own = rows.new_zeros((len(rows), tensor.numel()))
            targets.append(PointTarget(own))
            later.append((tensor, origin, own))
        one.add_rows(cotangents, targets)
        for tensor, origin, own in later:
            if origin is not None and isinstance(origin.multiple, Tensor):
                rows[:, self.columns[origin.name]].addcmul_(own, origin.multiple)
                continue
            found = torch.autograd.grad(
                tensor, list(self.parameters.values()), own.view(-1, *tensor.shape), retain_graph=True,
                allow_unused=True, is_grads_batched=True,
            )  # fmt: skip
            for columns, gradient in zip(self.columns.values(), found, strict=True):
                if gradient is not None:
                    rows[:, columns] += gradient.flatten(1)

    def _origin(self, tensor: Tensor) -> "Origin | None":
        for name, parameter in self.parameters.items():
            if parameter is tensor:
                return Origin(name, 1.0)
            if tensor.shape == parameter.shape and _is_multiple(tensor, parameter):
                (found,) = torch.autograd.grad(tensor, parameter, torch.ones_like(tensor), retain_graph=True)
                first = float(found.flatten()[0])
                return Origin(name, first if bool((found == first).all()) else found.flatten())
        return None


@final
@dataclass(frozen=True)
class Origin:
    """The parameter that a tensor of a tape, `ω W` say, is a multiple of, entry by entry."""

    name: str
    multiple: float | Tensor


class AbstractPass(ABC):
    """A network at the points of a query.

    Attributes:
        tape: what it did.
        channels: its answer.
        targets: the tensors whose cotangents it wants for its rows.
    """

    tape: Tape
    channels: Tensor
    targets: Sequence[Tensor]

    @abstractmethod
    def add_rows(self, cotangents: Sequence[Tensor | None], targets: Sequence[PointTarget | None]) -> None:
        """Add the derivatives at every point by the tensors of the tape.

        Args:
            cotangents: Of `self.targets`, every point for itself.
            targets: Where to, for each tensor of the tape.
        """


@final
class CompiledPass(AbstractPass):
    """By compiled kernels; for arguments that are not trained."""

    def __init__(self, tape: Tape, root: Place, wanted: Sequence[int]) -> None:
        self.tape, self.pullback = tape, Pullback(tape, root, wanted)
        self.channels = self.pullback.channels.requires_grad_(True)
        self.targets = [self.channels]

    @override
    def add_rows(self, cotangents: Sequence[Tensor | None], targets: Sequence[PointTarget | None]) -> None:
        for cotangent in cotangents:
            if cotangent is not None:
                self.pullback.add_rows(cotangent, targets)


@final
class ReplayedPass(AbstractPass):
    """By ordinary operations of torch, with a cotangent for the result of every linear map."""

    def __init__(self, tape: Tape, root: Place, wanted: Sequence[int]) -> None:
        self.tape = tape
        self.trace: list[TracedUse] = []
        self.channels = replayed(
            tape.operations, root, wanted, tape.algebra, tape.weights, tape.inputs, len(tape.sources), self.trace
        )
        self.targets = [traced.result for traced in self.trace]

    @override
    def add_rows(self, cotangents: Sequence[Tensor | None], targets: Sequence[PointTarget | None]) -> None:
        for traced, cotangent in zip(self.trace, cotangents, strict=True):
            if cotangent is None:
                continue
            operation, operand = traced.operation, traced.operand.detach()
            target = targets[operation.tensor]
            if isinstance(operation, Linear):
                if target is not None:
                    _add(target, torch.bmm(cotangent.permute(1, 2, 0), operand.permute(1, 0, 2)))
                if operation.has_bias and (bias := targets[operation.tensor + 1]) is not None:
                    _add(bias, cotangent[0])
            elif target is not None:
                by_unit = (cotangent * operand).sum(0)
                _add(target, by_unit if operation.is_per_unit else by_unit.sum(-1, keepdim=True))


def _add(target: PointTarget, derivatives: Tensor) -> None:
    target.rows.add_(derivatives.flatten(1), alpha=target.scale)


def _is_multiple(tensor: Tensor, leaf: Tensor) -> bool:
    """Whether a tensor is a product of a leaf with something constant, read off its graph."""
    node = tensor.grad_fn
    if node is None or node.name() != "MulBackward0":
        return False
    others = [following for following, _ in node.next_functions if following is not None]
    return len(others) == 1 and getattr(others[0], "variable", None) is leaf
