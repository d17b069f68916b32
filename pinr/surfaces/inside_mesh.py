"""The inside of a shape as a mesh of tetrahedra, or triangles in the plane, whose boundary is the shape's."""

import itertools
from dataclasses import dataclass
from functools import cache, cached_property
from math import factorial
from typing import final

import numpy as np

from pinr.surfaces.cut_cells import INSIDE, CutCells
from pinr.surfaces.lattice import Array, Integers, Lattice

SMALLEST_VALUE = 1e-6  # of the largest at cut cells: nearer to the surface a corner is moved off, or volumes vanish

Vertex = tuple[int, int]
"""Two corners of a simplex with the surface between them, the inside one first; for a corner itself it twice."""


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
    whole = np.argwhere(cut.status[(slice(1, -1),) * d] == INSIDE) + 1
    is_real = ((cut.cells > 0) & (cut.cells < np.array(lattice.cell_counts) - 1)).all(axis=1)
    cells, values = cut.cells[is_real], cut.values[is_real]
    smallest = SMALLEST_VALUE * np.abs(values).max(initial=0.0)
    values = np.where(values < 0, np.minimum(values, -smallest), np.maximum(values, smallest))
    found = [_places(lattice, whole, np.array([path, path]), None) for path in _paths(d)]
    for path in _paths(d):
        signs = (values[:, path] < 0) @ (1 << np.arange(d + 1))
        for pattern in range(1, 2 ** (d + 1)):
            rows = np.flatnonzero(signs == pattern)
            for simplex in _staircases(pattern, d + 1):
                ends = np.array(path)[np.array(simplex).T]
                found.append(_places(lattice, cells[rows], ends, values[rows]))
    keys, places = (np.concatenate(parts) for parts in zip(*found, strict=True))
    _, first, corners = np.unique(keys.ravel(), return_index=True, return_inverse=True)
    vertices = places.reshape(-1, d)[first]
    return InsideMesh(vertices, _oriented(vertices, corners.reshape(-1, d + 1)))


def _places(lattice: Lattice, cells: Integers, ends: Integers, values: Array | None) -> tuple[Integers, Array]:
    """Numbers `(N, d + 1)` of the corners of a simplex in each cell, the same in all cells that share them, and where.

    Args:
        lattice: What the cells belong to.
        cells: `(N, d)`.
        ends: `(2, d + 1)`: the corners of the cell between which each corner of the simplex lies.
        values: `(N, 2^d)`: the field at the corners of the cells, None where no edge is cut.
    """
    low, high = ends.min(axis=0), ends.max(axis=0)
    index = cells[:, None] + lattice.corners[low]
    numbers = lattice.ravel_points(index) * 2**lattice.dimension + (low ^ high)
    places = lattice.positions(index.reshape(-1, lattice.dimension)).reshape(index.shape)
    if values is not None:
        before, after = values[:, low], values[:, high]
        share = before / np.where(low == high, np.inf, before - after)
        places += share[..., None] * lattice.spacing * (lattice.corners[high] - lattice.corners[low])
    return numbers, places


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
