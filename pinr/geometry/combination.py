"""Constructive solid geometry: unions, intersections and differences."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, final

import numpy as np
import sympy
from sympy.logic.boolalg import Boolean
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.geometry.bounds import Bounds, are_apart, hull, overlap
from pinr.geometry.chart import Chart, affine_chart, arranged, rescaled, thinned
from pinr.geometry.exact_measure import exact_measure
from pinr.geometry.face import Face
from pinr.geometry.number import Number
from pinr.geometry.region import AbstractRegion
from pinr.geometry.samples import Mask, Points
from pinr.geometry.section import Section
from pinr.geometry.trimming import PROBE, trimmed_faces

Operator = Literal["|", "&", "-"]
Certainty = bool | None

JOIN: dict[str, Callable[[Mask, Mask], Mask]] = {
    "|": np.logical_or,
    "&": np.logical_and,
    "-": lambda first, second: first & ~second,
}
BOUNDS: dict[str, Callable[[Bounds, Bounds], Bounds]] = {"|": hull, "&": overlap, "-": lambda first, second: first}
CONDITIONS: dict[str, Callable[[Boolean, Boolean], Boolean]] = {
    "|": sympy.Or,
    "&": sympy.And,
    "-": lambda first, second: sympy.And(first, sympy.Not(second)),
}
ROUNDING = 1e-12  # of a measure
PRECEDENCE = {"|": 0, "&": 1, "-": 2}  # Python's own
MOST_PROBED_AXES = 4  # 3^d − 1 directions around a point: 80 in four dimensions


@final
@dataclass(frozen=True, repr=False)
class Combination(AbstractRegion):
    """`A | B`, `A & B` or `A - B`, regularised: the closure of what is inside, without faces of no thickness.

    Faces that coincide vanish or count once. The measure is exact where every overlap is known (boxes, balls and
    their products, regions inside or apart from one another), else an estimate on 65536 fixed quasi-random points.
    Made by the operators, which refuse what is empty.

    Args:
        operator: How the two are combined.
        first: The left operand; its coordinates come first.
        second: The right operand, in the same coordinates.

    Raises:
        GeometryError: The operands have other coordinates, or other fixed ones.
    """

    operator: Operator
    first: AbstractRegion
    second: AbstractRegion

    def __post_init__(self) -> None:
        if self.first.measured() or self.second.measured():
            message = f"`{self!r}`: measurements cannot be combined. Choose rows with `.where(…)`."
            raise GeometryError(message)
        for one, other in ((self.first, self.second), (self.second, self.first)):
            missing = [] if one.extends else [name for name in other.names if name not in one.names]
            if missing:
                message = (
                    f"`{self!r}`: `{one!r}` does not have the coordinate {', '.join(missing)}. Give both the same "
                    f"coordinates, for example `{one!r} * Box({missing[0]}=(0, 1))`."
                )
                raise GeometryError(message)
        # Open regions have no slices, and bounds only when their numbers are known.
        fixed = [{} if region.unbound else _fixed(region) for region in (self.first, self.second)]
        if fixed[0] != fixed[1] or self.first.carried_normal() or self.second.carried_normal():
            message = (
                f"`{self!r}`: only regions of one dimension can be combined, slices at the same values, and boundaries "
                "only by `&` with another boundary. Combine the regions first, then slice or bound them."
            )
            raise GeometryError(message)

    @cached_property
    @override
    def names(self) -> tuple[str, ...]:
        lead, other = (self.first, self.second) if not self.first.extends else (self.second, self.first)
        return tuple(dict.fromkeys((*lead.names, *other.names)))

    @cached_property
    @override
    def extends(self) -> bool:
        return self.first.extends and self.second.extends

    @cached_property
    @override
    def bounds(self) -> Bounds:
        found = BOUNDS[self.operator](self._in_all(self.first), self._in_all(self.second))
        return {name: found[name] for name in self.names}

    @cached_property
    @override
    def periodic(self) -> tuple[str, ...]:
        first, second = set(self.first.periodic), set(self.second.periodic)
        kept = {"|": first & second, "&": first | second, "-": first}[self.operator]
        return tuple(name for name in self.names if name in kept)

    @cached_property
    @override
    def charts(self) -> tuple[Chart, ...]:
        charts = [arranged(chart, self.names) for chart in self._cut_charts() if chart.share > 0]
        exact = exact_measure(self)
        return rescaled(charts, exact) if exact is not None and self.operator != "|" else tuple(charts)

    @override
    def encloses(self, points: Points) -> Mask:
        return self.located(points)[0]

    @override
    def surrounds(self, points: Points) -> Mask:
        return self.located(points)[1]

    @override
    def located(self, points: Points) -> tuple[Mask, Mask]:
        """Which points belong to the region, and which of them with all of their neighbours.

        Where both operands end, the neighbourhood decides: a point of a wall that has vanished belongs to the union
        with all of its neighbours, and one of a face that has been cut away belongs to no difference.
        """
        first, first_open = self.first.located(points)
        second, second_open = self.second.located(points)
        join = JOIN[self.operator]
        takes = self.operator == "-"
        closed = join(first, second_open if takes else second)
        interior = join(first_open, second if takes else second_open)
        doubtful = np.flatnonzero(first & ~first_open & second & ~second_open)
        if len(doubtful):
            inside = self._around({name: points[name][doubtful] for name in self.names})
            closed[doubtful] = inside.any(axis=0)
            interior[doubtful] = inside.all(axis=0)
        return closed, interior

    @override
    def covers(self, bounds: Bounds) -> Certainty:
        first, second = self.first.covers(bounds), self.second.covers(bounds)
        if self.operator == "-":
            second = None if second is None else not second
        decisive = self.operator == "|"  # one True decides a union, one False an intersection
        if decisive in (first, second):
            return decisive
        return None if first is None or second is None else not decisive

    @override
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        if space not in self._known_faces:
            self._known_faces[space] = trimmed_faces(self.bounded, JOIN[self.operator], space)
        return self._known_faces[space]

    @override
    def within(self, bounds: Bounds) -> "Combination":
        return Combination(self.operator, self.first.within(bounds), self.second.within(bounds))

    @override
    def pinned(self, values: Mapping[str, Number]) -> Section:
        return Section.of(self, values)

    @override
    def crosscut(self, values: Mapping[str, Number]) -> AbstractRegion | None:
        bounded = self.bounded
        plane = {name: (value.value, value.value) for name, value in values.items()}
        is_met = [r.covers({**r.bounds, **plane}) is not False for r in (bounded.first, bounded.second)]
        first, second = (r.crosscut(values) if met else None for r, met in zip(bounded._operands, is_met, strict=True))
        if first is not None and second is not None:
            return combined(self.operator, first, second)
        if first is not None and not is_met[1] and self.operator != "&":
            return first
        return second if second is not None and not is_met[0] and self.operator == "|" else None

    @override
    def membership(self, values: Mapping[str, sympy.Expr]) -> Boolean:
        return CONDITIONS[self.operator](self.first.membership(values), self.second.membership(values))

    @override
    def record(self) -> dict[str, Any]:
        operands = [self.first.record(), self.second.record()]
        return {"type": "Combination", "operator": self.operator, "operands": operands}

    @property
    @override
    def precedence(self) -> int:
        return PRECEDENCE[self.operator]

    @override
    def __repr__(self) -> str:
        left = repr(self.first) if self.first.precedence >= self.precedence else f"({self.first!r})"
        right = repr(self.second) if self.second.precedence > self.precedence else f"({self.second!r})"
        return f"{left} {self.operator} {right}"

    @cached_property
    def bounded(self) -> "Combination":
        """The same with operands bounded where the other one cuts them, so that half-spaces can be sampled."""
        first, second = self.first, self.second
        if _is_unbounded(second) and self.operator != "|":
            second = second.within(self._in_all(self.first))
        if _is_unbounded(first) and self.operator == "&":
            first = first.within(self._in_all(self.second))
        return self if first is self.first and second is self.second else Combination(self.operator, first, second)

    @property
    def _operands(self) -> tuple[AbstractRegion, AbstractRegion]:
        return self.first, self.second

    @cached_property
    def _known_faces(self) -> dict[frozenset[str], tuple[Face, ...]]:
        return {}

    def _in_all(self, region: AbstractRegion) -> Bounds:
        own = region.bounds
        return {name: own.get(name, (-np.inf, np.inf)) for name in self.names}

    def _cut_charts(self) -> list[Chart]:
        first, second = self.bounded._operands
        if self.operator == "|":
            added = _cut(second, first, keep_inside=False)
            total = exact_measure(self)
            if total is not None and added:
                gain = total - first.measure
                # What rounding leaves of a difference of equals is nothing: the second lies in the first.
                added = list(rescaled(added, gain)) if gain > ROUNDING * total else []
            return [*first.charts, *added]
        if self.operator == "-":
            return _cut(first, second, keep_inside=False)
        if self._is_box_smallest():
            return [thinned(affine_chart(self.bounds), self.encloses)]
        small, large = sorted((first, second), key=lambda region: region.measure)
        return _cut(small, large, keep_inside=True)

    def _is_box_smallest(self) -> bool:
        """Whether the box around an intersection is a better start for rejection than either operand."""
        first, second = self.bounded._operands
        box = affine_chart(self.bounds)
        full = box.dimension == len(self.names) and bool(np.isfinite(box.extent))
        return full and box.extent < 0.99 * min(first.measure, second.measure)

    def _around(self, points: Points) -> Mask:
        """Membership of the neighbours `(directions, points)`."""
        bounds = self.bounds
        free = [name for name in self.names if bounds[name][0] < bounds[name][1]]
        if len(free) <= MOST_PROBED_AXES:
            each = np.array([step for step in itertools.product((-1, 0, 1), repeat=len(free)) if any(step)])
        else:
            each = np.random.default_rng(0).normal(size=(3**MOST_PROBED_AXES, len(free)))
        found: list[Mask] = []
        for direction in each * (1 + 0.1 * np.arange(len(free))):  # along no edge of the usual shapes
            moved = dict(points)
            for name, step in zip(free, direction, strict=True):
                length = bounds[name][1] - bounds[name][0]
                moved[name] = points[name] + step * PROBE * (length if np.isfinite(length) else 1.0)
            found.append(JOIN[self.operator](self.first.encloses(moved), self.second.encloses(moved)))
        return np.array(found)


def combined(operator: Operator, first: AbstractRegion, second: AbstractRegion) -> Combination:
    """The combination of two regions.

    Raises:
        GeometryError: They cannot be combined, or nothing is left.
    """
    region = Combination(operator, first, second)
    if region.unbound:
        return region
    extent = [high - low for low, high in region.bounds.values()]
    if not _is_unbounded(region) and (min(extent) < 0 or not region.charts or region.measure <= 0):
        reasons = {"&": "do not overlap", "-": "leave nothing", "|": "are empty"}
        message = f"`{region!r}` is empty: the regions {reasons[operator]}. Correct their positions or sizes."
        raise GeometryError(message)
    return region


def _cut(region: AbstractRegion, other: AbstractRegion, *, keep_inside: bool) -> list[Chart]:
    """The charts of a region inside or outside of another."""
    is_covered = False if are_apart(region.bounds, other.bounds) else other.covers(region.bounds)
    if is_covered is not None:
        return list(region.charts) if is_covered == keep_inside else []

    def keep(points: Points) -> Mask:
        return other.encloses(points) == keep_inside

    return [thinned(chart, keep) for chart in region.charts]


def _is_unbounded(region: AbstractRegion) -> bool:
    return not np.isfinite(list(region.bounds.values())).all()


def _fixed(region: AbstractRegion) -> dict[str, float]:
    return {name: low for name, (low, high) in region.bounds.items() if low == high}
