"""Slices of boxes: some coordinates fixed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from pinr.geometry.chart import Chart
from pinr.geometry.interval import Interval
from pinr.geometry.number import Number
from pinr.geometry.region import AbstractRegion, Face
from pinr.geometry.samples import Mask, Points, Samples

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
    """

    intervals: tuple[Interval, ...]
    fixed: Fixed
    name: str | None = None

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return tuple(interval.name for interval in self.intervals)

    @property
    @override
    def bounds(self) -> Mapping[str, tuple[float, float]]:
        values = dict(self.fixed)
        return {
            i.name: (values[i.name].value, values[i.name].value) if i.name in values else i.bounds
            for i in self.intervals
        }

    @cached_property
    @override
    def charts(self) -> tuple[Chart, ...]:
        return (affine_chart(self.intervals, self.fixed),)

    @override
    def encloses(self, points: Points) -> Mask:
        values = dict(self.fixed)
        inside = [
            i.is_at(values[i.name].value, points[i.name]) if i.name in values else i.contains(points[i.name])
            for i in self.intervals
        ]
        return np.logical_and.reduce(inside)

    @override
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        return box_faces(self.intervals, self.fixed, self.name, space)

    @override
    def pinned(self, values: Mapping[str, Number]) -> "Slice":
        return box_slice(self.intervals, {**dict(self.fixed), **values}, self.name)

    @override
    def record(self) -> dict[str, Any]:
        fixed = {name: value.record() for name, value in self.fixed}
        return {**box_record(self.intervals, self.name), "type": "Slice", "fixed": fixed}

    @override
    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value}" for name, value in self.fixed)
        return f"{box_text(self.intervals, self.name)}.at({values})"


def box_slice(intervals: tuple[Interval, ...], values: Mapping[str, Number], name: str | None) -> Slice:
    """The slice of a box at values by name; the order in which they were given does not matter."""
    return Slice(intervals, tuple((i.name, values[i.name]) for i in intervals if i.name in values), name)


def affine_chart(intervals: tuple[Interval, ...], fixed: Fixed = ()) -> Chart:
    """The affine map `x = low + (high − low) u` onto a box, with some coordinates constant."""
    values = {name: number.value for name, number in fixed}
    free = [interval for interval in intervals if interval.name not in values]
    column = {interval.name: index for index, interval in enumerate(free)}

    def place(unit: NDArray[np.float64]) -> Samples:
        return Samples(
            {
                i.name: np.full(len(unit), values[i.name])
                if i.name in values
                else i.low.value + i.length * unit[:, column[i.name]]
                for i in intervals
            }
        )

    return Chart(len(free), float(np.prod([interval.length for interval in free])), place)


def box_faces(
    intervals: tuple[Interval, ...], fixed: Fixed, name: str | None, space: frozenset[str]
) -> tuple[Face, ...]:
    """Two faces per free coordinate of `space`: `x-` at its lower and `x+` at its upper bound."""
    prefix = "" if name is None else f"{name}."
    values = dict(fixed)
    return tuple(
        Face(
            name=f"{prefix}{i.name}{side}",
            region=box_slice(intervals, {**values, i.name: bound}, name),
            normal=_constant_normal(i.name, outward),
        )
        for i in intervals
        if i.name in space and i.name not in values
        for side, bound, outward in (("-", i.low, -1.0), ("+", i.high, 1.0))
    )


def box_record(intervals: tuple[Interval, ...], name: str | None) -> dict[str, Any]:
    """A box as plain JSON."""
    pairs = [[interval.name, interval.low.record(), interval.high.record()] for interval in intervals]
    return {"type": "Box", "intervals": pairs, "name": name}


def box_text(intervals: tuple[Interval, ...], name: str | None) -> str:
    """A box as the user writes it."""
    arguments = [str(interval) for interval in intervals] + ([] if name is None else [f'name="{name}"'])
    return f"Box({', '.join(arguments)})"


def _constant_normal(name: str, outward: float) -> Callable[[Points], Points]:
    return lambda points: {name: np.full_like(points[name], outward)}
