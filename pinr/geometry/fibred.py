"""One region over every point of another: what families are made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, final

import numpy as np
import sympy
from sympy.logic.boolalg import Boolean
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.geometry.bounds import Bounds
from pinr.geometry.chart import Chart, affine_chart, arranged, joined, thinned
from pinr.geometry.enclosure import enclosure
from pinr.geometry.face import Face
from pinr.geometry.fibration import fibred_chart
from pinr.geometry.number import Number
from pinr.geometry.region import AbstractRegion, operand
from pinr.geometry.samples import Mask, Points
from pinr.geometry.sampling.low_discrepancy import Sobol
from pinr.geometry.section import Section
from pinr.geometry.substitution import coordinates_of_numbers, substituted

CHECKED_POINTS = 1024  # of the base: there radii must be positive, and lower bounds below upper ones


@final
@dataclass(frozen=True, repr=False)
class Fibred(AbstractRegion):
    """`{(x, p): p in the base, x in the fibre with its numbers at p}`, of a fibre that is no combination.

    Args:
        fibre: A region with numbers that depend on coordinates of the base.
        base: The region that binds them.
        window: Where an unbounded fibre is looked at.

    Raises:
        GeometryError: Numbers do not fit somewhere in the base.
    """

    fibre: AbstractRegion
    base: AbstractRegion
    window: tuple[tuple[str, tuple[float, float]], ...] | None = None

    def __post_init__(self) -> None:
        try:
            for chart in self.base.charts:
                some = chart.place(Sobol().draw(chart.dimension, CHECKED_POINTS if chart.dimension else 1, 0))
                kept = some if chart.keep is None else some.restrict(chart.keep(some.points))
                substituted(self.fibre, kept.points, checked=True)
        except GeometryError as error:
            message = f"`{self!r}`: somewhere in the family the numbers do not fit. {error}"
            raise GeometryError(message) from error
        if not self.extends and not np.isfinite(list(self.bounds.values())).all():
            message = f"`{self!r}` is unbounded: a number is infinite at an end of the family. Choose other ends."
            raise GeometryError(message)

    @property
    @override
    def names(self) -> tuple[str, ...]:
        own = self.fibre.names if self.window is None else tuple(name for name, _ in self.window)
        return (*own, *self.base.names)

    @property
    @override
    def extends(self) -> bool:
        return self.fibre.extends

    @cached_property
    @override
    def bounds(self) -> Bounds:
        if self.fibre.extends:
            own: Bounds = dict(self.window or dict.fromkeys(self.fibre.names, (-np.inf, np.inf)))
        else:
            own = self._enclosed(lambda points: self._at(points).bounds)
        return {**own, **self.base.bounds}

    @cached_property
    @override
    def charts(self) -> tuple[Chart, ...]:
        if self.fibre.extends:
            if not np.isfinite(list(self.bounds.values())).all():
                message = f"`{self!r}` is unbounded. Cut a bounded region with it, `Box(…) & {operand(self.fibre)}`."
                raise GeometryError(message)
            window = affine_chart(dict(self.window or ()))
            cut = (thinned(joined(window, chart), self.encloses) for chart in self.base.charts)
            return tuple(arranged(chart, self.names) for chart in cut if chart.share > 0)
        return self._fibred(self.base.charts, lambda region: region.charts)

    @override
    def encloses(self, points: Points) -> Mask:
        with np.errstate(all="ignore"):  # outside of the base the numbers may be anything
            return self.base.encloses(points) & self._at(points).encloses(points)

    @override
    def surrounds(self, points: Points) -> Mask:
        with np.errstate(all="ignore"):
            return self.base.surrounds(points) & self._at(points).surrounds(points)

    @property
    @override
    def periodic(self) -> tuple[str, ...]:
        return (*self.fibre.periodic, *self.base.periodic)

    @override
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        """Those of the fibres over the base, and the fibres over those of the base."""
        moving = space.intersection(coordinates_of_numbers(self.fibre))
        if moving:
            message = (
                f"`{self!r}.boundary`: {', '.join(sorted(moving))} moves the region and is of space. Declare it with "
                "`coordinates(…, varying=…)`."
            )
            raise GeometryError(message)
        own, below = space.difference(self.base.names), space.intersection(self.base.names)
        sides = self._at_the_middle.faces(own) if not own.isdisjoint(self.names) else ()
        ends = self.base.faces(below) if below else ()
        return (*(self._side(number, face, own) for number, face in enumerate(sides)), *map(self._end, ends))

    @override
    def within(self, bounds: Bounds) -> "Fibred":
        if not self.fibre.extends:
            return self
        return replace(self, window=tuple((n, pair) for n, pair in bounds.items() if n not in self.base.names))

    @override
    def pinned(self, values: Mapping[str, Number]) -> Section:
        return Section.of(self, values)

    @override
    def crosscut(self, values: Mapping[str, Number]) -> AbstractRegion | None:
        if set(values) != set(self.base.names):
            return None
        return substituted(self.fibre, values, checked=True)

    @override
    def membership(self, values: Mapping[str, sympy.Expr]) -> Boolean:
        fibre = substituted(self.fibre, {name: values[name] for name in self.base.names})
        return sympy.And(self.base.membership(values), fibre.membership(values))

    @override
    def record(self) -> dict[str, Any]:
        return {"type": "Product", "factors": [self.fibre.record(), self.base.record()]}

    @property
    @override
    def precedence(self) -> int:
        return 3

    @override
    def __repr__(self) -> str:
        return f"{operand(self.fibre)} * {operand(self.base)}"

    @property
    def _at_the_middle(self) -> AbstractRegion:
        chart = self.base.charts[0]
        return self._at(chart.place(np.full((1, chart.dimension), 0.5)).points)

    def _at(self, points: Points) -> AbstractRegion:
        """The fibres over as many points, as one region whose numbers are arrays."""
        fibre = substituted(self.fibre, {name: points[name] for name in self.base.names})
        return fibre if self.window is None else fibre.within(dict(self.window))

    def _fibred(
        self, bases: tuple[Chart, ...], charts: Callable[[AbstractRegion], tuple[Chart, ...]]
    ) -> tuple[Chart, ...]:
        def fibre(index: int) -> Callable[[Points], Chart]:
            return lambda points: charts(self._at(points))[index]

        count = len(charts(self._at_the_middle))
        found = (fibred_chart(base, fibre(index)) for base in bases for index in range(count))
        return tuple(arranged(chart, self.names) for chart in found)

    def _side(self, number: int, typical: Face, space: frozenset[str]) -> Face:
        """A face of the fibres."""

        def at(points: Points) -> Face:
            return self._at(points).faces(space)[number]

        def encloses(points: Points) -> Mask:
            with np.errstate(all="ignore"):
                return self.base.encloses(points) & at(points).encloses(points)

        return Face(
            name=typical.name,
            bounds={**self._enclosed(lambda points: at(points).bounds), **self.base.bounds},
            charts=self._fibred(self.base.charts, lambda region: region.faces(space)[number].charts),
            encloses=encloses,
            normal=lambda points: at(points).normal(points),
        )

    def _end(self, face: Face) -> Face:
        """The fibres over a face of the base."""

        def encloses(points: Points) -> Mask:
            return face.encloses(points) & self.encloses(points)

        charts = self._fibred(face.charts, lambda region: region.charts)
        return Face(face.name, {**self.bounds, **face.bounds}, charts, encloses, face.normal)

    def _enclosed(self, bounds: Callable[[Points], Bounds]) -> Bounds:
        with np.errstate(all="ignore"):
            return enclosure(bounds, self.base.bounds, tuple(coordinates_of_numbers(self.fibre)))
