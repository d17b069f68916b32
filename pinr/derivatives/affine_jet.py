"""Jets before the first nonlinearity: their derivatives are the same at every point.

The jet of the points has unit vectors as first derivatives and nothing above, and affine maps keep it so. One row per
channel is carried instead of one per point, until an elementwise function makes a full jet of it. That saves the
widest memory traffic of the first layer.
"""

from functools import reduce
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from typing_extensions import override

from pinr.derivatives.algebra import Algebra, Term, Weights
from pinr.derivatives.differentiable import affine_gradients
from pinr.derivatives.fused.composition import FusedAffineComposition
from pinr.derivatives.fused.kernels import Place
from pinr.derivatives.fused.library import has_kernel
from pinr.derivatives.jet import AbstractJet, Jet
from pinr.derivatives.towers import Tower


class AffineJet(AbstractJet):
    """A value `(N, n)` and the constant rows `(channels − 1, n)` of the other channels."""

    __slots__ = ("algebra", "rows", "value", "weights")

    def __init__(self, value: Tensor, rows: Tensor, algebra: Algebra, weights: Weights) -> None:
        self.value, self.rows = value, rows
        self.algebra, self.weights = algebra, weights

    @property
    @override
    def channels(self) -> Tensor:
        constant = self.rows[:, None].expand(-1, *self.value.shape)
        return torch.cat([self.value[None], constant])

    @property
    @override
    def shape(self) -> torch.Size:
        return self.value.shape

    @override
    def shifted(self, constant: Any) -> AbstractJet:
        if isinstance(constant, Tensor) and not _is_row(constant, self.value):
            return Jet(self.channels, self.algebra, self.weights).shifted(constant)
        value = self.value + constant  # which may be wider: `(N, 1) + (8,)`
        return self.with_parts(value, self.rows.expand(-1, *value.shape[1:]))

    @override
    def scaled(self, factor: Any) -> AbstractJet:
        if isinstance(factor, Tensor) and not _is_row(factor, self.value):
            return Jet(self.channels, self.algebra, self.weights).scaled(factor)
        return self.with_parts(self.value * factor, self.rows * factor)

    @override
    def mapped(self, weight: Tensor, bias: Tensor | None) -> AbstractJet:
        return self.with_parts(functional.linear(self.value, weight, bias), functional.linear(self.rows, weight))

    def with_parts(self, value: Tensor, rows: Tensor) -> "AffineJet":
        """A jet of the same kind."""
        return AffineJet(value, rows, self.algebra, self.weights)

    @override
    def composed(self, tower: Tower) -> AbstractJet:
        places, rows = [], []
        for channel, powers in enumerate(self.algebra.compositions):
            if channel and channel in self.algebra.living:
                places.append((channel, 1))
                rows.append(self.rows[channel - 1])
            for power, terms in enumerate(powers):
                living = [t for t in terms if all(c in self.algebra.living for c in t.channels)]
                if living:
                    places.append((channel, power))
                    rows.append(reduce(torch.add, (self._term(channel, t) for t in living)))
        stacked = torch.stack(rows) if rows else self.rows[:0]
        composition = FusedAffineComposition if has_kernel(tower, self.value) else _AffineComposition
        channels = composition.apply(
            self.value, stacked.expand(-1, *self.value.shape[1:]), tower, tuple(places), self.algebra
        )
        return Jet(channels, self.algebra, self.weights)

    def _term(self, channel: int, term: Term) -> Tensor:
        factor: Any = term.coefficient
        if term.member is not None:
            factor = factor * self.weights[channel - len(self.algebra.channels)][term.member]
        product = self.rows[term.channels[0] - 1] * factor
        for other in term.channels[1:]:
            product = product * self.rows[other - 1]
        return product


def _is_row(constant: Tensor, value: Tensor) -> bool:
    """Whether a constant broadcasts along the points, so that it is the same at each of them."""
    return constant.dim() < value.dim() or constant.shape[0] == 1 != value.shape[0]


class _AffineComposition(torch.autograd.Function):
    """`h_c = Σ_r f⁽ʳ⁾(y) R_{c,r}` with rows R; `h_0 = f(y)`."""

    @staticmethod
    def forward(
        context: Any, value: Tensor, rows: Tensor, tower: Tower, places: tuple[Place, ...], algebra: Algebra
    ) -> Tensor:
        base = torch.stack([function(value) for function in tower.base]) if tower.base else value.new_empty(0)
        levels = tower.levels(value, tuple(base), algebra.order)
        context.save_for_backward(value, rows, base)
        context.rest = (tower, places, algebra)
        return _jet(levels, rows, places, algebra.size, value)

    @staticmethod
    def backward(context: Any, cotangent: Tensor) -> tuple[Tensor | None, Tensor | None, None, None, None]:
        value, rows, base = context.saved_tensors
        tower, places, algebra = context.rest
        if torch.is_grad_enabled():
            levels = tower(value, algebra.order + 1)
        else:
            levels = tower.levels(value, tuple(base), algebra.order + 1)
        return *affine_gradients(levels, rows, places, cotangent), None, None, None


def _jet(levels: list[Tensor], rows: Tensor, places: tuple[Place, ...], size: int, value: Tensor) -> Tensor:
    out = value.new_empty((size, *value.shape))
    out[0] = levels[0]
    written = {0}
    for (channel, power), row in zip(places, rows, strict=True):
        if channel in written:
            out[channel].addcmul_(levels[power], row)
        else:
            torch.mul(levels[power], row, out=out[channel])
            written.add(channel)
    for channel in set(range(size)) - written:
        out[channel].zero_()
    return out
