"""Partitions of one on the cells of a grid: how much every corner of a cell counts at a point within it."""

from collections.abc import Collection
from math import comb, perm, prod
from typing import Literal

import torch
from torch import Tensor

from pinr.derivatives.request import MultiIndex, below

Blend = Literal["trilinear", "smooth"]
"""`trilinear` is continuous; `smooth` has two continuous derivatives."""

# How much the end of a cell counts, by powers of the distance s from its beginning; the beginning counts the rest. The
# second is 10 s³ − 15 s⁴ + 6 s⁵ (Perlin, Improving noise, SIGGRAPH 2002): from 0 to 1 with two derivatives of 0.
STEPS: dict[Blend, tuple[float, ...]] = {"trilinear": (0, 1), "smooth": (0, 0, 0, 10, -15, 6)}


def corner_weights(fractions: Tensor, orders: MultiIndex, blend: Blend) -> Tensor:
    """What the corners of cells count at points, `(2ᵈ, N)`, or a derivative of it by the distances.

    Corners are numbered with the last axis fastest. Beyond the ends of an axis the corner that is nearest counts alone.

    Args:
        fractions: Distances from the first corner by axis, in cells, `(N, d)`.
        orders: Of the derivative, by axis.
        blend: The partition.
    """
    weights = fractions.new_ones(1, len(fractions))
    for fraction, order in zip(fractions.unbind(1), orders, strict=True):
        weights = (weights[:, None] * _ends(fraction, order, blend)).flatten(0, 1)
    return weights


def _ends(fraction: Tensor, order: int, blend: Blend) -> Tensor:
    """Of the beginning and the end of a cell along one axis, `(2, N)`."""
    inside = fraction.clamp(0, 1)
    step = torch.zeros_like(fraction)
    for power in range(len(STEPS[blend]) - 1, order - 1, -1):  # by Horner's rule
        step = step * inside + perm(power, order) * STEPS[blend][power]
    if order == 0:
        return torch.stack([1 - step, step])
    step = torch.where(fraction == inside, step, 0.0)
    return torch.stack([-step, step])


def blended(
    parts: dict[MultiIndex, Tensor], fractions: Tensor, indices: Collection[MultiIndex], blend: Blend
) -> dict[MultiIndex, Tensor]:
    """Derivatives of `Σ_c w_c f_c`, `(N, fields)` by multi-index, by Leibniz' rule.

    Args:
        parts: Derivatives of the functions of the corners, `(2ᵈ, N, fields)`, for every multi-index and all below.
        fractions: As in `corner_weights`, and derivatives of both are by these.
        indices: Which are wanted.
        blend: The partition.
    """
    weights: dict[MultiIndex, Tensor] = {}
    found = {}
    for index in indices:
        total: Tensor | float = 0.0
        for part in below(index):
            rest = tuple(a - b for a, b in zip(index, part, strict=True))
            if max(rest, default=0) >= len(STEPS[blend]):
                continue  # beyond the degree of the weights
            if rest not in weights:
                weights[rest] = corner_weights(fractions, rest, blend)
            times = prod(comb(a, b) for a, b in zip(index, part, strict=True))
            total = total + times * (weights[rest][..., None] * parts[part]).sum(dim=0)
        found[index] = torch.as_tensor(total)
    return found
