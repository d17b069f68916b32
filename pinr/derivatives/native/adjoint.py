"""Reverse mode on a tape: the gradient of a network's outputs as further operations on the same tape.

Every operation of the forward pass is followed backwards by its transpose: an activation multiplies by its slope, a
linear layer by its transposed weights. What results is a tape of plain values, whose own backward pass the schedule
finds as for any other.
"""

from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor

from pinr.derivatives.algebra import Algebra, algebra_of
from pinr.derivatives.native.tape import (
    Activation,
    Combination,
    Curvature,
    Expansion,
    Join,
    Linear,
    Mapped,
    Multiplication,
    Place,
    Scaling,
    Slope,
    Tape,
)
from pinr.derivatives.request import Request

Cotangent = Tensor | Place
"""The same row at every point, or a result of the tape."""
Pairs = tuple[tuple[int, int], ...]
"""Numbers of inputs by which second derivatives are taken."""
PAIRS_AT_ONCE = 64  # in one loop, which has a sum for each: more take compilers long


class CannotReverseError(Exception):
    """An operation has no transpose here; the gradient is found in another way."""


def gradient_tape(tape: Tape, root: Place, inputs: int) -> tuple[Tape, Place]:
    """A tape whose last result is `(u_1 … u_o, ∂u_1/∂x_1 … ∂u_1/∂x_d, ∂u_2/∂x_1 …)` at every point.

    Args:
        tape: What a network wrote on the jets of `inputs` first derivatives, in the order of the rows of its sources.
        root: Its result.
        inputs: The number of derivatives.

    Raises:
        CannotReverseError: There is an operation without a transpose.
    """
    plain = algebra_of(Request(inputs, ((0,) * inputs,)))
    return _Reverse(tape, root, plain).whole(inputs)


def hessian_tape(tape: Tape, root: Place, inputs: int, pairs: Pairs) -> tuple[Tape, Place]:
    """A tape of gradients, as `gradient_tape`'s, and of `∂²u_1/∂x_i∂x_j` for all pairs (i, j), then those of u_2 ….

    `H = Σ_layers Σ_n h̄_n f''(z_n) ∇z_n ∇z_nᵀ` with the cotangent h̄ of an activation's result h = f(z): everything
    else in a network is linear. First derivatives of all layers and one reverse sweep for each output are enough.

    Raises:
        CannotReverseError: There is an operation without a transpose, or a product of results.
    """
    return _Reverse(tape, root, tape.algebra, pairs).whole(inputs)


@final
class _Reverse:
    def __init__(self, tape: Tape, root: Place, algebra: Algebra, pairs: Pairs = ()) -> None:
        sources = list(tape.sources) if pairs else [(value, rows[:0]) for value, rows in tape.sources]
        self.tape = Tape(algebra, (), list(tape.operations[: root + 1]), list(tape.tensors), sources)
        self.rows = [rows for _, rows in tape.sources]
        self.root = root
        self.pairs = [pairs[n : n + PAIRS_AT_ONCE] for n in range(0, len(pairs), PAIRS_AT_ONCE)]
        self.slopes: dict[Place, Place] = {}
        self.curvatures: list[list[Place]] = []

    def whole(self, inputs: int) -> tuple[Tape, Place]:
        outputs = self.tape.operations[self.root].width
        like = self.tape.sources[0][0]
        gradients, hessians = [], []
        for row in torch.eye(outputs, dtype=like.dtype, device=like.device):
            self.curvatures = [[] for _ in self.pairs]
            gradients.append(self._gradient(row))
            hessians += [self._added(parts) for parts in self.curvatures]
        width = outputs * (1 + inputs + sum(map(len, self.pairs)))
        return self.tape, self.tape.written(Join((self.root, *gradients, *hessians), width))

    def _gradient(self, start: Tensor) -> Place:
        found: dict[Place, list[Cotangent]] = {self.root: [start]}
        total: list[Place] = []
        for place in range(self.root, -1, -1):
            if place in found:
                total += self._transposed(place, self._sum(found.pop(place)), found)
        return self._added(total)

    def _added(self, places: Sequence[Place]) -> Place:
        total = places[0]
        for other in places[1:]:
            total = self.tape.written(Combination(total, other, False, self.tape.operations[total].width))
        return total

    def _transposed(self, place: Place, cotangent: Cotangent, found: dict[Place, list[Cotangent]]) -> list[Place]:
        """Pass a cotangent on to the operands; what reaches a source becomes a part of the gradient."""
        operation = self.tape.operations[place]
        match operation:
            case Activation(operand, _, _, source, _):
                adjoint = self._sloped(cotangent, place, operation)
                if source is None:
                    assert operand is not None
                    found.setdefault(operand, []).append(adjoint)
                    return []
                return [self._by_points(adjoint, source)]
            case Expansion(source, _, _):
                everywhere = self._everywhere(cotangent) if isinstance(cotangent, Tensor) else cotangent
                return [self._by_points(everywhere, source)]
            case Linear(operand, tensor, _, _, width, False):
                for part, columns, part_width in self._parts(operand, tensor):
                    found.setdefault(part, []).append(self._through(cotangent, columns, width, part_width))
            case Combination(first, second, is_difference, _):
                found.setdefault(first, []).append(cotangent)
                found.setdefault(second, []).append(self._negative(cotangent) if is_difference else cotangent)
            case Scaling(operand, tensor, is_per_unit, width):
                if isinstance(cotangent, Tensor):
                    found.setdefault(operand, []).append(cotangent * self.tape.tensors[tensor])
                else:
                    scaled = self.tape.written(Scaling(cotangent, tensor, is_per_unit, width))
                    found.setdefault(operand, []).append(scaled)
            case Multiplication(first, second, _) if not self.pairs:
                found.setdefault(first, []).append(self._times(cotangent, second))
                found.setdefault(second, []).append(self._times(cotangent, first))
            case _:
                raise CannotReverseError
        return []

    def _parts(self, operand: Place, tensor: int) -> list[tuple[Place, int, int]]:
        """What a linear layer takes, with its weights and widths: for a join, every part with its columns."""
        join = self.tape.operations[operand]
        if not isinstance(join, Join):
            return [(operand, tensor, join.width)]
        widths = [self.tape.operations[part].width for part in join.operands]
        columns = self.tape.tensors[tensor].split(widths, dim=1)
        return [(p, self.tape.tensor(c), w) for p, c, w in zip(join.operands, columns, widths, strict=True)]

    def _by_points(self, adjoint: Place, source: int) -> Place:
        """From the cotangent of a source's values to a part of the gradient."""
        rows = self.rows[source]
        return self.tape.written(Linear(adjoint, self.tape.tensor(rows), False, rows.shape[1], rows.shape[0]))

    def _sloped(self, cotangent: Cotangent, place: Place, operation: Activation) -> Place:
        """The cotangent of an activation's operand."""
        operand, function, width, derivative = (
            operation.operand, operation.function, operation.width, operation.derivative + 1,
        )  # fmt: skip
        if operand is None:
            if self.pairs:
                raise CannotReverseError
            return self._times(cotangent, self._slope(place, operation))
        factor, tensor = (None, self.tape.tensor(cotangent)) if isinstance(cotangent, Tensor) else (cotangent, -1)
        slope = self.tape.written(Slope(operand, factor, function, width, derivative, tensor))
        for pairs, parts in zip(self.pairs, self.curvatures, strict=True):
            curvature = Curvature(operand, factor, function, pairs, derivative + 1, operation.source, tensor)
            parts.append(self.tape.written(curvature))
        return slope

    def _slope(self, place: Place, operation: Activation) -> Place:
        """The slope of a function of a source, written down once for all outputs."""
        if place not in self.slopes:
            source = self.tape.source(*self.tape.sources[operation.source or 0])
            slope = Activation(None, operation.function, operation.width, source, operation.derivative + 1)
            self.slopes[place] = self.tape.written(slope)
        return self.slopes[place]

    def _times(self, cotangent: Cotangent, factor: Place) -> Place:
        width = self.tape.operations[factor].width
        if isinstance(cotangent, Tensor):
            return self.tape.written(Scaling(factor, self.tape.tensor(cotangent), True, width))
        return self.tape.written(Multiplication(cotangent, factor, width))

    def _through(self, cotangent: Cotangent, tensor: int, width: int, operand_width: int) -> Cotangent:
        if isinstance(cotangent, Tensor):
            return cotangent @ self.tape.tensors[tensor]
        return self.tape.written(Linear(cotangent, tensor, False, width, operand_width, True))

    def _negative(self, cotangent: Cotangent) -> Cotangent:
        if isinstance(cotangent, Tensor):
            return -cotangent
        minus = -self.tape.sources[0][0].new_ones(())
        width = self.tape.operations[cotangent].width
        return self.tape.written(Scaling(cotangent, self.tape.tensor(minus), False, width))

    def _sum(self, parts: Sequence[Cotangent]) -> Cotangent:
        rows = [p for p in parts if isinstance(p, Tensor)]
        places = [p for p in parts if not isinstance(p, Tensor)]
        if not places:
            return torch.stack(rows).sum(0)
        return self._added([*places, *(self._everywhere(torch.stack(rows).sum(0)) for _ in rows[:1])])

    def _everywhere(self, row: Tensor) -> Place:
        """A row at every point: the map of the points that has it as bias and no weights."""
        inputs = self.tape.sources[0][0].shape[1]
        tensor = self.tape.tensor(row.new_zeros((len(row), inputs)), row)
        return self.tape.written(Mapped(0, tensor, True, inputs, len(row)))
