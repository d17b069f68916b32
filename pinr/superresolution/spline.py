"""Cubic B-splines on grids of coefficients: values and derivatives on shifted lattices and at any point."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import final

import torch
from torch import Tensor

from pinr.derivatives.request import MultiIndex

PAD = 2  # coefficients beyond each end, so that a spline reaches from one node before the first to one after the last
TAPS = 4

# The four pieces of the cubic B-spline by powers of the distance f from the node before, each divided by 6.
PIECES = ((1, -3, 3, -1), (4, 0, -6, 3), (1, 3, 3, -3), (0, 0, 0, 1))
# Coefficients beyond an end: the fourth difference is zero there, as if no node were a knot.
BEYOND = (4.0, -6.0, 4.0, -1.0)


def taps(fraction: Tensor, order: int) -> Tensor:
    """What the four coefficients around points count, `(…, 4)`: those of the nodes −1, 0, 1 and 2 from the one before.

    Args:
        fraction: Distance from the node before, in nodes, 0 to 1.
        order: Of the derivative by the distance, 0 to 3; the second is continuous, the third is not.
    """
    powers = [_falling(power, order) * fraction ** max(power - order, 0) for power in range(TAPS)]
    matrix = torch.tensor(PIECES, dtype=fraction.dtype, device=fraction.device) / 6
    return torch.stack(powers, dim=-1) @ matrix.t()


def _falling(power: int, order: int) -> float:
    """`power (power − 1) …`, with so many factors as the order."""
    product = 1.0
    for k in range(order):
        product *= power - k
    return product


@final
@dataclass(frozen=True)
class Axis:
    """One axis of the nodes of a spline.

    Attributes:
        count: Number of nodes.
        spacing: Their distance, in the coordinate's own units.
        is_periodic: Whether the node after the last is the first.
    """

    count: int
    spacing: float
    is_periodic: bool = False


def padded(coefficients: Tensor, axes: Sequence[Axis]) -> Tensor:
    """The coefficients `(batch, fields, *counts)` with two more at each end: around, or continued."""
    first = coefficients.dim() - len(axes)
    for number, axis in enumerate(axes, start=first):
        count = coefficients.shape[number]
        if axis.is_periodic:
            low, high = coefficients.narrow(number, count - PAD, PAD), coefficients.narrow(number, 0, PAD)
        else:
            low = _beyond(coefficients.narrow(number, 0, TAPS).flip(number), number).flip(number)
            high = _beyond(coefficients.narrow(number, count - TAPS, TAPS), number)
        coefficients = torch.cat([low, coefficients, high], dim=number)
    return coefficients


def _beyond(last: Tensor, axis: int) -> Tensor:
    """The two values that come after four, along an axis."""
    values = list(last.unbind(axis))
    for _ in range(PAD):
        values.append(torch.stack([c * values[-1 - k] for k, c in enumerate(BEYOND)]).sum(dim=0))
    return torch.stack(values[TAPS:], dim=axis)


@final
@dataclass(frozen=True)
class Lattice:
    """Points at even distances along every axis, in nodes of the spline.

    Attributes:
        starts: The first point by axis, at least −1: node 0 is at 0.
        steps: Nodes from one point to the next by axis.
        counts: How many points there are by axis.
    """

    starts: tuple[float, ...]
    steps: tuple[int, ...]
    counts: tuple[int, ...]


def on_lattice(
    coefficients: Tensor, axes: Sequence[Axis], lattice: Lattice, indices: Collection[MultiIndex]
) -> dict[MultiIndex, Tensor]:
    """Derivatives of the spline on a lattice, `(batch, fields, *lattice.counts)` by multi-index.

    All points have the same distances from their nodes, so that every axis takes four multiplications for each of them,
    and derivatives share what they have in common.

    Args:
        coefficients: As `padded` gives them.
        axes: The nodes.
        lattice: The points.
        indices: Orders by axis, in the order of the axes.
    """
    first = coefficients.dim() - len(axes)

    @cache
    def along(orders: MultiIndex) -> Tensor:
        """Derivatives of these orders along the first axes, the others still as they are."""
        if not orders:
            return coefficients
        number = len(orders) - 1
        values, start, step = along(orders[:-1]), lattice.starts[number], lattice.steps[number]
        node = int(start // 1)
        weights = taps(torch.tensor(start - node, dtype=torch.float64), orders[-1]).tolist()
        length = (lattice.counts[number] - 1) * step + 1
        scale = axes[number].spacing ** -orders[-1]
        total: Tensor | float = 0.0
        for k, weight in enumerate(weights):
            if weight:
                piece = values.narrow(first + number, node + PAD - 1 + k, length)
                total = total + weight * scale * _every(piece, first + number, step)
        return torch.as_tensor(total)

    return {index: along(tuple(index)) for index in indices}


def _every(values: Tensor, axis: int, step: int) -> Tensor:
    return values if step == 1 else values[(slice(None),) * axis + (slice(None, None, step),)]


def at_points(
    coefficients: Tensor, axes: Sequence[Axis], places: Tensor, indices: Collection[MultiIndex]
) -> dict[MultiIndex, Tensor]:
    """Derivatives of a spline at any points, `(N, fields)` by multi-index.

    Args:
        coefficients: Of one spline, `(fields, *counts)`, as `padded` gives them.
        axes: The nodes.
        places: The points in nodes, `(N, axes)`, from −1 to the number of nodes.
        indices: Orders by axis.
    """
    nodes = torch.stack([places[:, k].floor().clamp(-1, axis.count - 1) for k, axis in enumerate(axes)], dim=1)
    fractions = places - nodes
    flat = torch.zeros((), dtype=torch.long, device=places.device)
    for k, length in enumerate(coefficients.shape[1:]):
        own = nodes[:, k].long()[:, None] + (PAD - 1) + torch.arange(TAPS, device=places.device)
        shape = (len(places), *(1,) * k, TAPS)
        flat = flat[..., None] * length + own.reshape(shape) if k else own
    near = coefficients.flatten(1)[:, flat.reshape(-1)].reshape(coefficients.shape[0], *flat.shape)

    @cache
    def along(orders: MultiIndex) -> Tensor:
        """`(fields, N, 4, …)`, from the last axis on contracted."""
        if not orders:
            return near
        k = len(axes) - len(orders)
        weights = taps(fractions[:, k], orders[0]) * axes[k].spacing ** -orders[0]
        values = along(orders[1:])
        return (values * weights.reshape(len(places), *(1,) * k, TAPS)).sum(dim=-1)

    return {index: along(tuple(index)).t() for index in indices}


def interpolating(values: Tensor, axes: Sequence[Axis]) -> Tensor:
    """The coefficients of the spline that has these values `(…, *counts)` at its nodes, not padded."""
    first = values.dim() - len(axes)
    for number, axis in enumerate(axes, start=first):
        inverse = torch.linalg.inv(_collocation(axis)).to(values)
        values = torch.movedim(torch.movedim(values, number, -1) @ inverse.t(), -1, number)
    return values


def _collocation(axis: Axis) -> Tensor:
    """Values at the nodes by coefficients."""
    unit = padded(torch.eye(axis.count, dtype=torch.float64), (axis,))
    weights = taps(torch.zeros((), dtype=torch.float64), 0)
    return torch.stack([unit[:, i + 1 : i + TAPS] @ weights[:-1] for i in range(axis.count)])
