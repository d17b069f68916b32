"""Cut cells by looking at every point of a lattice, one slab after the other."""

from functools import reduce

import numpy as np
from numpy.typing import NDArray

from pinr.surfaces.cut_cells import CUT, INSIDE, OUTSIDE, CutCells
from pinr.surfaces.lattice import Array, Field, Integers, Lattice

SLAB_POINTS = 2**21  # 16 MB of values, and 50 MB of indices while they are computed


def dense_cut_cells(field: Field, lattice: Lattice, *, slab_points: int = SLAB_POINTS) -> CutCells:
    """Every cell that has corners on both sides.

    Slabs share the plane of points between them, so that each cell is seen once. Only the values of cut cells and a
    byte for each cell are kept, so that 512³ cells fit into a gigabyte.

    Args:
        field: What is cut where it changes its sign.
        lattice: Where.
        slab_points: How many points are looked at together; what is found does not depend on it.
    """
    planes, others = lattice.point_counts[0], lattice.point_counts[1:]
    thickness = max(2, slab_points // int(np.prod(others)))
    status = np.empty(lattice.cell_counts, dtype=np.int8)
    found: list[tuple[Integers, Array]] = []
    above = np.empty((0, *others))  # the plane that the slab shares with the one before
    for start in range(0, planes, thickness):
        stop = min(start + thickness, planes)
        index = np.indices((stop - start, *others)).reshape(lattice.dimension, -1).T
        index[:, 0] += start
        slab = np.concatenate([above, lattice.values(field, index).reshape(stop - start, *others)])
        lowest = start - len(above)
        sides = _sides(slab, lattice.corners)
        status[lowest : stop - 1] = sides
        cells = np.argwhere(sides == CUT)
        corners = np.moveaxis(cells[:, None] + lattice.corners, -1, 0)
        found.append((cells + np.eye(1, lattice.dimension, dtype=np.int64) * lowest, slab[tuple(corners)]))
        above = slab[-1:]
    cells, values = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return CutCells(lattice, cells, values, int(np.prod([n + 1 for n in lattice.cells])), status)


def _sides(values: Array, corners: Integers) -> NDArray[np.int8]:
    """The status of each cell between the points of a slab."""
    inside = values < 0
    counts = [n - 1 for n in values.shape]
    each = [inside[tuple(slice(s, s + n) for s, n in zip(step, counts, strict=True))] for step in corners]
    sides = np.full(counts, CUT, dtype=np.int8)
    sides[reduce(np.logical_and, each)] = INSIDE
    sides[~reduce(np.logical_or, each)] = OUTSIDE
    return sides
