"""Half-spaces, to cut other regions with."""

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
from pinr.geometry.bounds import Bounds, largest_extent, overlap
from pinr.geometry.chart import Chart, affine_chart, thinned
from pinr.geometry.face import Face, constant_normal
from pinr.geometry.interval import RELATIVE_TOLERANCE
from pinr.geometry.number import Number, float_number, number_from
from pinr.geometry.parts import checked_name
from pinr.geometry.region import AbstractRegion
from pinr.geometry.rules import gauss
from pinr.geometry.samples import Mask, Points, Samples, Values
from pinr.geometry.section import Section

INFINITE = (-math.inf, math.inf)


@final
@dataclass(frozen=True, init=False, repr=False)
class HalfSpace(AbstractRegion):
    """`{a·x ≤ offset}`: `HalfSpace(x=1, y=2, offset=3)` is `x + 2y ≤ 3`; unbounded, to cut other regions with.

    Coordinates that it does not mention do not matter to it: `Box(x=(0, 1), y=(0, 1)) & HalfSpace(x=1, offset=0.5)`.
    Its boundary is one part, which is called by its name, or `plane`.

    Args:
        offset: The bound, a Python or SymPy number; an expression of time and varying coordinates, where a product
            with a region that binds them follows.
        name: What the boundary is called.
        coefficients: Coordinate name → component of `a`, which points outward.

    Raises:
        GeometryError: All coefficients are 0.
    """

    coefficients: tuple[tuple[str, Number], ...]
    offset: Number
    name: str | None
    window: tuple[tuple[str, tuple[float, float]], ...] | None

    def __init__(self, *, offset: Any = 0, name: str | None = None, **coefficients: Any) -> None:
        written = f"HalfSpace({', '.join(f'{n}={value}' for n, value in coefficients.items())}, offset={offset})"
        each = tuple((n, number_from(value, written)) for n, value in coefficients.items())
        if not any(value.value for _, value in each):
            message = (
                f"`{written}`: every coefficient is 0. Write for example `HalfSpace(x=1, offset=0.5)` for x ≤ 0.5."
            )
            raise GeometryError(message)
        object.__setattr__(self, "coefficients", each)
        object.__setattr__(self, "offset", number_from(offset, written, may_vary=True))
        object.__setattr__(self, "name", checked_name(name, "HalfSpace"))
        object.__setattr__(self, "window", None)

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return tuple(n for n, _ in self.coefficients) if self.window is None else tuple(n for n, _ in self.window)

    @property
    @override
    def extends(self) -> bool:
        return True

    @property
    @override
    def bounds(self) -> Bounds:
        return dict.fromkeys(self.names, INFINITE) if self.window is None else dict(self.window)

    @cached_property
    @override
    def charts(self) -> tuple[Chart, ...]:
        chart = thinned(affine_chart(self._box), self.encloses)
        return (chart,) if chart.share > 0 else ()

    @override
    def encloses(self, points: Points) -> Mask:
        return self._excess(points) <= self._tolerance

    @override
    def surrounds(self, points: Points) -> Mask:
        return self._excess(points) < -self._tolerance

    @override
    def covers(self, bounds: Bounds) -> bool | None:
        terms = [sorted((a * bounds[n][0], a * bounds[n][1])) for n, a in self._unit.items()]
        lowest, highest = (sum(term[end] for term in terms) - self._distance for end in (0, 1))
        return True if np.all(highest <= 0) else False if np.all(lowest > 0) else None

    @override
    def within(self, bounds: Bounds) -> "HalfSpace":
        copy = HalfSpace(offset=self.offset, name=self.name, **dict(self.coefficients))
        object.__setattr__(copy, "window", tuple(overlap(bounds, dict(self.window or ())).items()))
        return copy

    @override
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        if not space.issuperset(self._unit):
            return ()
        plane = (self._plane(),)
        return (Face(self.name or "plane", self._box, plane, self._is_on_plane, constant_normal(self._unit)),)

    @override
    def pinned(self, values: Mapping[str, Number]) -> Section:
        return Section.of(self, values)

    @override
    def crosscut(self, values: Mapping[str, Number]) -> "HalfSpace | None":
        left = {n: a for n, a in self.coefficients if n not in values}
        if not any(a.value for a in left.values()):
            return None
        taken = sum(a.value * values[n].value for n, a in self.coefficients if n in values)
        rest = HalfSpace(offset=float_number(self.offset.value - taken), name=self.name, **left)
        return rest.within({n: b for n, b in self.bounds.items() if n not in values})

    @override
    def membership(self, values: Mapping[str, sympy.Expr]) -> Boolean:
        return sympy.Add(*(a.symbol * values[name] for name, a in self.coefficients)) <= self.offset.symbol

    @override
    def record(self) -> dict[str, Any]:
        coefficients = [[name, a.record()] for name, a in self.coefficients]
        return {
            "type": "HalfSpace", "coefficients": coefficients, "offset": self.offset.record(), "name": self.name,
        }  # fmt: skip

    @override
    def __repr__(self) -> str:
        name = "" if self.name is None else f', name="{self.name}"'
        return f"HalfSpace({', '.join(f'{n}={a}' for n, a in self.coefficients)}, offset={self.offset}{name})"

    @cached_property
    def _length(self) -> float:
        return math.hypot(*(a.value for _, a in self.coefficients))

    @property
    def _unit(self) -> dict[str, float]:
        return {name: a.value / self._length for name, a in self.coefficients if a.value}

    @property
    def _distance(self) -> float:
        return self.offset.value / self._length

    @property
    def _tolerance(self) -> float:
        size = np.max(np.abs(self._distance), initial=1.0) if self.window is None else largest_extent(dict(self.window))
        return RELATIVE_TOLERANCE * (size if math.isfinite(size) else 1.0)

    @property
    def _box(self) -> Bounds:
        if self.window is None or not math.isfinite(largest_extent(self.bounds)):
            message = f"`{self!r}` is unbounded. Cut a bounded region with it, `Box(…) & {self!r}`."
            raise GeometryError(message)
        return dict(self.window)

    def _excess(self, points: Points) -> Values:
        return np.sum([a * points[name] for name, a in self._unit.items()], axis=0) - self._distance

    def _is_on_plane(self, points: Points) -> Mask:
        return np.abs(self._excess(points)) <= self._tolerance

    def _plane(self) -> Chart:
        """The plane over the face of the window that it is most parallel to, `x_k = (offset − Σ a_i x_i) / a_k`."""
        unit, box = self._unit, self._box
        k = max(unit, key=lambda name: abs(unit[name]))
        ground = affine_chart({name: bounds for name, bounds in box.items() if name != k})

        def place(cube: NDArray[np.float64]) -> Samples:
            points = ground.place(cube).points
            rest = sum((a * points[name] for name, a in unit.items() if name != k), start=np.zeros(len(cube)))
            found = {**points, k: (self._distance - rest) / unit[k]}
            return Samples({name: found[name] for name in box})

        plane = Chart(ground.dimension, ground.extent / abs(unit[k]), place, rule=gauss(ground.dimension))
        if len(unit) == 1 and not np.ndim(self._distance) and not np.ndim(box[k]) > 1:
            return plane if box[k][0] <= self._distance / unit[k] <= box[k][1] else thinned(plane, _nowhere)
        return thinned(plane, lambda points: (points[k] >= box[k][0]) & (points[k] <= box[k][1]))


def _nowhere(points: Points) -> Mask:
    return np.zeros(len(next(iter(points.values()))), dtype=bool)
