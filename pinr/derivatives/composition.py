"""An elementwise function of a jet, with a hand-written derivative.

Forward, `h_c = f'(y) y_c + Σ_{r≥2} f⁽ʳ⁾(y) P_{c,r}` with the polynomials P of the algebra. Backward, since
`dh = f'(y)·dy` is a product in the same algebra, the cotangent is that product transposed:
`ȳ_b = Σ_{c = a + b} C(c, b) F_a h̄_c`, with F the jet of f'. So one table serves both, at every order.

Only the pre-activation jet and the expensive functions of its value are saved. The points are worked off in
blocks that stay in the cache. On CUDA the same is done by fused kernels, where there are some.
"""

from collections.abc import Sequence
from functools import reduce
from typing import Any

import torch
from torch import Tensor

from pinr.derivatives.algebra import Algebra, Term, Weights
from pinr.derivatives.differentiable import (
    compose_differentiably,
    composition_gradient,
    member_weights,
    restricted,
    rows_of,
)
from pinr.derivatives.fused.composition import FusedComposition
from pinr.derivatives.fused.library import has_kernel
from pinr.derivatives.towers import Tower

BLOCK_BYTES = 1 << 19  # one channel of a block; smaller ones fit a cache better and cost more calls (measured)


def compose(
    tower: Tower,
    channels: Tensor,
    algebra: Algebra,
    weights: Weights,
    wanted: Sequence[int] | None = None,
) -> Tensor:
    """Channels of the jet of `f∘y` from the jet of y: all of them, or those wanted; `(channels, N, …)`."""
    wanted = tuple(range(algebra.size)) if wanted is None else tuple(wanted)
    if algebra.size == 1:
        return tower(channels[0], 0)[0][None]
    if any(isinstance(w, Tensor) and w.requires_grad for group in weights for w in group):
        return rows_of(compose_differentiably(tower, channels, algebra, weights), wanted)
    if has_kernel(tower, channels):
        return FusedComposition.apply(channels, tower, algebra, weights, wanted)
    return _Composition.apply(channels, tower, algebra, weights, wanted)


class _Composition(torch.autograd.Function):
    @staticmethod
    def forward(
        context: Any, channels: Tensor, tower: Tower, algebra: Algebra, weights: Weights, wanted: tuple[int, ...]
    ) -> Tensor:
        base = channels.new_empty((len(tower.base), *channels.shape[1:]))
        out = channels.new_empty((len(wanted), *channels.shape[1:]))
        for part in _blocks(channels):
            y = channels[:, part]
            local = restricted(weights, part, y.dim() - 1)
            for number, function in enumerate(tower.base):
                function(y[0], out=base[number, part])
            levels = tower.levels(y[0], tuple(base[:, part]), algebra.order)
            _write_jet(out[:, part], levels, y, _polynomials(y, algebra, local, wanted), wanted)
        context.save_for_backward(channels, base)
        context.rest = (tower, algebra, weights, wanted)
        return out

    @staticmethod
    def backward(context: Any, cotangent: Tensor) -> tuple[Tensor | None, None, None, None, None]:
        channels, base = context.saved_tensors
        tower, algebra, weights, wanted = context.rest
        if torch.is_grad_enabled():  # somebody wants the gradient of this gradient
            gradient = composition_gradient(tower, channels, cotangent, algebra, weights, wanted)
            return gradient, None, None, None, None
        every_channel = tuple(range(algebra.size))
        out = torch.empty_like(channels, memory_format=torch.contiguous_format)
        slope = torch.empty_like(channels[:, _blocks(channels)[0]], memory_format=torch.contiguous_format)
        for part in _blocks(channels):
            y = channels[:, part]
            local = restricted(weights, part, y.dim() - 1)
            levels = tower.levels(y[0], tuple(base[:, part]), algebra.order + 1)[1:]
            here = slope[:, : y.shape[1]]
            polynomials = _polynomials(y, algebra, local, every_channel)
            _write_jet(here, levels, y, polynomials, every_channel[1:])
            factors = [levels[0], *here.unbind(0)[:-1]]
            _write_transposed_product(out[:, part], factors, cotangent[:, part], algebra, local, wanted)
        return out, None, None, None, None


def _blocks(channels: Tensor) -> list[slice]:
    count = channels.shape[1]
    row = channels[0, :1].numel() * channels.element_size()
    size = max(64, BLOCK_BYTES // max(row, 1)) if channels.device.type == "cpu" else count
    return [slice(start, start + size) for start in range(0, max(count, 1), size)]


def _polynomials(y: Tensor, algebra: Algebra, weights: Weights, wanted: Sequence[int]) -> dict[tuple[int, int], Tensor]:
    """P_{c,r} for the wanted channels c and powers r ≥ 2 for which it is not zero."""
    found = {}
    rows = y.unbind(0)
    for channel in wanted:
        local = member_weights(channel, algebra, weights)
        for power, terms in enumerate(algebra.compositions[channel]):
            if terms:
                found[channel, power] = _sum_of_terms(terms, rows, local)
    return found


def _sum_of_terms(terms: tuple[Term, ...], y: Sequence[Tensor], weights: tuple[float | Tensor, ...]) -> Tensor:
    total: Tensor | None = None
    for term in terms:
        factor: float | Tensor = term.coefficient
        if term.member is not None:
            factor = factor * weights[term.member]
        first, second, *others = (y[c] for c in term.channels)
        for other in others:
            first = first * other
        if isinstance(factor, Tensor):
            first, factor = first * factor, 1.0
        if total is None:
            total = first * second
            if factor != 1.0:
                total.mul_(factor)
        else:
            total.addcmul_(first, second, value=factor)
    assert total is not None
    return total


def _write_jet(
    out: Tensor,
    levels: list[Tensor],
    y: Tensor,
    polynomials: dict[tuple[int, int], Tensor],
    wanted: tuple[int, ...],
) -> None:
    """The wanted channels of a composition, in the first rows of `out`."""
    first, last = wanted[0] or 1, wanted[-1]
    if last - first + 1 == len(wanted) - (wanted[0] == 0) and last >= first:  # without gaps: one call for all
        start = int(wanted[0] == 0)
        torch.mul(y[first : last + 1], levels[1], out=out[start : len(wanted)])
    else:
        for row, channel in enumerate(wanted):
            if channel:
                torch.mul(y[channel], levels[1], out=out[row])
    if wanted[0] == 0:
        out[0].copy_(levels[0])
    for (channel, power), polynomial in polynomials.items():
        if channel in wanted:
            out[wanted.index(channel)].addcmul_(polynomial, levels[power])


def _write_transposed_product(
    out: Tensor,
    slope: Sequence[Tensor],
    cotangent: Tensor,
    algebra: Algebra,
    weights: Weights,
    wanted: tuple[int, ...],
) -> None:
    out_rows, cotangent_rows = out.unbind(0), cotangent.unbind(0)
    written = set(wanted)
    if wanted == tuple(range(len(out_rows))):
        torch.mul(cotangent, slope[0], out=out)
    else:
        for row, channel in enumerate(wanted):
            torch.mul(cotangent_rows[row], slope[0], out=out_rows[channel])
    for row, channel in enumerate(wanted):
        local = member_weights(channel, algebra, weights)
        for term in algebra.products[channel]:
            a, b = term.channels
            if a == 0:
                continue  # the product with the value of the slope, done above for all channels
            factor: float | Tensor = term.coefficient
            if term.member is not None:
                factor = factor * local[term.member]
            g = cotangent_rows[row]
            if isinstance(factor, Tensor):
                g, factor = g * factor, 1.0
            if b in written:
                out_rows[b].addcmul_(g, slope[a], value=factor)
            else:
                torch.mul(g, slope[a], out=out_rows[b])
                written.add(b)
                if factor != 1.0:
                    out_rows[b].mul_(factor)
    for channel in set(range(len(out_rows))) - written:
        out_rows[channel].zero_()


def multiply(first: Tensor, second: Tensor, algebra: Algebra, weights: Weights) -> Tensor:
    """The product of two jets by Leibniz' rule."""
    rank = max(first.dim(), second.dim()) - 1
    weights = restricted(weights, slice(None), rank)
    out = []
    for channel, terms in enumerate(algebra.products):
        local = member_weights(channel, algebra, weights)
        parts = []
        for term in terms:
            a, b = term.channels
            factor = term.coefficient * (1.0 if term.member is None else local[term.member])
            product = first[a] * second[b]
            parts.append(product if isinstance(factor, float) and factor == 1.0 else factor * product)
        out.append(reduce(torch.add, parts))
    return torch.stack(out)
