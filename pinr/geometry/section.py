"""Slices of regions that are no boxes: some coordinates fixed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import numpy as np
import sympy
from sympy.logic.boolalg import Boolean
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.geometry.bounds import Bounds
from pinr.geometry.chart import Chart, affine_chart, arranged, joined, thinned
from pinr.geometry.face import Face
from pinr.geometry.interval import RELATIVE_TOLERANCE
from pinr.geometry.number import Number
from pinr.geometry.region import AbstractRegion, operand
from pinr.geometry.samples import Mask, Points


@final
@dataclass(frozen=True, repr=False)
class Section(AbstractRegion):
    """A region in which some coordinates are fixed, `Ball(x=0, y=0, radius=1).at(y=0)`.

    Of a ball it is a ball; of other regions it is sampled by rejection from the box around it, its measure is an
    estimate, and its boundary is not known.

    Args:
        region: What is cut.
        fixed: Names and values of the fixed coordinates, in the order of the region's.

    Raises:
        GeometryError: Nothing of the region is there.
    """

    region: AbstractRegion
    fixed: tuple[tuple[str, Number], ...]

    def __post_init__(self) -> None:
        if not self.charts:
            message = f"`{self!r}` is empty: the region does not reach there. Choose a value inside."
            raise GeometryError(message)

    @classmethod
    def of(cls, region: AbstractRegion, values: Mapping[str, Number]) -> "Section":
        """The section at values by name; the order in which they were given does not matter."""
        return cls(region, tuple((name, values[name]) for name in region.names if name in values))

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return self.region.names

    @property
    @override
    def bounds(self) -> Bounds:
        found = self.region.bounds if self._rest is None else {**self.region.bounds, **self._rest.bounds}
        return {**found, **{name: (value.value, value.value) for name, value in self.fixed}}

    @cached_property
    @override
    def charts(self) -> tuple[Chart, ...]:
        if self._rest is not None:
            return tuple(self._lifted(chart) for chart in self._rest.charts)
        chart = thinned(affine_chart(self.bounds), self.region.encloses)
        return (chart,) if chart.share > 0 else ()

    @override
    def encloses(self, points: Points) -> Mask:
        return self._is_there(points) & self.region.encloses(points)

    @override
    def surrounds(self, points: Points) -> Mask:
        return self._is_there(points) & (self._rest or self.region).surrounds(points)

    @property
    @override
    def periodic(self) -> tuple[str, ...]:
        values = dict(self.fixed)
        return tuple(name for name in self.region.periodic if name not in values)

    @override
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        if self._rest is None:
            message = (
                f"`{self!r}.boundary`: the boundary of this slice is not known. Slice the boundary of the region by "
                f"a condition, `{operand(self.region)}.boundary.where(…)`, or describe the slice as a region."
            )
            raise GeometryError(message)
        return tuple(self._lifted_face(face) for face in self._rest.faces(space))

    @override
    def pinned(self, values: Mapping[str, Number]) -> "Section":
        return Section.of(self.region, {**dict(self.fixed), **values})

    @override
    def membership(self, values: Mapping[str, sympy.Expr]) -> Boolean:
        there = (sympy.Eq(values[name], value.symbol) for name, value in self.fixed)
        return sympy.And(self.region.membership(values), *there)

    @override
    def record(self) -> dict[str, Any]:
        fixed = {name: value.record() for name, value in self.fixed}
        return {"type": "Section", "region": self.region.record(), "fixed": fixed}

    @override
    def __repr__(self) -> str:
        return f"{operand(self.region)}.at({', '.join(f'{name}={value}' for name, value in self.fixed)})"

    @cached_property
    def _rest(self) -> AbstractRegion | None:
        return self.region.crosscut(dict(self.fixed))

    def _lifted(self, chart: Chart) -> Chart:
        point = affine_chart({name: (value.value, value.value) for name, value in self.fixed})
        return arranged(joined(chart, point), self.names)

    def _lifted_face(self, face: Face) -> Face:
        def encloses(points: Points) -> Mask:
            return self._is_there(points) & face.encloses(points)

        bounds = {**self.bounds, **face.bounds}
        return Face(face.name, bounds, tuple(map(self._lifted, face.charts)), encloses, face.normal)

    def _is_there(self, points: Points) -> Mask:
        whole = self.region.bounds
        return np.logical_and.reduce(
            [np.abs(points[n] - v.value) <= RELATIVE_TOLERANCE * (whole[n][1] - whole[n][0]) for n, v in self.fixed]
        )
