"""The surface in cut cells, as triangles; in the plane the curve, as segments."""

from dataclasses import dataclass, replace
from functools import cached_property
from math import factorial
from typing import final

import numpy as np
from numpy.typing import NDArray

from pinr.surfaces.cut_cells import CutCells
from pinr.surfaces.facet_table import cell_edges, facet_table
from pinr.surfaces.lattice import Array, Integers

BLOCK = 2**18  # cells or vertices, 100 MB of indices
LEVEL = 0
"""The side of facets on the zero set; those on the face of the box at the low end of axis `k` have `1 + 2k`, at the
high end `2 + 2k`."""


@final
@dataclass(frozen=True, eq=False)
class Facets:
    """A closed oriented surface of triangles, or a closed curve of segments; its inside is finite.

    Neighbours share vertices, so that every edge of a triangle belongs to exactly two, once in each direction. Where
    the surface goes through points of the lattice some triangles have no area.

    Args:
        vertices: `(V, d)`.
        corners: `(F, d)`: the vertices of each facet, counterclockwise as seen from outside; the inside of a curve is
            to its left.
        sides: `(F,)`: `LEVEL`, or on which face of the box the facet lies.
    """

    vertices: Array
    corners: Integers
    sides: NDArray[np.int8]

    @property
    def dimension(self) -> int:
        return self.vertices.shape[1]

    @cached_property
    def normals(self) -> Array:
        """`(F, d)`: outward, as long as the facet is large."""
        p = self.vertices[self.corners]
        if self.dimension == 2:
            along = p[:, 1] - p[:, 0]
            return np.stack([along[:, 1], -along[:, 0]], axis=1)
        return np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]) / 2

    @cached_property
    def measures(self) -> Array:
        """`(F,)`: areas or lengths."""
        return np.linalg.norm(self.normals, axis=1)

    @cached_property
    def enclosed(self) -> float:
        """The volume or area inside, `∫ div x / d = Σ det(p₁, …, p_d) / d!`."""
        p = self.vertices[self.corners] - self.vertices.mean(axis=0, keepdims=True) if len(self.vertices) else None
        return 0.0 if p is None else float(np.linalg.det(p).sum() / factorial(self.dimension))

    def moved(self, vertices: Array) -> "Facets":
        """The same facets between other places."""
        return replace(self, vertices=vertices)


def chains(facets: Facets, chosen: NDArray[np.bool_]) -> list[Integers]:
    """Some segments of a curve in the order in which one walks along it: for each connected piece their numbers."""
    start, end = facets.corners[chosen].T
    numbers = np.flatnonzero(chosen)
    following = {int(vertex): k for k, vertex in enumerate(start)}
    ends = set(map(int, end))
    # Open pieces from their beginning; what is left then are closed ones, which begin anywhere.
    beginnings = sorted(range(len(start)), key=lambda k: int(start[k]) in ends)
    found = []
    for beginning in beginnings:
        vertex, chain = int(start[beginning]), []
        while vertex in following:
            chain.append(following.pop(vertex))
            vertex = int(end[chain[-1]])
        if chain:
            found.append(numbers[chain])
    return found


def facets_of(cut: CutCells) -> Facets:
    """Marching cubes, or squares: in every cut cell the facets that the signs at its corners ask for.

    Vertices are where the field would vanish if it were linear along the edges of the cells; each edge has one.
    """
    lattice, d = cut.lattice, cut.lattice.dimension
    edges, table = np.array(cell_edges(d)), facet_table(d)
    weights = 1 << np.arange(2**d)
    parts = []
    for start in range(0, len(cut.cells), BLOCK):
        block = slice(start, start + BLOCK)
        found = table[(cut.values[block] < 0) @ weights]
        which, slot = np.nonzero(found[:, :, 0] >= 0)
        local = found[which, slot]  # (F, d) edges of the cell
        places = lattice.ravel_points(cut.cells[block][which][:, None] + lattice.corners[edges[local, 0]])
        parts.append((start + which, local.astype(np.int8), places * d + local // 2 ** (d - 1)))
    if not parts:
        return Facets(np.empty((0, d)), np.empty((0, d), dtype=np.int64), np.empty(0, dtype=np.int8))
    which, local, keys = (np.concatenate(column) for column in zip(*parts, strict=True))
    del parts
    _, first, corners = np.unique(keys.ravel(), return_index=True, return_inverse=True)
    del keys
    rows, edge = which[first // d], local.ravel()[first]
    vertices = np.empty((len(first), d))
    for start in range(0, len(first), BLOCK):
        block = slice(start, start + BLOCK)
        vertices[block] = _crossings(cut, rows[block], edges[edge[block]])
    return Facets(vertices, corners.reshape(-1, d), _sides(cut, which))


def _crossings(cut: CutCells, rows: Integers, ends: Integers) -> Array:
    """Where the field would be 0 if it were linear along edges of cells, given by the corners at their ends."""
    low, high = ends.T
    before, after = cut.values[rows, low], cut.values[rows, high]
    share = (before / (before - after))[:, None]
    p, q = (cut.lattice.positions(cut.cells[rows] + cut.lattice.corners[end]) for end in (low, high))
    # From the nearer end: the place is then exactly the same whichever way rounding goes, and never beyond the edge.
    return np.where(share < 0.5, p + share * (q - p), q - (1 - share) * (q - p))


def _sides(cut: CutCells, which: Integers) -> NDArray[np.int8]:
    cells, last = cut.cells[which], np.array(cut.lattice.cell_counts) - 1
    sides = np.full(len(cells), LEVEL, dtype=np.int8)
    for axis in range(cut.lattice.dimension):
        sides[cells[:, axis] == 0] = 1 + 2 * axis
        sides[cells[:, axis] == last[axis]] = 2 + 2 * axis
    return sides
