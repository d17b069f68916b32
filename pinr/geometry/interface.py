"""Interfaces: where two boundaries coincide."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, final

import numpy as np
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.geometry.boundary import Boundary
from pinr.geometry.bounds import Bounds, are_apart, largest_extent, overlap, widened
from pinr.geometry.chart import Chart, arranged, thinned, with_normals
from pinr.geometry.face import Face
from pinr.geometry.interval import RELATIVE_TOLERANCE
from pinr.geometry.number import Number
from pinr.geometry.region import AbstractRegion
from pinr.geometry.samples import Mask, Points
from pinr.geometry.trimming import SMALLEST_SHARE
from pinr.language.coordinates import Role
from pinr.language.normals import Normal


@final
@dataclass(frozen=True, repr=False)
class Interface(AbstractRegion):
    """The common part of two boundaries, `steel.boundary & copper.boundary`; its normal is that of the first.

    Args:
        first: Whose normal counts.
        second: The other boundary.

    Raises:
        GeometryError: They have no part in common that has a measure, or other coordinates.
    """

    first: Boundary
    second: Boundary

    def __post_init__(self) -> None:
        if set(self.first.names) != set(self.second.names):
            message = (
                f"`{self!r}`: the boundaries have the coordinates {', '.join(self.first.names)} and "
                f"{', '.join(self.second.names)}. Give both regions the same."
            )
            raise GeometryError(message)
        if not self._pieces:
            message = (
                f"`{self!r}` is empty: the boundaries coincide nowhere. Let the regions share a face, not only touch "
                "or overlap."
            )
            raise GeometryError(message)

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return self.first.names

    @property
    @override
    def bounds(self) -> Bounds:
        each = [overlap(one.bounds, other.bounds) for one, other, _ in self._pieces]
        found = {n: (min(b[n][0] for b in each), max(b[n][1] for b in each)) for n in self.names}
        # Faces that coincide up to rounding have bounds that exclude each other.
        return {n: (min(low, high), high) for n, (low, high) in found.items()}

    @cached_property
    @override
    def charts(self) -> tuple[Chart, ...]:
        space = self.first.normal.names
        return tuple(with_normals(chart, one.normal, space) for one, _, charts in self._pieces for chart in charts)

    @override
    def encloses(self, points: Points) -> Mask:
        return np.logical_or.reduce([one.encloses(points) & other.encloses(points) for one, other, _ in self._pieces])

    @override
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        message = f"`({self!r}).boundary`: an interface has no boundary of its own here. Ask the regions for theirs."
        raise GeometryError(message)

    @override
    def pinned(self, values: Mapping[str, Number]) -> "Interface":
        return replace(self, first=self.first.pinned(values), second=self.second.pinned(values))

    @override
    def resolve(self, roles: Mapping[str, Role]) -> "Interface":
        return replace(self, first=self.first.resolve(roles), second=self.second.resolve(roles))

    @override
    def carried_normal(self) -> Normal:
        return self.first.carried_normal()

    @override
    def record(self) -> dict[str, Any]:
        return {"type": "Interface", "first": self.first.record(), "second": self.second.record()}

    @property
    @override
    def precedence(self) -> int:
        return 1

    @override
    def __repr__(self) -> str:
        return f"{self.first!r} & {self.second!r}"

    @cached_property
    def _pieces(self) -> tuple[tuple[Face, Face, tuple[Chart, ...]], ...]:
        """Pairs of faces with the charts of what they have in common: of the smaller face, cut by the larger."""
        return tuple(self._common())

    def _common(self) -> Iterator[tuple[Face, Face, tuple[Chart, ...]]]:
        margin = RELATIVE_TOLERANCE * largest_extent(self.first.bounds)
        for one in self.first.selected:
            for other in self.second.selected:
                if are_apart(widened(one.bounds, margin), other.bounds):
                    continue
                small, large = (one, other) if _measure(one) <= _measure(other) else (other, one)
                cut = (arranged(_on(large.encloses, chart), self.names) for chart in small.charts)
                charts = tuple(chart for chart in cut if chart.share > SMALLEST_SHARE)
                if charts:
                    yield one, other, charts


def _measure(face: Face) -> float:
    return sum(chart.measure for chart in face.charts)


def _on(encloses: Callable[[Points], Mask], chart: Chart) -> Chart:
    """The part of a chart that lies on the other face; the whole chart, where no part is missing."""
    cut = thinned(chart, encloses)
    return chart if chart.keep is None and cut.share == 1.0 else cut
