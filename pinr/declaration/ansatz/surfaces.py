"""Surfaces that sides of regions lie on, recognised from points and normals: planes, spheres and cylinders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import sympy
from numpy.typing import NDArray

from pinr.declaration.ansatz.numbers import exact_number
from pinr.geometry.samples import Points
from pinr.language.coordinates import Coordinate

Array = NDArray[np.float64]
ROUNDING = 1e-14
TOLERANCE = 1e-9  # relative: points of faces have the rounding of float64, and features are far larger


@final
@dataclass(frozen=True)
class Plane:
    """`n·x = c`, where `c − n·x` is positive inside."""

    normal: tuple[tuple[Coordinate, float], ...]
    offset: float

    @property
    def axis(self) -> Coordinate | None:
        """The coordinate that is constant on the plane, if it is parallel to the others."""
        return self.normal[0][0] if len(self.normal) == 1 else None

    @property
    def place(self) -> sympy.Expr:
        """The value of that coordinate."""
        return exact_number(self.offset * self.normal[0][1])

    @property
    def is_low(self) -> bool:
        """Whether the region is above the plane."""
        return self.normal[0][1] < 0

    @property
    def level(self) -> sympy.Expr:
        """The distance to the plane, positive inside."""
        if self.axis is not None:
            return (self.axis - self.place) if self.is_low else (self.place - self.axis)
        along = sympy.Add(*(exact_number(n) * c for c, n in self.normal))
        return exact_number(self.offset) - along


@final
@dataclass(frozen=True)
class Sphere:
    """`|x − c| = R` in some coordinates: a circle, a sphere, a cylinder; with `is_hole` the region is outside."""

    center: tuple[tuple[Coordinate, float], ...]
    radius: float
    is_hole: bool

    axis = None

    @property
    def level(self) -> sympy.Expr:
        """`1 − r²/R²` inside of a sphere, `1 − R²/r²` around a hole, which stays of size 1 far from it."""
        squares = sympy.Add(*((c - exact_number(m)) ** 2 for c, m in self.center))
        square = exact_number(self.radius) ** 2
        return 1 - square / squares if self.is_hole else 1 - squares / square


Surface = Plane | Sphere


def surface_through(points: Points, normals: Mapping[str, Array], coordinates: Sequence[Coordinate]) -> Surface | None:
    """The plane or sphere on which all points lie with these outward normals; None if there is none."""
    across = [c for c in coordinates if np.any(np.abs(normals[c.name]) > TOLERANCE)]
    x = np.stack([points[c.name] for c in across], axis=1)
    n = np.stack([normals[c.name] for c in across], axis=1)
    size = max(float(np.ptp(x)), float(np.abs(x).max()), TOLERANCE)
    if np.ptp(n, axis=0).max() <= TOLERANCE:
        offsets = (x * n).sum(axis=1)
        if np.ptp(offsets) > TOLERANCE * size:
            return None
        return Plane(tuple((c, _tidy(v)) for c, v in zip(across, n[0], strict=True)), _tidy(offsets[0], size))
    # On a sphere x = c + R n, with R < 0 where the region is outside of it.
    spread = n - n.mean(axis=0)
    radius = float((spread * (x - x.mean(axis=0))).sum() / (spread**2).sum())
    centers = x - radius * n
    if np.ptp(centers, axis=0).max() > TOLERANCE * size:
        return None
    center = tuple((c, _tidy(m, size)) for c, m in zip(across, centers.mean(axis=0), strict=True))
    return Sphere(center, _tidy(abs(radius), size), radius < 0)


def _tidy(value: float, size: float = 1.0) -> float:
    """The number of few digits that a value is up to rounding, else the value."""
    if abs(value) <= ROUNDING * size:
        return 0.0
    short = float(f"{value:.10g}")
    return short if abs(short - value) <= ROUNDING * max(size, abs(value)) else float(value)
