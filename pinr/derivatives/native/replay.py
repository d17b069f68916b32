"""A tape run by ordinary operations of torch: slower, and differentiable as often as one likes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor
from torch.nn import functional

from pinr.derivatives import towers
from pinr.derivatives.affine_jet import AffineJet
from pinr.derivatives.algebra import Algebra, Weights
from pinr.derivatives.composition import multiply
from pinr.derivatives.differentiable import compose_differentiably
from pinr.derivatives.native.tape import (
    Activation,
    Combination,
    Curvature,
    Expansion,
    Join,
    Linear,
    Mapped,
    Multiplication,
    Operation,
    Place,
    Scaling,
    Slope,
)

TOWERS = {
    t.name: t
    for t in (
        towers.sine, towers.cosine, towers.hyperbolic_tangent, towers.logistic, towers.exponential,
        towers.softplus(1.0), towers.gelu, towers.error_function, towers.power(2.0), towers.power(0.5),
    )
}  # fmt: skip


@final
@dataclass(frozen=True, eq=False)
class TracedUse:
    """A linear or scaling operation with the channels that it took and gave, `(channels, N, width)`."""

    operation: Linear | Scaling
    operand: Tensor
    result: Tensor


def replayed(
    operations: Sequence[Operation],
    root: Place,
    wanted: Sequence[int],
    algebra: Algebra,
    weights: Weights,
    inputs: Sequence[Tensor],
    sources: int,
    trace: list[TracedUse] | None = None,
) -> Tensor:
    """The wanted channels of an operation's result.

    Args:
        operations: The tape.
        root: Which operation.
        wanted: Which channels.
        algebra: Of the jets.
        weights: Of the groups' members.
        inputs: Values of the sources, their living rows, then the tensors of the tape.
        sources: How many sources there are.
        trace: Gets every use of a tensor of the tape, for derivatives point by point.
    """
    tensors = inputs[2 * sources :]

    def source(number: int, value: Tensor) -> Tensor:
        living = inputs[sources + number]
        places = torch.tensor([c - 1 for c in algebra.living[1:]], dtype=torch.long)
        rows = value.new_zeros((algebra.size - 1, value.shape[1])).index_copy(0, places, living)
        return AffineJet(value, rows, algebra, weights).channels

    found: dict[Place, Tensor] = {}
    for place, operation in enumerate(operations[: root + 1]):
        match operation:
            case Mapped(number, tensor, has_bias, _, _):
                bias = tensors[tensor + 1] if has_bias else None
                found[place] = functional.linear(inputs[number], tensors[tensor], bias)[None]
            case Activation(operand, function, _, None, derivative):
                y = found[operand]  # type: ignore[index]
                found[place] = compose_differentiably(TOWERS[function], y, algebra, weights, shift=derivative)
            case Activation(operand, function, _, int(number), derivative):
                y = source(number, inputs[number] if operand is None else found[operand][0])
                found[place] = compose_differentiably(TOWERS[function], y, algebra, weights, shift=derivative)
            case Slope(operand, factor, _, _, _, tensor):
                found[place] = _slope(operation, found[operand], tensors[tensor] if factor is None else found[factor])
            case Curvature(operand, factor, _, _, _, number, tensor):
                y = found[operand] if number is None else source(number, found[operand][0])
                found[place] = _curvature(operation, y, tensors[tensor] if factor is None else found[factor])
            case Expansion(number, _, _):
                found[place] = source(number, inputs[number])
            case Linear(operand):
                found[place] = _linear(operation, found[operand], tensors)
            case Combination(first, second, is_difference, _):
                found[place] = found[first] - found[second] if is_difference else found[first] + found[second]
            case Scaling(operand, tensor, _, _):
                found[place] = tensors[tensor] * found[operand]
            case Multiplication(first, second, _):
                found[place] = multiply(found[first], found[second], algebra, weights)
            case Join(operands, _):
                common = min(len(found[o]) for o in operands)  # reverse mode knows values alone
                found[place] = torch.cat([found[o][:common] for o in operands], dim=-1)
        if trace is not None and isinstance(operation, Linear | Scaling):
            trace.append(TracedUse(operation, found[operation.operand], found[place]))
    return found[root][list(wanted)]


def _linear(operation: Linear, y: Tensor, tensors: Sequence[Tensor]) -> Tensor:
    """`W y + b` or `Wᵀ y`, the bias on the value alone."""
    matrix = tensors[operation.tensor]
    product = functional.linear(y, matrix.t() if operation.is_transposed else matrix)
    if not operation.has_bias:
        return product
    return torch.cat([product[:1] + tensors[operation.tensor + 1], product[1:]])


def _slope(operation: Slope | Curvature, y: Tensor, factor: Tensor) -> Tensor:
    """`g f⁽ʳ⁾(y)`, a single channel."""
    return TOWERS[operation.function](y[:1], operation.derivative)[operation.derivative] * factor


def _curvature(operation: Curvature, y: Tensor, factor: Tensor) -> Tensor:
    (scaled,) = _slope(operation, y, factor)
    return torch.stack([(scaled * y[1 + a] * y[1 + b]).sum(-1) for a, b in operation.pairs], dim=-1)[None]
