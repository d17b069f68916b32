"""Corners of plane regions at which solutions are singular, with the functions that are.

Near a corner of interior angle `ω` a solution of `−Δu = f` is smooth but for multiples of `r^λ sin λθ` or `r^λ cos λθ`,
which are harmonic: `λ = kπ/ω` between two sides of one kind of condition, `λ = (k − ½)π/ω` where the kinds differ.

Reference: Grisvard, Elliptic Problems in Nonsmooth Domains, Pitman, 1985, ch. 4.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, final

import numpy as np
import sympy

from pinr.declaration.ansatz.numbers import exact_number
from pinr.declaration.ansatz.sides import Side
from pinr.declaration.ansatz.surfaces import Plane, Sphere, Surface
from pinr.geometry.bounds import largest_extent
from pinr.geometry.region import AbstractRegion
from pinr.language.coordinates import Coordinate

Kind = Literal["value", "flux"]
Point = tuple[float, float]

RADIUS = 1e-3  # of the region's extent: the circle around a corner on which one looks where the region is
DIRECTIONS = 1440  # on that circle
ALIGNED = 0.02  # radians: how well an end of the arc inside must fit the side that begins there
LARGEST_EXPONENT = 3.0  # terms above are smooth enough for a network
MOST_TERMS = 3  # of one corner
ROUNDING = 1e-12  # in angles and exponents
WHOLE = 1e-6  # exponents nearer to a whole number belong to polynomials


@final
@dataclass(frozen=True)
class Corner:
    """A corner at which solutions are singular.

    Attributes:
        place: Its two coordinates.
        start: The direction of the side from which the inside is counterclockwise, in radians.
        angle: `ω`, that of the inside.
        kinds: What is prescribed on the side at the start, and on the other.
    """

    place: Point
    start: float
    angle: float
    kinds: tuple[Kind, Kind]

    @property
    def exponents(self) -> tuple[float, ...]:
        """The smallest `λ` that belong to no polynomial."""
        shift = 0.0 if self.kinds[0] == self.kinds[1] else 0.5
        every = ((k - shift) * math.pi / self.angle for k in range(1, 8))
        return tuple(e for e in every if e < LARGEST_EXPONENT and abs(e - round(e)) > WHOLE)[:MOST_TERMS]

    @property
    def is_singular(self) -> bool:
        """Whether the gradient is unbounded."""
        return bool(self.exponents) and self.exponents[0] < 1

    def functions(self, coordinates: Sequence[Coordinate], extent: float) -> list[sympy.Expr]:
        """`(r/L)^λ sin λθ` or `cos`, for every exponent; the cut of the angle is opposite to the inside."""
        x, y = (c - exact_number(p) for c, p in zip(coordinates, self.place, strict=True))
        middle, angle = exact_number(self.start + self.angle / 2, ROUNDING), exact_number(self.angle, ROUNDING)
        along, across = x * sympy.cos(middle) + y * sympy.sin(middle), y * sympy.cos(middle) - x * sympy.sin(middle)
        theta = sympy.atan2(across, along) + angle / 2
        radius = sympy.sqrt(x**2 + y**2) / exact_number(extent)
        wave = sympy.sin if self.kinds[0] == "value" else sympy.cos
        exponents = [exact_number(e, ROUNDING) for e in self.exponents]
        return [radius**e * wave(e * theta) for e in exponents]

    def __str__(self) -> str:
        return f"({self.place[0]:.4g}, {self.place[1]:.4g})"


def singular_corners(
    region: AbstractRegion,
    coordinates: Sequence[Coordinate],
    sides: Sequence[Side],
    changes: Sequence[Point],
    kind_at: Callable[[Point], Kind | None],
) -> list[Corner]:
    """The corners of a plane region where solutions are singular.

    Args:
        region: Of two coordinates.
        coordinates: Both of them.
        sides: The sides of the region.
        changes: Where the kind of condition changes along a side.
        kind_at: What is prescribed at a point of the boundary; None where that is nothing or not known, and then
            there is no corner.
    """
    extent = largest_extent(region.bounds)
    found: dict[Point, Corner] = {}
    surfaces = list(dict.fromkeys(s.surface for s in sides if s.surface is not None))
    meetings = [place for pair in combinations(surfaces, 2) for place in _meetings(*pair, coordinates)]
    for place in (*meetings, *changes):
        corner = _corner(region, coordinates, surfaces, place, RADIUS * extent, kind_at)
        if corner is not None and corner.is_singular:
            found.setdefault((round(place[0], 9), round(place[1], 9)), corner)
    return list(found.values())


def _corner(
    region: AbstractRegion,
    coordinates: Sequence[Coordinate],
    surfaces: Sequence[Surface],
    place: Point,
    radius: float,
    kind_at: Callable[[Point], Kind | None],
) -> Corner | None:
    """The corner at a point, if the inside is one sector there between two sides."""
    directions = (np.arange(DIRECTIONS) + 0.37) * (2 * math.pi / DIRECTIONS)
    circle = (place[0] + radius * np.cos(directions), place[1] + radius * np.sin(directions))
    inside = region.encloses(dict(zip((c.name for c in coordinates), circle, strict=True)))
    begins = np.flatnonzero(inside & ~np.roll(inside, 1))
    ends = np.flatnonzero(inside & ~np.roll(inside, -1))
    if len(begins) != 1 or len(ends) != 1:
        return None
    start = _leaving(float(directions[begins[0]]), surfaces, coordinates, place)
    end = _leaving(float(directions[ends[0]]), surfaces, coordinates, place)
    if start is None or end is None:
        return None
    kinds = [kind_at(_moved_along(surface, coordinates, place, tangent, radius)) for surface, tangent in (start, end)]
    angle = (end[1] - start[1]) % (2 * math.pi)
    if kinds[0] is None or kinds[1] is None or angle == 0:
        return None
    return Corner(place, start[1], angle, (kinds[0], kinds[1]))


def _leaving(
    direction: float, surfaces: Sequence[Surface], coordinates: Sequence[Coordinate], place: Point
) -> tuple[Surface, float] | None:
    """The surface that leaves a point in about this direction, with its exact direction."""
    best = None
    for surface in surfaces:
        normal = _normal_at(surface, coordinates, place)
        if normal is None:
            continue
        for sign in (1, -1):
            tangent = math.atan2(sign * normal[0], -sign * normal[1])
            off = abs((tangent - direction + math.pi) % (2 * math.pi) - math.pi)
            if off < ALIGNED and (best is None or off < best[2]):
                best = (surface, tangent, off)
    return None if best is None else best[:2]


def _moved_along(
    surface: Surface, coordinates: Sequence[Coordinate], place: Point, tangent: float, length: float
) -> Point:
    """The point of a line or circle at some length from a point of it."""
    moved = place[0] + length * math.cos(tangent), place[1] + length * math.sin(tangent)
    if isinstance(surface, Plane):
        return moved
    center = [dict(surface.center)[c] for c in coordinates]
    outward = moved[0] - center[0], moved[1] - center[1]
    stretch = surface.radius / math.hypot(*outward)
    return center[0] + stretch * outward[0], center[1] + stretch * outward[1]


def _normal_at(surface: Surface, coordinates: Sequence[Coordinate], place: Point) -> Point | None:
    """The unit normal of a line or circle through a point; None if it does not go through it."""
    at = dict(zip(coordinates, place, strict=True))
    scale = max(1.0, *(abs(p) for p in place))
    if isinstance(surface, Plane):
        normal = dict(surface.normal)
        if abs(sum(n * at[c] for c, n in normal.items()) - surface.offset) > 1e-9 * scale:
            return None
        a, b = (normal.get(c, 0.0) for c in coordinates)
        return a, b
    a, b = (at[c] - m for c, m in surface.center)
    return (a / surface.radius, b / surface.radius) if abs(math.hypot(a, b) - surface.radius) <= 1e-9 * scale else None


def _meetings(first: Surface, second: Surface, coordinates: Sequence[Coordinate]) -> list[Point]:
    """The points where two lines or circles meet."""
    if isinstance(first, Sphere) and isinstance(second, Plane):
        return _meetings(second, first, coordinates)
    if isinstance(first, Sphere) and isinstance(second, Sphere):
        return _meetings(_radical_line(first, second), second, coordinates) if first.center != second.center else []
    normals = [[dict(s.normal).get(c, 0.0) for c in coordinates] for s in (first, second) if isinstance(s, Plane)]
    if isinstance(first, Plane) and isinstance(second, Plane):
        matrix = np.array(normals)
        if abs(np.linalg.det(matrix)) < 1e-9:
            return []
        x, y = np.linalg.solve(matrix, [first.offset, second.offset])
        return [(float(x), float(y))]
    assert isinstance(first, Plane) and isinstance(second, Sphere)  # the other cases are above
    (a, b), (p, q) = normals[0], [m for _, m in second.center]
    length = math.hypot(a, b)
    off = (first.offset - a * p - b * q) / length
    if abs(off) > second.radius:
        return []
    half = math.sqrt(second.radius**2 - off**2)
    foot = p + off * a / length, q + off * b / length
    return [(foot[0] - s * half * b / length, foot[1] + s * half * a / length) for s in (1, -1)]


def _radical_line(first: Sphere, second: Sphere) -> Plane:
    """The line through the points where two circles meet."""
    (p, q), (r, s) = ([m for _, m in sphere.center] for sphere in (first, second))
    x, y = (c for c, _ in first.center)
    offset = (r**2 + s**2 - second.radius**2 - p**2 - q**2 + first.radius**2) / 2
    return Plane(((x, r - p), (y, s - q)), offset)
