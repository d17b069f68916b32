"""Splines through values at the nodes of a grid: any derivative at any places, as small matrices for every axis."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.interpolate import BSpline, NdBSpline, make_interp_spline
from torch import Tensor

from pinr.derivatives.request import MultiIndex

Array = NDArray[np.float64]
DEGREE = 5  # four continuous derivatives, and second ones of the fourth order
LEAST_NODES = 4  # along axes without a period, for second derivatives
LEAST = 1e-16  # smaller weights of far nodes are left out: in single precision they would be denormal, and slow


@final
@dataclass(frozen=True)
class Axis:
    """One axis of the nodes of a spline.

    Attributes:
        count: Number of nodes.
        spacing: Their distance, in the coordinate's own units.
        is_periodic: Whether the node after the last is the first.
        walls: How many nodes before the first and after the last one values are known as well; None without.
    """

    count: int
    spacing: float
    is_periodic: bool = False
    walls: tuple[float, float] | None = None

    @property
    def known(self) -> Array:
        """Where values are known, in nodes: at the nodes, and at walls."""
        nodes = np.arange(self.count, dtype=np.float64)
        if self.walls is None:
            return nodes
        below, above = self.walls
        return np.concatenate([[-below], nodes, [self.count - 1 + above]])

    @property
    def without_walls(self) -> "Axis":
        """The nodes alone."""
        return Axis(self.count, self.spacing, self.is_periodic)

    def matrix(self, places: Array, order: int = 0) -> Array:
        """What turns values where they are known into derivatives at places in nodes, `(places, known)`."""
        basis = through_units(self)
        matrix: Array = basis(np.mod(places, self.count) if self.is_periodic else places, nu=order)
        matrix[np.abs(matrix) < LEAST] = 0.0
        return matrix * self.spacing**-order


@cache
def through_units(axis: Axis) -> BSpline:
    """The splines that are 1 at one place and 0 at the others, side by side: the columns of every matrix.

    Their degree is `DEGREE`, or what so few values allow; without a period the ends are "not a knot", so that
    polynomials of this degree are met exactly.
    """
    known = axis.known
    degree = min(DEGREE, (len(known) - 2) // 2 * 2 + 1)  # odd
    if not axis.is_periodic:
        return make_interp_spline(known, np.eye(len(known)), k=degree)
    closed = np.concatenate([known, [axis.count]])
    units = np.eye(len(known))[np.arange(len(closed)) % len(known)]
    return make_interp_spline(closed, units, k=degree, bc_type="periodic")


def with_walls(values: Tensor, axes: Sequence[Axis], ends: Sequence[Tensor | None]) -> Tensor:
    """Values at the nodes `(batch, fields, *counts)` with those at walls before and after them.

    Args:
        values: At the nodes.
        axes: The nodes.
        ends: For each axis that has walls the known values, `(fields, 2)`; a field that is not known there, NaN, goes
            on as the spline through its nodes. None is NaN for all.
    """
    first = values.dim() - len(axes)
    for number, (axis, known) in enumerate(zip(axes, ends, strict=True), start=first):
        if axis.walls is None:
            continue
        if known is None:
            known = torch.full((values.shape[1], 2), torch.nan)
        places = axis.known[[0, -1]]
        going_on = along(values, number, axis.without_walls.matrix(places))
        known = known.to(values).reshape(1, -1, *(1,) * (number - 2), 2, *(1,) * (values.dim() - number - 1))
        below, above = torch.where(torch.isnan(known), going_on, known).split(1, dim=number)
        values = torch.cat([below, values, above], dim=number)
    return values


def on_lattice(
    values: Tensor, axes: Sequence[Axis], places: Sequence[Array], indices: Collection[MultiIndex]
) -> dict[MultiIndex, Tensor]:
    """Derivatives of the spline at all combinations of places by axis, `(batch, fields, *places)` by multi-index.

    Every order of every axis is one multiplication with a small matrix, and derivatives share what they have in common.

    Args:
        values: Where they are known, `(batch, fields, *known)`, see `with_walls`.
        axes: The nodes.
        places: For each axis, in nodes.
        indices: Orders by axis, in the order of the axes.
    """
    first = values.dim() - len(axes)

    @cache
    def contracted(orders: MultiIndex) -> Tensor:
        """Derivatives of these orders along the first axes, the others still as they are."""
        if not orders:
            return values
        number = len(orders) - 1
        axis, own, known = axes[number], places[number], contracted(orders[:-1])
        if orders[-1] == 0 and len(own) and np.array_equal(own, own[0] // 1 + np.arange(len(own))):  # nodes in a row
            return known.narrow(first + number, int(own[0]) + (axis.walls is not None), len(own))
        return along(known, first + number, axis.matrix(own, orders[-1]))

    return {index: contracted(tuple(index)) for index in indices}


def along(values: Tensor, number: int, matrix: Array) -> Tensor:
    """A matrix times the values along one of their axes."""
    own = torch.from_numpy(matrix).to(values)
    if number == values.dim() - 1:
        return values @ own.t()
    shape = values.shape
    result = own @ values.reshape(*shape[: number + 1], -1)  # matrices of (axis, all that follows)
    return result.reshape(*shape[:number], len(matrix), *shape[number + 1 :])


def at_points(values: Array, axes: Sequence[Axis], places: Array, index: MultiIndex) -> Array:
    """A derivative of the spline at single points, `(N, fields)`.

    Args:
        values: Where they are known, `(fields, *known)`.
        axes: The nodes.
        places: The points in nodes, `(N, axes)`.
        index: Orders by axis.
    """
    coefficients, knots, degrees = np.moveaxis(values, 0, -1), [], []
    for number, axis in enumerate(axes):
        basis = through_units(axis)
        coefficients = np.moveaxis(np.tensordot(basis.c, coefficients, axes=(1, number)), 0, number)
        knots.append(basis.t)
        degrees.append(basis.k)
    inside = [np.mod(places[:, k], a.count) if a.is_periodic else places[:, k] for k, a in enumerate(axes)]
    spline: Any = NdBSpline(tuple(knots), np.ascontiguousarray(coefficients), tuple(degrees))
    found: Array = spline(np.stack(inside, axis=1), nu=tuple(index))
    return found * float(np.prod([a.spacing**-order for a, order in zip(axes, index, strict=True)]))
