"""The sides of a region with what is prescribed on them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import final

import numpy as np
import sympy

from pinr.declaration.ansatz.conditions import Condition
from pinr.declaration.ansatz.numbers import exact_number
from pinr.declaration.ansatz.surfaces import Plane, Surface, surface_through
from pinr.errors import PinrError
from pinr.geometry.face import Face, numbered
from pinr.geometry.region import AbstractRegion
from pinr.geometry.samples import Points, Samples
from pinr.geometry.sampling.low_discrepancy import Sobol
from pinr.geometry.stratified import sample_charts
from pinr.language.coordinates import Coordinate

POINTS = 256
NO_VALUE = "no value is prescribed"
TIMESCALE = 0.25  # of the whole time, by measurement: see docs/decisions/0013-exact-conditions.md


@final
@dataclass(frozen=True, eq=False)
class Side:
    """All of a region's boundary that lies on one surface, or one end of the time.

    Attributes:
        name: The parts of the boundary, or `t = 0`.
        surface: What it lies on; None if that is neither flat nor round.
        points: Some of its points.
        conditions: Those that hold on the whole side, by order.
        reason: Why it cannot be met exactly, or nothing.
        has_values: Whether values are prescribed on all of it, exactly or not.
        timescale: Of the only end of the time with conditions, what its distance grows to.
    """

    name: str
    surface: Surface | None
    points: Points
    conditions: tuple[Condition, ...] = field(default=())
    reason: str = ""
    has_values: bool = False
    timescale: float | None = None

    @property
    def values(self) -> tuple[sympy.Expr, ...]:
        """The prescribed values of `u, ∂u, …, ∂^{m−1}u`."""
        return tuple(c.value for c in self.conditions)

    @property
    def level(self) -> sympy.Expr:
        """What vanishes on the side and is positive inside; there is none without a surface."""
        if self.surface is None:
            return sympy.nan
        level = self.surface.level
        # t/(1 + t/τ): with t itself the network's part `(u − g)/t` is far larger at the beginning than at the end.
        return level if self.timescale is None else level / (1 + level / exact_number(self.timescale))

    @property
    def place(self) -> sympy.Expr:
        """The value of the coordinate that is constant on the side; there is none without an axis."""
        return self.surface.place if isinstance(self.surface, Plane) else sympy.nan

    @property
    def axis(self) -> Coordinate | None:
        return self.surface.axis if isinstance(self.surface, Plane) else None


def sides_of(region: AbstractRegion, coordinates: Sequence[Coordinate], conditions: Iterable[Condition]) -> list[Side]:
    """The sides of a region across its coordinates of space, then both ends of its time.

    Raises:
        GeometryError: The region has no faces, or they cannot be sampled.
    """
    conditions = tuple(conditions)
    space = [c for c in coordinates if c.role == "space"]
    grouped: dict[Surface | str, list[tuple[Face, Samples]]] = {}
    for face in numbered(region.faces(frozenset(c.name for c in space))):
        samples = sample_charts(face.charts, POINTS, Sobol(), (0,))
        found = face.normal(samples.points)
        normals = {c.name: found.get(c.name, np.zeros(samples.count)) for c in space}
        surface = surface_through(samples.points, normals, space)
        grouped.setdefault(surface or face.name, []).append((face, samples))
    sides = []
    for key, parts in grouped.items():
        points = _together([samples.points for _, samples in parts])
        surface = None if isinstance(key, str) else key
        sides.append(_with_conditions(Side(", ".join(f.name for f, _ in parts), surface, points), conditions))
    return sides + [s for c in coordinates if c.role == "time" for s in _ends(region, c, conditions)]


def _ends(region: AbstractRegion, time: Coordinate, conditions: Sequence[Condition]) -> list[Side]:
    """The slices at the ends of the time on which there are conditions."""
    found = []
    low, high = region.bounds[time.name]
    for value, outward in ((low, -1.0), (high, 1.0)):
        on_slice = [c for c in conditions if c.region.bounds[time.name] == (value, value)]
        if on_slice and time.name not in region.periodic:
            try:
                points = region.at(**{time.name: value}).sample(POINTS, sampler=Sobol(), seed=0).points
            except PinrError:
                continue
            side = Side(f"{time.name} = {value:g}", Plane(((time, outward),), outward * value), points)
            found.append(_with_conditions(side, on_slice))
    if len(found) == 1:
        return [replace(found[0], timescale=TIMESCALE * (high - low))]
    return found


def _with_conditions(side: Side, conditions: Sequence[Condition]) -> Side:
    """The side with the consecutive orders 0, 1, … that are prescribed on all of it."""
    inside = [condition.region.encloses(side.points) for condition in conditions]
    covering = [c for c, mask in zip(conditions, inside, strict=True) if mask.all()]
    values = [c for c in covering if c.order == 0]
    if not values:
        is_partial = any(mask.any() for c, mask in zip(conditions, inside, strict=True) if c.order == 0)
        return replace(side, reason="only a part has the condition" if is_partial else NO_VALUE)
    side = replace(side, has_values=True)
    if any(c.demanded is False for c in values):
        return replace(side, reason="it has a weight or a loss of its own, or exact=False")
    if any(c.value != values[0].value for c in values):
        return replace(side, reason="two conditions prescribe different values")
    found = values[:1]
    while True:
        order = len(found)
        here = [c for c in covering if c.order == order and c.along == side.axis and c.demanded is not False]
        if not here or any(c.value != here[0].value for c in here):
            return replace(side, conditions=tuple(found))
        found.append(here[0])


def _together(points: Sequence[Points]) -> Points:
    return {name: np.concatenate([p[name] for p in points]) for name in points[0]}
