"""Compositions of jets by ordinary torch operations: slower, and differentiable as often as one likes."""

from collections.abc import Sequence

import torch
from torch import Tensor

from pinr.derivatives.algebra import Algebra, Term, Weights
from pinr.derivatives.towers import Tower


def compose_differentiably(
    tower: Tower, channels: Tensor, algebra: Algebra, weights: Weights, *, shift: int = 0
) -> Tensor:
    """The jet of f⁽ˢʰⁱᶠᵗ⁾∘y by ordinary operations, for gradients of any order, the weights' included."""
    weights = restricted(weights, slice(None), channels.dim() - 1)
    derivatives = tower(channels[0], algebra.order + shift)[shift:]
    out = [derivatives[0]]
    for channel, powers in enumerate(algebra.compositions):
        if channel == 0:
            continue
        local = member_weights(channel, algebra, weights)
        total = channels[channel] * derivatives[1]
        for power, terms in enumerate(powers):
            for term in terms:
                total = total + derivatives[power] * _term(term, channels, local)
        out.append(total)
    return torch.stack(out)


def _term(term: Term, y: Tensor, weights: tuple[float | Tensor, ...]) -> Tensor:
    factor: float | Tensor = term.coefficient
    if term.member is not None:
        factor = factor * weights[term.member]
    result = y[term.channels[0]]
    for channel in term.channels[1:]:
        result = result * y[channel]
    return result * factor


def transposed_product(slope: Tensor, cotangent: Tensor, algebra: Algebra, weights: Weights) -> Tensor:
    """`ȳ_b = Σ_{c = a + b} C(c, b) F_a h̄_c` by ordinary operations: the cotangent of y from all channels' of `f∘y`."""
    weights = restricted(weights, slice(None), slope.dim() - 1)
    sums = list((cotangent * slope[0]).unbind(0))
    for channel, terms in enumerate(algebra.products):
        local = member_weights(channel, algebra, weights)
        for term in terms:
            a, b = term.channels
            if a:
                factor = term.coefficient * (1.0 if term.member is None else local[term.member])
                sums[b] = sums[b] + factor * cotangent[channel] * slope[a]
    return torch.stack(sums)


def restricted(weights: Weights, part: slice, rank: int) -> Weights:
    """Weights of these points, shaped to multiply `(N, …)` tensors of that rank."""
    return tuple(
        tuple(w if not isinstance(w, Tensor) or w.dim() == 0 else w[part].reshape(-1, *[1] * (rank - 1)) for w in group)
        for group in weights
    )


def member_weights(channel: int, algebra: Algebra, weights: Weights) -> tuple[float | Tensor, ...]:
    """The weights of a group's members, if the channel is a group."""
    plain = len(algebra.channels)
    return weights[channel - plain] if channel >= plain else ()


def rows_of(channels: Tensor, wanted: Sequence[int]) -> Tensor:
    """Some of the channels. Indexing with a list would copy it to the device, which a CUDA graph cannot."""
    rows = channels.unbind(0)
    return torch.stack([rows[channel] for channel in wanted])


def composition_gradient(
    tower: Tower, channels: Tensor, cotangent: Tensor, algebra: Algebra, weights: Weights, wanted: Sequence[int]
) -> Tensor:
    """The cotangent of y from that of the wanted channels of `f∘y`."""
    slope = compose_differentiably(tower, channels, algebra, weights, shift=1)
    every = torch.zeros_like(channels).index_copy(0, torch.tensor(wanted, device=channels.device), cotangent)
    return transposed_product(slope, every, algebra, weights)


def affine_gradients(
    levels: Sequence[Tensor], rows: Tensor, places: Sequence[tuple[int, int]], cotangent: Tensor
) -> tuple[Tensor, Tensor | None]:
    """The cotangents of y and R from that of `h_c = Σ_r f⁽ʳ⁾(y) R_{c,r}`, `h_0 = f(y)`, by places `(c, r)`."""
    for_value = cotangent[0] * levels[1]
    for_rows = []
    for (channel, power), row in zip(places, rows, strict=True):
        for_value = torch.addcmul(for_value, cotangent[channel] * row, levels[power + 1])
        for_rows.append((cotangent[channel] * levels[power]).sum(0))
    return for_value, torch.stack(for_rows) if for_rows else None
