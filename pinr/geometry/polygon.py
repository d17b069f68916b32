"""Polygons in the plane."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import numpy as np
import sympy
from numpy.typing import NDArray
from sympy.logic.boolalg import Boolean
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.geometry.bounds import Bounds, are_apart
from pinr.geometry.chart import Chart
from pinr.geometry.face import Face, constant_normal
from pinr.geometry.interval import RELATIVE_TOLERANCE
from pinr.geometry.number import Number, number_from
from pinr.geometry.parts import checked_name
from pinr.geometry.region import AbstractRegion
from pinr.geometry.rules import gauss, radial, tensor
from pinr.geometry.samples import Mask, Points, Samples, Values
from pinr.geometry.section import Section
from pinr.geometry.triangulation import crossing_edges, is_convex, signed_area, triangles


@final
@dataclass(frozen=True, init=False, repr=False)
class Polygon(AbstractRegion):
    """A simple polygon by its vertices, `Polygon(x=[0, 2, 0], y=[0, 0, 1])`, in either orientation.

    The edge from vertex `i` to the next is the part `edge i` of the boundary, counted from 0; the last one returns to
    the first vertex.

    Args:
        name: Prefixes the edges: those of a polygon named "wing" are `wing.edge 0`, `wing.edge 1`, …
        vertices: Positions of the vertices along each of two coordinates.

    Raises:
        GeometryError: Not two coordinates, not as many positions along both, fewer than three vertices, or edges that
            touch or cross.
    """

    vertices: tuple[tuple[str, tuple[Number, ...]], ...]
    name: str | None

    def __init__(self, *, name: str | None = None, **vertices: Sequence[Any]) -> None:
        if len(vertices) != 2:
            message = f"`Polygon({', '.join(vertices)})`: a polygon has two coordinates. Write `Polygon(x=[…], y=[…])`."
            raise GeometryError(message)
        lengths = {n: len(values) for n, values in vertices.items()}
        if len(set(lengths.values())) > 1 or min(lengths.values()) < 3:
            counts = " and ".join(f"{count} positions along {n}" for n, count in lengths.items())
            message = f"`Polygon(…)` has {counts}. Give as many along both, three or more."
            raise GeometryError(message)
        each = tuple((n, tuple(number_from(v, f"Polygon({n}=…)") for v in vs)) for n, vs in vertices.items())
        object.__setattr__(self, "vertices", each)
        object.__setattr__(self, "name", checked_name(name, "Polygon"))
        self._check_edges()

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.vertices)

    @property
    @override
    def bounds(self) -> Bounds:
        low, high = self._corners.min(axis=0), self._corners.max(axis=0)
        return {name: (float(low[k]), float(high[k])) for k, name in enumerate(self.names)}

    @cached_property
    @override
    def charts(self) -> tuple[Chart, ...]:
        return tuple(self._triangle(*self._corners[list(corner)]) for corner in self._triangles)

    @override
    def encloses(self, points: Points) -> Mask:
        is_odd, is_near = self._located(points)
        return is_odd | is_near

    @override
    def surrounds(self, points: Points) -> Mask:
        is_odd, is_near = self._located(points)
        return is_odd & ~is_near

    @override
    def covers(self, bounds: Bounds) -> bool | None:
        if are_apart(self.bounds, bounds):
            return False
        low, high = np.transpose([bounds[name] for name in self.names])
        if not np.isfinite([low, high]).all() or any(_meets_box(p, q, low, high) for p, q in self._edges):
            return None
        centre = {name: np.array([(low[k] + high[k]) / 2]) for k, name in enumerate(self.names)}
        return bool(self.encloses(centre)[0])

    @override
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        if not space.issuperset(self.names):
            message = (
                f"`{self!r}.boundary`: {', '.join(sorted(set(self.names) - space))} is not of space, so that it has "
                "no normal. Write a polygon in space times a box, `Polygon(…) * Box(t=(0, 1))`."
            )
            raise GeometryError(message)
        return tuple(self._edge(number, p, q) for number, (p, q) in enumerate(self._edges))

    @override
    def pinned(self, values: Mapping[str, Number]) -> Section:
        return Section.of(self, values)

    @override
    def membership(self, values: Mapping[str, sympy.Expr]) -> Boolean:
        whole = tuple(range(len(self._corners)))
        pieces: Sequence[tuple[int, ...]] = [whole if signed_area(self._corners) > 0 else whole[::-1]]
        if not is_convex(self._corners):
            pieces = self._triangles
        return sympy.Or(*(self._left_of_edges(piece, values) for piece in pieces))

    @override
    def record(self) -> dict[str, Any]:
        vertices = [[name, [value.record() for value in values]] for name, values in self.vertices]
        return {"type": "Polygon", "vertices": vertices, "name": self.name}

    @override
    def __repr__(self) -> str:
        name = "" if self.name is None else f', name="{self.name}"'
        lists = [f"{n}=[{', '.join(map(str, values))}]" for n, values in self.vertices]
        return f"Polygon({', '.join(lists)}{name})"

    @cached_property
    def _corners(self) -> NDArray[np.float64]:
        return np.array([[value.value for value in values] for _, values in self.vertices]).T

    @cached_property
    def _triangles(self) -> list[tuple[int, int, int]]:
        return triangles(self._corners)

    @property
    def _edges(self) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        return list(zip(self._corners, np.roll(self._corners, -1, axis=0), strict=True))

    @property
    def _tolerance(self) -> float:
        size = float(np.ptp(self._corners, axis=0).max())
        return RELATIVE_TOLERANCE * size + 4 * float(np.finfo(np.float64).eps * np.abs(self._corners).max())

    def _check_edges(self) -> None:
        for number, (p, q) in enumerate(self._edges):
            if (p == q).all():
                following = (number + 1) % len(self._corners)
                message = (
                    f"`{self!r}`: the vertices {number} and {following} are the same. Leave one out; the last edge "
                    "returns to the first vertex by itself."
                )
                raise GeometryError(message)
        crossing = crossing_edges(self._corners)
        if crossing is not None or signed_area(self._corners) == 0:
            which = "its edges lie on one line" if crossing is None else f"edges {crossing[0]} and {crossing[1]} meet"
            message = f"`{self!r}`: {which}, so that inside and outside are not defined. Give the vertices in order."
            raise GeometryError(message)

    def _triangle(self, a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> Chart:
        """`a + s (b − a + v (c − b))` with `s² = u`: `u` is the share of the area nearer to `a`."""

        def place(unit: NDArray[np.float64]) -> Samples:
            away, along = np.sqrt(unit[:, :1]), unit[:, 1:]
            return self._placed(a + away * (b - a + along * (c - b)))

        return Chart(2, abs(signed_area(np.array([a, b, c]))), place, rule=tensor(radial(2), gauss(1)))

    def _edge(self, number: int, p: NDArray[np.float64], q: NDArray[np.float64]) -> Face:
        length = float(np.hypot(*(q - p)))
        turn = 1.0 if signed_area(self._corners) > 0 else -1.0
        along = turn * (q - p) / length
        outward = dict(zip(self.names, (float(along[1]), -float(along[0])), strict=True))

        def place(unit: NDArray[np.float64]) -> Samples:
            return self._placed(p + unit * (q - p))

        def encloses(points: Points) -> Mask:
            return self._distance(points, p, q) <= self._tolerance

        bounds = {n: (float(min(p[k], q[k])), float(max(p[k], q[k]))) for k, n in enumerate(self.names)}
        prefix = "" if self.name is None else f"{self.name}."
        chart = Chart(1, length, place, rule=gauss(1))
        return Face(f"{prefix}edge {number}", bounds, (chart,), encloses, constant_normal(outward))

    def _located(self, points: Points) -> tuple[Mask, Mask]:
        """Whether a ray from the point crosses an odd number of edges, and whether the point is on an edge."""
        x, y = (points[name] for name in self.names)
        is_odd, is_near = np.zeros(x.shape, dtype=bool), np.zeros(x.shape, dtype=bool)
        for p, q in self._edges:
            is_near |= self._distance(points, p, q) <= self._tolerance
            if p[1] != q[1]:
                straddles = (p[1] > y) != (q[1] > y)
                is_odd ^= straddles & (x < p[0] + (y - p[1]) * (q[0] - p[0]) / (q[1] - p[1]))
        return is_odd, is_near

    def _distance(self, points: Points, p: NDArray[np.float64], q: NDArray[np.float64]) -> Values:
        x, y = (points[name] for name in self.names)
        edge = q - p
        foot = np.clip(((x - p[0]) * edge[0] + (y - p[1]) * edge[1]) / (edge @ edge), 0, 1)
        return np.hypot(x - p[0] - foot * edge[0], y - p[1] - foot * edge[1])

    def _left_of_edges(self, piece: Sequence[int], values: Mapping[str, sympy.Expr]) -> Boolean:
        """Membership in a convex piece whose vertices run counterclockwise."""
        x, y = (values[name] for name in self.names)
        numbers = [tuple(values[k] for _, values in self.vertices) for k in piece]
        conditions: list[Boolean] = []
        for (px, py), (qx, qy) in zip(numbers, [*numbers[1:], numbers[0]], strict=True):
            dx, dy = qx.symbol - px.symbol, qy.symbol - py.symbol
            conditions.append(dx * (y - py.symbol) - dy * (x - px.symbol) >= 0)
        return sympy.And(*conditions)

    def _placed(self, positions: NDArray[np.float64]) -> Samples:
        return Samples({name: positions[:, k] for k, name in enumerate(self.names)})


def _meets_box(
    p: NDArray[np.float64], q: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> bool:
    """Whether a segment and a box have a common point, by the part of the segment between each pair of sides."""
    first, last = 0.0, 1.0
    for start, step, below, above in zip(p, q - p, low, high, strict=True):
        if step == 0:
            if not below <= start <= above:
                return False
            continue
        enter, leave = sorted(((below - start) / step, (above - start) / step))
        first, last = max(first, enter), min(last, leave)
    return bool(first <= last)
