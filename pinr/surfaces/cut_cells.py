"""The cells of a lattice that a surface cuts."""

import itertools
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from pinr.surfaces.lattice import Array, Integers, Lattice

INSIDE, CUT, OUTSIDE = -1, 0, 1


@final
@dataclass(frozen=True, eq=False)
class CutCells:
    """The cells whose corners are not all on one side, with the values there.

    A point is inside where the value is negative; 0 is outside.

    Args:
        lattice: What is cut.
        cells: `(M, d)`: the lowest corner of each cell, in the order of the lattice.
        values: `(M, 2^d)`: the field at the corners, in the order of `Lattice.corners`.
        evaluations: At how many points the field was computed.
        status: Of every cell of the lattice: `INSIDE`, `CUT` or `OUTSIDE`.
    """

    lattice: Lattice
    cells: Integers
    values: Array
    evaluations: int
    status: NDArray[np.int8]


def dilated(chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Cells with all of their neighbours, across corners as well."""
    padded = np.pad(chosen, 1)
    shifts = itertools.product(range(3), repeat=chosen.ndim)
    windows = (tuple(slice(s, s + n) for s, n in zip(shift, chosen.shape, strict=True)) for shift in shifts)
    return np.logical_or.reduce([padded[window] for window in windows])
