"""Cut cells by refinement: only cells near the surface are looked at."""

import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pinr.surfaces.cut_cells import CUT, INSIDE, OUTSIDE, CutCells, dilated
from pinr.surfaces.lattice import Array, Field, Integers, Lattice

BLOCK = 2**18  # cells or points, 50 MB of indices
START = 32  # cells along the longest edge of the first lattice, as in occupancy networks' MISE


def multiresolution_cut_cells(
    field: Field, lattice: Lattice, *, start: int = START, lipschitz: float | None = None
) -> CutCells:
    """The same cells as `dense_cut_cells`, found from coarse to fine.

    The lattice is first looked at in steps of `2^k` cells, of which about `start` lie along its longest edge. Cells
    whose corners differ in sign are halved, and at the first level their neighbours as well. At every level the
    surface is then followed: where it goes through the face of a cell, the cell behind that face is looked at too, so
    that each piece of the surface that is met at all is found whole.

    Pieces that are thinner than the first cells can be missed altogether. With a Lipschitz constant of the field, 1 of
    a distance, none is: then cells are halved if `min |φ| ≤ L · diagonal / 2` over their corners, since no point of a
    cell is farther from its nearest corner.

    Args:
        field: What is cut where it changes its sign.
        lattice: The finest cells.
        start: About how many cells the first lattice has along the longest edge.
        lipschitz: A bound for `|∇φ|`, if one is known.

    References: Mescheder et al., Occupancy networks, CVPR 2019, sec. 3.3, for the refinement; Wyvill et al., Data
    structure for soft objects, The Visual Computer 2 (1986), for following the surface.
    """
    stride = 2 ** max(0, int(np.floor(np.log2(max(lattice.cells) / start))))
    known = _KnownValues(field, lattice)
    counts = _counts(lattice, stride)
    cells = np.stack(np.unravel_index(np.arange(int(np.prod(counts))), counts), axis=1)
    status = np.full(counts, OUTSIDE, dtype=np.int8)
    is_first = True
    while True:
        level = _Level(lattice, known, stride)
        sides, nearest = level.sides(cells)
        status[tuple(cells.T)] = sides
        level.follow(status, cells[sides == CUT])
        if stride == 1:
            cut = np.argwhere(status == CUT)
            return CutCells(lattice, cut, known.at_corners(cut, 1), known.evaluations, status)
        chosen = status == CUT
        if lipschitz is not None:
            reach = lipschitz * float(np.linalg.norm(lattice.spacing)) * stride / 2
            chosen[tuple(cells[nearest <= reach].T)] = True
        elif is_first:
            chosen = dilated(chosen)
        is_first = False
        stride //= 2
        cells = _children(np.argwhere(chosen), lattice, stride)
        status = _refined(status, _counts(lattice, stride))


class _KnownValues:
    """The field at the points of a lattice, each computed once."""

    def __init__(self, field: Field, lattice: Lattice) -> None:
        self.field, self.lattice, self.evaluations = field, lattice, 0
        self.points, self.values = np.empty(0, dtype=np.int64), np.empty(0)

    def at_corners(self, cells: Integers, stride: int) -> Array:
        """The values at the corners of cells `(N, d)` of so many cells of the lattice, `(N, 2^d)`."""
        corners, last = self.lattice.corners, np.array(self.lattice.point_counts) - 1
        flat = np.empty((len(cells), len(corners)), dtype=np.int64)
        for block in _blocks(len(cells)):
            flat[block] = self.lattice.ravel_points(np.minimum((cells[block, None] + corners) * stride, last))
        self._learn(flat)
        values = np.empty(flat.shape)
        for block in _blocks(len(cells)):
            values[block] = self.values[np.searchsorted(self.points, flat[block])]
        return values

    def _learn(self, flat: Integers) -> None:
        """Compute the field at those points, `(N, 2^d)`, at which it is not known."""
        parts = [np.unique(f[~self._are_known(f)]) for f in (flat[block] for block in _blocks(len(flat)))]
        new = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *parts]))
        if new.size:
            last = np.array(self.lattice.point_counts) - 1
            found = np.empty(new.size)
            for block in _blocks(new.size):
                unknown = self.lattice.unravel_points(new[block])
                found[block] = self.lattice.values(self.field, unknown)
                self.evaluations += int(((unknown > 0) & (unknown < last)).all(axis=1).sum())
            points = np.concatenate([self.points, new])
            order = np.argsort(points, kind="stable")
            self.points = points[order]
            self.values = np.concatenate([self.values, found])[order]

    def _are_known(self, flat: Integers) -> NDArray[np.bool_]:
        place = np.minimum(np.searchsorted(self.points, flat), max(len(self.points) - 1, 0))
        return self.points[place] == flat if len(self.points) else np.zeros(flat.shape, dtype=bool)


class _Level:
    """Cells of `stride` cells of the lattice along each axis; the last ones are smaller where that does not divide."""

    def __init__(self, lattice: Lattice, known: _KnownValues, stride: int) -> None:
        self.lattice, self.known, self.stride = lattice, known, stride

    def sides(self, cells: Integers) -> tuple[NDArray[np.int8], Array]:
        """The status of cells `(N, d)`, and the smallest `|φ|` at their corners."""
        values = self._corner_values(cells)
        count = (values < 0).sum(axis=1)
        sides = np.full(len(cells), CUT, dtype=np.int8)
        sides[count == values.shape[1]] = INSIDE
        sides[count == 0] = OUTSIDE
        return sides, np.abs(values, out=values).min(axis=1)

    def follow(self, status: NDArray[np.int8], cut: Integers) -> None:
        """Mark all cut cells that hang together with these, and look at them."""
        counts, corners = np.array(status.shape), self.lattice.corners
        while len(cut):
            inside = self._corner_values(cut) < 0
            reached = []
            for axis, side in itertools.product(range(self.lattice.dimension), (0, 1)):
                on_face = inside[:, corners[:, axis] == side]
                crossed = on_face.any(axis=1) & ~on_face.all(axis=1)
                beyond = cut[crossed].copy()
                beyond[:, axis] += 2 * side - 1
                reached.append(beyond[(beyond >= 0).all(axis=1) & (beyond < counts).all(axis=1)])
            met = np.concatenate(reached)
            flat = np.unique(np.ravel_multi_index(tuple(met[status[tuple(met.T)] != CUT].T), status.shape))
            cut = np.stack(np.unravel_index(flat, status.shape), axis=1)
            status[tuple(cut.T)] = CUT

    def _corner_values(self, cells: Integers) -> Array:
        return self.known.at_corners(cells, self.stride)


def _blocks(count: int) -> Iterator[slice]:
    """Parts of so many rows: what is computed for all of them together need not be kept for all of them."""
    return (slice(start, min(start + BLOCK, count)) for start in range(0, count, BLOCK))


def _counts(lattice: Lattice, stride: int) -> tuple[int, ...]:
    return tuple(-(-n // stride) for n in lattice.cell_counts)


def _children(cells: Integers, lattice: Lattice, stride: int) -> Integers:
    children = (2 * cells[:, None] + lattice.corners).reshape(-1, lattice.dimension)
    return children[(children < _counts(lattice, stride)).all(axis=1)]


def _refined(status: NDArray[np.int8], counts: tuple[int, ...]) -> NDArray[np.int8]:
    """Each cell halved along every axis; what is cut will be looked at, but for cells on the side of a face."""
    for axis, count in enumerate(counts):
        status = np.repeat(status, 2, axis=axis).take(np.arange(count), axis=axis)
    return status
