"""Balls: intervals by their centre, discs, balls, in any dimension."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import numpy as np
import sympy
from numpy.typing import NDArray
from sympy.logic.boolalg import Boolean
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.geometry.bounds import Bounds
from pinr.geometry.chart import Chart, affine_chart
from pinr.geometry.face import Face
from pinr.geometry.interval import RELATIVE_TOLERANCE
from pinr.geometry.number import Number, float_number, number_from
from pinr.geometry.parts import checked_name
from pinr.geometry.region import AbstractRegion
from pinr.geometry.rules import radial, tensor
from pinr.geometry.samples import Mask, Points, Samples, Values
from pinr.geometry.section import Section
from pinr.geometry.sphere import ball_volume, on_unit_sphere, sphere_area, sphere_rule


@final
@dataclass(frozen=True, init=False, repr=False)
class Ball(AbstractRegion):
    """`{|x − c| ≤ r}`: `Ball(x=0.3, y=0.0, radius=0.4)`, an interval, disc or ball by the number of coordinates.

    Its boundary is one part, which is called by the ball's name, or `sphere`.

    Args:
        radius: Distance from the centre, a Python or SymPy number.
        name: What the boundary is called.
        center: Coordinate name → position of the centre.

    Raises:
        GeometryError: No coordinates, or a radius that is not positive.
    """

    center: tuple[tuple[str, Number], ...]
    radius: Number
    name: str | None

    def __init__(self, *, radius: Any, name: str | None = None, **center: Any) -> None:
        written = f"Ball(…, radius={radius})"
        if not center:
            message = f"`Ball(radius={radius})` has no coordinates. Write for example `Ball(x=0, y=0, radius=1)`."
            raise GeometryError(message)
        size = number_from(radius, written)
        if not size.value > 0:
            message = f"`{written}`: the radius must be positive."
            raise GeometryError(message)
        place = tuple((n, number_from(value, f"Ball({n}={value})")) for n, value in center.items())
        object.__setattr__(self, "center", place)
        object.__setattr__(self, "radius", size)
        object.__setattr__(self, "name", checked_name(name, "Ball"))

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.center)

    @property
    @override
    def bounds(self) -> Bounds:
        r = self.radius.value
        return {name: (c.value - r, c.value + r) for name, c in self.center}

    @cached_property
    @override
    def charts(self) -> tuple[Chart, ...]:
        d, r = len(self.center), self.radius.value
        if d == 1:
            return (affine_chart(self.bounds),)

        def place(unit: NDArray[np.float64]) -> Samples:
            distance = r * unit[:, :1] ** (1 / d)
            return self._placed(distance * on_unit_sphere(unit[:, 1:]))

        return (Chart(d, ball_volume(d) * r**d, place, rule=tensor(radial(d), sphere_rule(d))),)

    @override
    def encloses(self, points: Points) -> Mask:
        return self._distance(points) <= self.radius.value + self._tolerance

    @override
    def surrounds(self, points: Points) -> Mask:
        return self._distance(points) < self.radius.value - self._tolerance

    @override
    def covers(self, bounds: Bounds) -> bool | None:
        nearest = math.hypot(*(max(bounds[n][0] - c.value, 0, c.value - bounds[n][1]) for n, c in self.center))
        farthest = math.hypot(*(max(bounds[n][1] - c.value, c.value - bounds[n][0]) for n, c in self.center))
        return True if farthest <= self.radius.value else False if nearest > self.radius.value else None

    @override
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        if not space.issuperset(self.names):
            message = (
                f"`{self!r}.boundary`: {', '.join(sorted(set(self.names) - space))} is not of space, so that it has "
                "no normal. Write a ball in space times a box, `Ball(…) * Box(t=(0, 1))`."
            )
            raise GeometryError(message)
        charts = self._ends() if len(self.center) == 1 else (self._sphere(),)
        return (Face(self.name or "sphere", self.bounds, charts, self._is_on_sphere, self._outward),)

    @override
    def pinned(self, values: Mapping[str, Number]) -> Section:
        return Section.of(self, values)

    @override
    def crosscut(self, values: Mapping[str, Number]) -> "Ball | None":
        away = math.hypot(*(values[n].value - c.value for n, c in self.center if n in values))
        left = {n: c for n, c in self.center if n not in values}
        if not left or away >= self.radius.value - self._tolerance:
            return None
        return Ball(radius=float_number(math.sqrt(self.radius.value**2 - away**2)), name=self.name, **left)

    @override
    def membership(self, values: Mapping[str, sympy.Expr]) -> Boolean:
        square = sympy.Add(*((values[name] - c.symbol) ** 2 for name, c in self.center))
        return square <= self.radius.symbol**2

    @override
    def record(self) -> dict[str, Any]:
        center = [[name, c.record()] for name, c in self.center]
        return {"type": "Ball", "center": center, "radius": self.radius.record(), "name": self.name}

    @override
    def __repr__(self) -> str:
        name = "" if self.name is None else f', name="{self.name}"'
        return f"Ball({', '.join(f'{n}={c}' for n, c in self.center)}, radius={self.radius}{name})"

    @property
    def _tolerance(self) -> float:
        r = self.radius.value
        rounding = 4 * np.finfo(np.float64).eps * max(abs(c.value) + r for _, c in self.center)
        return RELATIVE_TOLERANCE * r + float(rounding)

    def _distance(self, points: Points) -> Values:
        return np.sqrt(sum(np.square(points[n] - c.value) for n, c in self.center))

    def _is_on_sphere(self, points: Points) -> Mask:
        return np.abs(self._distance(points) - self.radius.value) <= self._tolerance

    def _outward(self, points: Points) -> Points:
        distance = self._distance(points)
        distance = np.where(distance > 0, distance, 1.0)  # the centre, which a cut region may ask about, has none
        return {name: (points[name] - c.value) / distance for name, c in self.center}

    def _sphere(self) -> Chart:
        d, r = len(self.center), self.radius.value

        def place(unit: NDArray[np.float64]) -> Samples:
            return self._placed(r * on_unit_sphere(unit))

        return Chart(d - 1, sphere_area(d) * r ** (d - 1), place, rule=sphere_rule(d))

    def _ends(self) -> tuple[Chart, ...]:
        ((name, (low, high)),) = self.bounds.items()
        return tuple(affine_chart({name: (end, end)}) for end in (low, high))

    def _placed(self, arrows: NDArray[np.float64]) -> Samples:
        return Samples({name: c.value + arrows[:, index] for index, (name, c) in enumerate(self.center)})
