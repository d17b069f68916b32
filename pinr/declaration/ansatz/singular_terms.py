"""Terms with the right exponents at the corners where the solution of an equation is singular."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import sympy

from pinr.declaration.ansatz.conditions import conditions_of
from pinr.declaration.ansatz.corners import Corner, Kind, Point, singular_corners
from pinr.declaration.ansatz.form import Ansatz
from pinr.declaration.ansatz.principal_part import has_laplacian
from pinr.declaration.ansatz.sides import Side
from pinr.declaration.ansatz.surfaces import Plane
from pinr.geometry.bounds import largest_extent
from pinr.geometry.region import AbstractRegion
from pinr.language.coordinates import Coordinate
from pinr.language.fields import Label, Unknown
from pinr.language.operators import DifferentialOperator
from pinr.language.parameters import Parameter

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem

BISECTIONS = 60


def corners_of(
    problem: "Problem", label: Label, region: AbstractRegion, coordinates: tuple[Coordinate, ...], sides: Sequence[Side]
) -> list[Corner]:
    """The singular corners of a real component in the plane whose equation has the Laplacian as its highest part."""
    is_plane = len(coordinates) == 2 and all(c.role == "space" for c in coordinates) and not region.periodic
    if not is_plane or label.is_complex_valued or not has_laplacian(problem, label, coordinates):
        return []

    conditions = _conditions(problem, label, region)

    def kind_at(place: Point) -> Kind | None:
        point = {c.name: np.array([p]) for c, p in zip(coordinates, place, strict=True)}
        here = {kind for where, kind in conditions if where.encloses(point)[0]}
        return None if None in here else next((kind for kind in ("value", "flux") if kind in here), None)

    changes = [p for side in sides for where, _ in conditions for p in _changes(side, where, coordinates)]
    return singular_corners(region, coordinates, sides, changes, kind_at)


def with_terms(
    label: Label, coordinates: tuple[Coordinate, ...], corners: Sequence[Corner], region: AbstractRegion
) -> Ansatz:
    """`u = n + Σ c_k s_k` with the terms of all corners."""
    extent = largest_extent(region.bounds)
    functions = [s for corner in corners for s in corner.functions(coordinates, extent)]
    # Names of a user's numbers have no dot.
    name = label.name if label.index is None else f"{label.name}{label.index}"
    factors = [Parameter(f"{name}.c{number}", 0.0) for number in range(1, len(functions) + 1)]
    return Ansatz(coordinates, singular=tuple(zip(factors, functions, strict=True)))


def _conditions(problem: "Problem", label: Label, region: AbstractRegion) -> list[tuple[AbstractRegion, Kind | None]]:
    """Where a component has conditions, and of which kind; None where the user has opted out."""
    found: list[tuple[AbstractRegion, Kind | None]] = []
    values = {(c.constraint, c.number) for c in conditions_of(problem) if c.label == label and c.order == 0}
    for name, constraint in problem.named_constraints.items():
        where = constraint.region
        if where.dimension != region.dimension - 1 or set(where.names) != set(region.names):
            continue
        for number, residual in enumerate(constraint.components):
            if any(f.label == label for f in residual.atoms(Unknown)):
                is_flux = residual.has(sympy.Derivative, DifferentialOperator)
                kind: Kind | None = "value" if (name, number) in values else "flux" if is_flux else None
                found.append((where, None if constraint.exact is False else kind))
    return found


def _changes(side: Side, where: AbstractRegion, coordinates: Sequence[Coordinate]) -> Iterator[Point]:
    """The points of a straight side at which a region ends."""
    if not isinstance(side.surface, Plane):
        return
    inside = where.encloses(side.points)
    x, y = (side.points[c.name] for c in coordinates)
    normal = dict(side.surface.normal)
    a, b = (normal.get(c, 0.0) for c in coordinates)
    order = np.argsort(a * y - b * x)
    for first, second in pairwise(order):
        if inside[first] != inside[second]:
            yield _end(where, coordinates, (x[first], y[first]), (x[second], y[second]), bool(inside[first]))


def _end(
    where: AbstractRegion, coordinates: Sequence[Coordinate], first: Point, second: Point, is_first_inside: bool
) -> Point:
    """Where a region ends between two points, by bisection."""
    low, high = np.array(first), np.array(second)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        is_inside = where.encloses({c.name: np.array([p]) for c, p in zip(coordinates, middle, strict=True)})[0]
        low, high = (middle, high) if is_inside == is_first_inside else (low, middle)
    # Regions are closed up to a tolerance of 1e-9 of their extent, which rounding removes.
    extent = largest_extent(where.bounds)
    return round(float(low[0]) / extent, 8) * extent, round(float(low[1]) / extent, 8) * extent
