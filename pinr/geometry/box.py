"""Boxes: intervals, rectangles, cuboids, in any dimension."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import numpy as np
import sympy
from sympy.logic.boolalg import Boolean
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.geometry.bounds import Bounds
from pinr.geometry.chart import Chart, affine_chart
from pinr.geometry.face import Face
from pinr.geometry.interval import Interval, interval_from
from pinr.geometry.number import Number, is_open
from pinr.geometry.parts import checked_name
from pinr.geometry.region import AbstractRegion
from pinr.geometry.samples import Mask, Points
from pinr.geometry.slice import Slice, box_condition, box_covers, box_faces, box_record, box_slice, box_text
from pinr.geometry.suggestion import did_you_mean


@final
@dataclass(frozen=True, init=False, repr=False)
class Box(AbstractRegion):
    """`{low_i ≤ x_i ≤ high_i}`: `Box(x=(0, pi), y=(-1, 1))`, with the faces `x-`, `x+`, `y-`, `y+`.

    Args:
        name: Prefixes the faces: those of a box named "notch" are `notch.x-`, `notch.x+`, …
        periodic: Coordinates that go around, `"x"` or `"x y"` or `("x", "y")`: nothing ends there, so that they have
            no faces.
        bounds: Coordinate name → `(low, high)`, Python or SymPy numbers; expressions of time and varying coordinates,
            where a product with a region that binds them follows.

    Raises:
        GeometryError: No coordinates, bounds that are no pair of finite real numbers, lower first, or a periodic
            coordinate that the box does not have.
    """

    intervals: tuple[Interval, ...]
    name: str | None
    wrapped: tuple[str, ...]

    def __init__(self, *, name: str | None = None, periodic: str | Sequence[str] = (), **bounds: Any) -> None:
        if not bounds:
            message = "`Box()` has no coordinates. Write for example `Box(x=(0, 1))`."
            raise GeometryError(message)
        object.__setattr__(self, "intervals", tuple(interval_from(n, pair) for n, pair in bounds.items()))
        object.__setattr__(self, "name", checked_name(name, "Box"))
        object.__setattr__(self, "wrapped", _periodic_names(periodic, tuple(bounds)))
        for interval in self.intervals:
            if interval.name in self.wrapped and is_open(interval.low, interval.high):
                message = f"`{self!r}`: the period along {interval.name} varies. Give its ends as numbers."
                raise GeometryError(message)

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return tuple(interval.name for interval in self.intervals)

    @property
    @override
    def periodic(self) -> tuple[str, ...]:
        return self.wrapped

    @property
    @override
    def bounds(self) -> Bounds:
        return {interval.name: interval.bounds for interval in self.intervals}

    @cached_property
    @override
    def charts(self) -> tuple[Chart, ...]:
        return (affine_chart(self.bounds),)

    @override
    def encloses(self, points: Points) -> Mask:
        return np.logical_and.reduce([i.contains(points[i.name]) for i in self.intervals])

    @override
    def surrounds(self, points: Points) -> Mask:
        return np.logical_and.reduce([i.surrounds(points[i.name]) for i in self.intervals])

    @override
    def covers(self, bounds: Bounds) -> bool | None:
        return box_covers(self.bounds, bounds)

    @override
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        return box_faces(self.intervals, (), self.name, space.difference(self.wrapped))

    def along(self, *names: str) -> "Box":
        """The box in these coordinates alone."""
        kept: dict[str, Any] = {i.name: (i.low, i.high) for i in self.intervals if i.name in names}
        return Box(name=self.name, periodic=[name for name in self.wrapped if name in kept], **kept)

    @override
    def pinned(self, values: Mapping[str, Number]) -> Slice:
        return box_slice(self.intervals, values, self.name, self.wrapped)

    @override
    def crosscut(self, values: Mapping[str, Number]) -> "Box | None":
        left = [name for name in self.names if name not in values]
        return self.along(*left) if left else None

    @override
    def membership(self, values: Mapping[str, sympy.Expr]) -> Boolean:
        return box_condition(self.intervals, (), values)

    @override
    def record(self) -> dict[str, Any]:
        return box_record(self.intervals, self.name, self.wrapped)

    @override
    def __repr__(self) -> str:
        return box_text(self.intervals, self.name, self.wrapped)


def _periodic_names(written: str | Sequence[str], names: tuple[str, ...]) -> tuple[str, ...]:
    chosen = written.replace(",", " ").split() if isinstance(written, str) else list(written)
    unknown = [name for name in chosen if name not in names]
    if unknown:
        message = (
            f"`Box(periodic={written!r})`: the box has no coordinate {unknown[0]!r}."
            f"{did_you_mean(str(unknown[0]), names)} It has {', '.join(names)}."
        )
        raise GeometryError(message)
    return tuple(name for name in names if name in chosen)
