"""Slices of boxes: some coordinates fixed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import numpy as np
import sympy
from sympy.logic.boolalg import Boolean
from typing_extensions import override

from pinr.geometry.bounds import Bounds, are_apart
from pinr.geometry.chart import Chart, affine_chart
from pinr.geometry.face import Face, constant_normal
from pinr.geometry.interval import Interval
from pinr.geometry.number import Number
from pinr.geometry.region import AbstractRegion
from pinr.geometry.samples import Mask, Points

Fixed = tuple[tuple[str, Number], ...]


@final
@dataclass(frozen=True, repr=False)
class Slice(AbstractRegion):
    """A box in which some coordinates are fixed, `Box(x=(0, 1), y=(0, 1)).at(y=0)`.

    The fixed ones stay among the names, and the samples hold them as constants.

    Args:
        intervals: Those of the box, in declared order.
        fixed: Names and values of the fixed coordinates, in the same order.
        name: That of the box.
        wrapped: The periodic coordinates of the box.
    """

    intervals: tuple[Interval, ...]
    fixed: Fixed
    name: str | None = None
    wrapped: tuple[str, ...] = ()

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return tuple(interval.name for interval in self.intervals)

    @property
    @override
    def bounds(self) -> Bounds:
        values = dict(self.fixed)
        return {
            i.name: (values[i.name].value, values[i.name].value) if i.name in values else i.bounds
            for i in self.intervals
        }

    @cached_property
    @override
    def charts(self) -> tuple[Chart, ...]:
        return (affine_chart(self.bounds),)

    @override
    def encloses(self, points: Points) -> Mask:
        values = dict(self.fixed)
        inside = [
            i.is_at(values[i.name].value, points[i.name]) if i.name in values else i.contains(points[i.name])
            for i in self.intervals
        ]
        return np.logical_and.reduce(inside)

    @override
    def surrounds(self, points: Points) -> Mask:
        values = dict(self.fixed)
        inside = [
            i.is_at(values[i.name].value, points[i.name]) if i.name in values else i.surrounds(points[i.name])
            for i in self.intervals
        ]
        return np.logical_and.reduce(inside)

    @override
    def covers(self, bounds: Bounds) -> bool | None:
        return box_covers(self.bounds, bounds, fixed=[name for name, _ in self.fixed])

    @override
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        return box_faces(self.intervals, self.fixed, self.name, space.difference(self.wrapped))

    @override
    def pinned(self, values: Mapping[str, Number]) -> "Slice":
        return box_slice(self.intervals, {**dict(self.fixed), **values}, self.name, self.wrapped)

    @property
    @override
    def periodic(self) -> tuple[str, ...]:
        values = dict(self.fixed)
        return tuple(name for name in self.wrapped if name not in values)

    @override
    def membership(self, values: Mapping[str, sympy.Expr]) -> Boolean:
        return box_condition(self.intervals, self.fixed, values)

    @override
    def record(self) -> dict[str, Any]:
        fixed = {name: value.record() for name, value in self.fixed}
        return {**box_record(self.intervals, self.name, self.wrapped), "type": "Slice", "fixed": fixed}

    @override
    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value}" for name, value in self.fixed)
        return f"{box_text(self.intervals, self.name, self.wrapped)}.at({values})"


def box_slice(
    intervals: tuple[Interval, ...],
    values: Mapping[str, Number],
    name: str | None = None,
    wrapped: tuple[str, ...] = (),
) -> Slice:
    """The slice of a box at values by name; the order in which they were given does not matter."""
    return Slice(intervals, tuple((i.name, values[i.name]) for i in intervals if i.name in values), name, wrapped)


def box_covers(own: Bounds, other: Bounds, fixed: Sequence[str] = ()) -> bool | None:
    """Whether a box lies in another: True inside, False apart, None neither; fixed coordinates need only meet."""
    if are_apart(own, other):
        return False
    inside = (own[n][0] <= other[n][0] and other[n][1] <= own[n][1] for n in own if n not in fixed)
    return True if all(inside) else None


def box_faces(
    intervals: tuple[Interval, ...], fixed: Fixed, name: str | None, space: frozenset[str]
) -> tuple[Face, ...]:
    """Two faces per coordinate: `x-` at its lower and `x+` at its upper bound, as far as it is free and in `space`."""
    prefix = "" if name is None else f"{name}."
    values = dict(fixed)
    return tuple(
        _flat_face(f"{prefix}{i.name}{side}", box_slice(intervals, {**values, i.name: bound}), {i.name: outward})
        for i in intervals
        if i.name in space and i.name not in values
        for side, bound, outward in (("-", i.low, -1.0), ("+", i.high, 1.0))
    )


def box_record(intervals: tuple[Interval, ...], name: str | None, periodic: tuple[str, ...]) -> dict[str, Any]:
    """A box as plain JSON."""
    pairs = [[interval.name, interval.low.record(), interval.high.record()] for interval in intervals]
    return {"type": "Box", "intervals": pairs, "name": name, "periodic": list(periodic)}


def box_text(intervals: tuple[Interval, ...], name: str | None, periodic: tuple[str, ...]) -> str:
    """A box as the user writes it."""
    arguments = [str(interval) for interval in intervals]
    if periodic:
        arguments.append(f'periodic="{" ".join(periodic)}"')
    if name is not None:
        arguments.append(f'name="{name}"')
    return f"Box({', '.join(arguments)})"


def box_condition(intervals: tuple[Interval, ...], fixed: Fixed, values: Mapping[str, sympy.Expr]) -> Boolean:
    """`low ≤ x ≤ high` for every free coordinate, `x = value` for every fixed one."""
    constants = dict(fixed)
    conditions: list[Boolean] = []
    for i in intervals:
        value = values[i.name]
        if i.name in constants:
            conditions.append(sympy.Eq(value, constants[i.name].symbol))
        else:
            conditions += [value >= i.low.symbol, value <= i.high.symbol]
    return sympy.And(*conditions)


def _flat_face(name: str, region: Slice, outward: Mapping[str, float]) -> Face:
    return Face(name, region.bounds, region.charts, region.encloses, constant_normal(outward))
