"""Lattices: the points at which a field is looked at."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Self, final

import numpy as np
from numpy.typing import NDArray

from pinr.errors import GeometryError

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Field = Callable[[Array], Array]
"""Points `(N, d)` → values `(N,)`, negative inside."""
GradientField = Callable[[Array], Array]
"""Points `(N, d)` → gradients `(N, d)`."""

POINTS_AT_A_TIME = 2**17  # 3 MB of positions in space
GHOST = 1.0  # any positive number: the position of what is found there does not depend on it


@final
@dataclass(frozen=True)
class Lattice:
    """A box cut into equal cells, in two or three dimensions, with one more layer of cells of no thickness around it.

    What lies in that layer is outside, so that a surface that leaves the box is closed by the faces of the box. Points
    and cells are counted with the layer: along an axis with `n` cells the points are 0 … n + 2, of which the first and
    the last are at the places of their neighbours.

    Args:
        low: The lowest corner.
        high: The highest corner.
        cells: The number of cells along each axis, without the layer.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    cells: tuple[int, ...]

    def __post_init__(self) -> None:
        is_sound = len(self.low) == len(self.high) == len(self.cells) and len(self.cells) in (2, 3)
        is_finite = bool(np.isfinite([*self.low, *self.high]).all())
        if not is_sound or not is_finite or not all(low < high for low, high in zip(self.low, self.high, strict=True)):
            message = (
                f"A lattice from {self.low} to {self.high}: surfaces are looked for in a finite box of two or three "
                "dimensions that has an extent along each of them."
            )
            raise GeometryError(message)

    @classmethod
    def over(cls, low: tuple[float, ...], high: tuple[float, ...], resolution: int) -> Self:
        """The lattice with this many cells along the longest edge, whose cells are as cubic as whole numbers allow.

        Raises:
            GeometryError: The resolution is not an integer of at least 2, or the box has no extent.
        """
        if not isinstance(resolution, int | np.integer) or isinstance(resolution, bool) or resolution < 2:
            message = f"`resolution={resolution!r}`: it is the number of cells along the longest edge, at least 2."
            raise GeometryError(message)
        extents = np.subtract(high, low)
        cells = np.maximum(2, np.ceil(extents / extents.max() * int(resolution) - 1e-9)).astype(int)
        return cls(tuple(map(float, low)), tuple(map(float, high)), tuple(map(int, cells)))

    @property
    def dimension(self) -> int:
        return len(self.cells)

    @property
    def spacing(self) -> Array:
        """The edges of a cell."""
        return np.subtract(self.high, self.low) / self.cells

    @property
    def point_counts(self) -> tuple[int, ...]:
        return tuple(n + 3 for n in self.cells)

    @property
    def cell_counts(self) -> tuple[int, ...]:
        return tuple(n + 2 for n in self.cells)

    @cached_property
    def corners(self) -> Integers:
        """Steps `(2^d, d)` from the lowest corner of a cell to all: along axis `k`, corner `c` has bit `k` of `c`."""
        return np.array([[(c >> k) & 1 for k in range(self.dimension)] for c in range(2**self.dimension)])

    @cached_property
    def axes(self) -> tuple[Array, ...]:
        """The positions along each axis."""
        ends = zip(self.low, self.high, self.cells, strict=True)
        inner = (np.linspace(low, high, n + 1) for low, high, n in ends)
        return tuple(np.concatenate([axis[:1], axis, axis[-1:]]) for axis in inner)

    def positions(self, index: Integers) -> Array:
        """The points of indices `(N, d)`."""
        return np.stack([axis[index[:, k]] for k, axis in enumerate(self.axes)], axis=1)

    def unravel_points(self, flat: Integers) -> Integers:
        """Flat numbers of points as indices `(N, d)`."""
        return np.stack(np.unravel_index(flat, self.point_counts), axis=1)

    def ravel_points(self, index: Integers) -> Integers:
        """Indices `(…, d)` of points as flat numbers."""
        return np.ravel_multi_index(tuple(np.moveaxis(index, -1, 0)), self.point_counts)

    def values(self, field: Field, index: Integers) -> Array:
        """The field at the points of indices `(N, d)`; those of the outer layer are outside, and not asked for.

        Raises:
            GeometryError: The field is not finite somewhere.
        """
        found = np.full(len(index), GHOST)
        asked = np.flatnonzero(((index > 0) & (index < np.array(self.point_counts) - 1)).all(axis=1))
        for start in range(0, len(asked), POINTS_AT_A_TIME):
            rows = asked[start : start + POINTS_AT_A_TIME]
            points = self.positions(index[rows])
            values = np.asarray(field(points), dtype=np.float64)
            bad = np.flatnonzero(~np.isfinite(values))
            if bad.size:
                message = (
                    f"The field is {values[bad[0]]} at {tuple(map(float, points[bad[0]]))}, and a surface is where "
                    "it changes its sign. Give a formula that has a value everywhere in the box."
                )
                raise GeometryError(message)
            found[rows] = values
        return found
