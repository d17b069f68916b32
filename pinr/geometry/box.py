"""Boxes: intervals, rectangles, cuboids, in any dimension."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import numpy as np
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.geometry.chart import Chart
from pinr.geometry.interval import Interval, interval_from
from pinr.geometry.number import Number
from pinr.geometry.region import AbstractRegion, Face
from pinr.geometry.samples import Mask, Points
from pinr.geometry.slice import Slice, affine_chart, box_faces, box_record, box_slice, box_text


@final
@dataclass(frozen=True, init=False, repr=False)
class Box(AbstractRegion):
    """`{low_i ≤ x_i ≤ high_i}`: `Box(x=(0, pi), y=(-1, 1))`, with the faces `x-`, `x+`, `y-`, `y+`.

    Args:
        name: Prefixes the faces: those of a box named "notch" are `notch.x-`, `notch.x+`, …
        bounds: Coordinate name → `(low, high)`, Python or SymPy numbers.

    Raises:
        GeometryError: No coordinates, or bounds that are no pair of finite real numbers, lower first.
    """

    intervals: tuple[Interval, ...]
    name: str | None

    def __init__(self, *, name: str | None = None, **bounds: Any) -> None:
        if not bounds:
            message = "`Box()` has no coordinates. Write for example `Box(x=(0, 1))`."
            raise GeometryError(message)
        if name is not None and not (isinstance(name, str) and name.isidentifier()):
            message = f"`Box(name={name!r})`: a name consists of letters, digits and underscores."
            raise GeometryError(message)
        object.__setattr__(self, "intervals", tuple(interval_from(n, pair) for n, pair in bounds.items()))
        object.__setattr__(self, "name", name)

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return tuple(interval.name for interval in self.intervals)

    @property
    @override
    def bounds(self) -> Mapping[str, tuple[float, float]]:
        return {interval.name: interval.bounds for interval in self.intervals}

    @cached_property
    @override
    def charts(self) -> tuple[Chart, ...]:
        return (affine_chart(self.intervals),)

    @override
    def encloses(self, points: Points) -> Mask:
        return np.logical_and.reduce([i.contains(points[i.name]) for i in self.intervals])

    @override
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        return box_faces(self.intervals, (), self.name, space)

    @override
    def pinned(self, values: Mapping[str, Number]) -> Slice:
        return box_slice(self.intervals, values, self.name)

    @override
    def record(self) -> dict[str, Any]:
        return box_record(self.intervals, self.name)

    @override
    def __repr__(self) -> str:
        return box_text(self.intervals, self.name)
