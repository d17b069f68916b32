"""The inside of a shape as a mesh of tetrahedra, or triangles in the plane, whose boundary is the shape's."""

import itertools
from dataclasses import dataclass
from functools import cache, cached_property
from math import factorial
from typing import final

import numpy as np

from pinr.surfaces.cut_cells import INSIDE, CutCells
from pinr.surfaces.lattice import Array, Integers

SMALLEST_VALUE = 1e-6  # of the largest at cut cells: nearer to the surface a corner is moved off, or volumes vanish

Vertex = tuple[int, int]
"""Two corners of a simplex with the surface between them, the inside one first; twice the same for the corner."""


@final
@dataclass(frozen=True, eq=False)
class InsideMesh:
    """Simplices of positive volume that fill a shape and meet in whole faces.

    Args:
        vertices: `(V, d)`.
        corners: `(S, d + 1)`: the vertices of each simplex, positively oriented.
    """

    vertices: Array
    corners: Integers

    @cached_property
    def measures(self) -> Array:
        """`(S,)`: volumes or areas."""
        return _determinants(self.vertices[self.corners]) / factorial(self.vertices.shape[1])


def inside_mesh(cut: CutCells) -> InsideMesh:
    """Every cell in `d!` simplices, those that the surface cuts clipped where the field is 0 along their edges.

    The piece of a simplex that has `a` of its corners inside and `b` outside is a product of simplices of the
    dimensions `a − 1` and `b`; it is divided by the staircases of that product, in the order of the lattice, so that
    neighbours agree on the faces between them.

    Reference: Freudenthal, Simplizialzerlegungen von beschränkter Flachheit, Annals of Mathematics 43 (1942).
    """
    lattice, d = cut.lattice, cut.lattice.dimension
    real = (slice(1, -1),) * d
    whole = np.argwhere(cut.status[real] == INSIDE) + 1
    is_real = ((cut.cells > 0) & (cut.cells < np.array(lattice.cell_counts) - 1)).all(axis=1)
    cells, values = cut.cells[is_real], cut.values[is_real]
    smallest = SMALLEST_VALUE * np.abs(values).max(initial=0.0)
    values = np.where(values < 0, np.minimum(values, -smallest), np.maximum(values, smallest))
    keys, starts, ends, shares = [], [], [], []
    for path in _paths(d):
        corner_keys = lattice.ravel_points(whole[:, None] + lattice.corners[list(path)]) * 2**d
        keys.append(corner_keys)
        at_corners = whole[:, None] + lattice.corners[list(path)]
        starts.append(at_corners)
        ends.append(at_corners)
        shares.append(np.zeros(corner_keys.shape))
        signs = (values[:, list(path)] < 0) @ (1 << np.arange(d + 1))
        for pattern in range(1, 2 ** (d + 1)):
            rows = np.flatnonzero(signs == pattern)
            for simplex in _staircases(pattern, d + 1):
                first, second = (np.array([path[vertex[k]] for vertex in simplex]) for k in (0, 1))
                low, high = np.minimum(first, second), np.maximum(first, second)
                start = cells[rows][:, None] + lattice.corners[low]
                keys.append(lattice.ravel_points(start) * 2**d + (low ^ high))
                starts.append(start)
                ends.append(cells[rows][:, None] + lattice.corners[high])
                before, after = values[rows][:, low], values[rows][:, high]
                difference = np.where(low == high, 1.0, before - after)
                shares.append(np.where(low == high, 0.0, before / difference))
    _, one, corners = np.unique(np.concatenate(keys).ravel(), return_index=True, return_inverse=True)
    p, q = (lattice.positions(np.concatenate(parts).reshape(-1, d)[one]) for parts in (starts, ends))
    vertices = p + np.concatenate(shares).reshape(-1, 1)[one] * (q - p)
    return InsideMesh(vertices, _oriented(vertices, corners.reshape(-1, d + 1)))


@cache
def _paths(dimension: int) -> tuple[tuple[int, ...], ...]:
    """The corners of the simplices of a cell, each a way from its lowest to its highest corner along the axes."""
    orders = itertools.permutations(range(dimension))
    return tuple(tuple(itertools.accumulate((1 << k for k in order), initial=0)) for order in orders)


@cache
def _staircases(pattern: int, count: int) -> tuple[tuple[Vertex, ...], ...]:
    """The simplices of what is inside of one whose corner `c` is inside where bit `c` of the pattern says so."""
    inside = [c for c in range(count) if pattern >> c & 1]
    outside = [c for c in range(count) if not pattern >> c & 1]
    rises = itertools.combinations(range(len(inside) - 1 + len(outside)), len(outside))
    return tuple(_staircase(inside, outside, set(rise)) for rise in rises)


def _staircase(inside: list[int], outside: list[int], rises: set[int]) -> tuple[Vertex, ...]:
    row, column, found = 0, 0, [(inside[0], inside[0])]
    for step in range(len(inside) - 1 + len(outside)):
        column, row = (column + 1, row) if step in rises else (column, row + 1)
        found.append((inside[row], outside[column - 1] if column else inside[row]))
    return tuple(found)


def _oriented(vertices: Array, corners: Integers) -> Integers:
    is_negative = _determinants(vertices[corners]) < 0
    corners[is_negative, -2:] = corners[is_negative, -2:][:, ::-1]
    return corners


def _determinants(simplices: Array) -> Array:
    return np.linalg.det(simplices[:, 1:] - simplices[:, :1])
