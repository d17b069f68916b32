"""An order of cells in which neighbours in a list are neighbours in space."""

import numpy as np
from numpy.typing import NDArray

BITS = 20  # of each index: a million cells along an axis


def morton_order(index: NDArray[np.int64]) -> NDArray[np.int64]:
    """How to sort non-negative indices `(N, d)` along the Z-shaped curve that fills space.

    Equal parts of the sorted list are then compact pieces of space, so that points that are spread evenly along the
    list are spread evenly in space.

    Reference: Morton, A computer oriented geodetic data base, IBM 1966.
    """
    d = index.shape[1]
    code = np.zeros(len(index), dtype=np.int64)
    for bit in range(BITS):
        for axis in range(d):
            code |= (index[:, axis] >> bit & 1) << (bit * d + d - 1 - axis)
    return np.argsort(code, kind="stable")
