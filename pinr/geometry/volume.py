"""Volumes: data on a regular grid, larger than memory if need be."""

import math
import os
from functools import cached_property
from typing import Any, ClassVar, Self, final

import numpy as np
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.files.read_volume import read_volume
from pinr.geometry.signal import AbstractSignal, Extent, checked_box, checked_name, name_of
from pinr.language.stored_grid import StoredGrid

SEEN_AT_ONCE = 1 << 24  # values; of larger volumes only those that are drawn are looked at


@final
class Volume(AbstractSignal):
    """Real numbers on a regular grid in three dimensions, `on(volume, Eq(f, volume.value))`, drawn among its points.

    The numbers stay in their file and are read where samples are drawn, in the kind of number that they have. Between
    the points, and for derivatives, `value` is a local polynomial of degree 4.

    Args:
        values: An array `(n₁, n₂, n₃)`, perhaps memory-mapped.
        extent: Where it lies, in the order of the array's axes: `{"x": (0, 1), "y": (0, 1), "z": (0, 2)}`.
        name: What prints call it.

    Raises:
        GeometryError: The array or the extent is not as said, or a value is not finite. (Of more than 16 million values
            this is found out when they are drawn.)
    """

    USUAL: ClassVar[str] = "volume"
    WHOLE: ClassVar[Extent] = {"x": (-1, 1), "y": (-1, 1), "z": (-1, 1)}

    def __init__(self, values: Any, *, extent: Extent | None = None, name: str = USUAL) -> None:
        self._fill(np.asanyarray(values), extent, name, None)

    @classmethod
    def read(
        cls,
        path: str | os.PathLike[str],
        *,
        dataset: str | None = None,
        extent: Extent | None = None,
        name: str | None = None,
    ) -> Self:
        """The volume of a file `.npy`, `.h5` or `.hdf5`.

        Args:
            path: The file.
            dataset: The path of the data set in an HDF5 file; None takes the only one at its root.
            extent: Where it lies.
            name: What prints call it; None takes the name of the file.

        Raises:
            FileFormatError: The file cannot be read, is shorter than it claims, or holds no real numbers.
            GeometryError: The array or the extent is not as said.
        """
        made, file = object.__new__(cls), os.path.basename(path)
        made._fill(read_volume(path, dataset=dataset), extent, name or name_of(file, cls.USUAL), file)
        return made

    def _fill(self, values: Any, extent: Any, name: str, file: str | None) -> None:
        checked_name(name, "Volume")
        written = f"Volume({file or name})"
        if len(values.shape) != 3 or min(values.shape) < 2:
            message = f"`{written}` has the shape {values.shape}. A volume has three axes of at least 2 points."
            raise GeometryError(message)
        if values.dtype.kind not in "fiub":
            message = f"`{written}` has values of type {values.dtype}. Give real numbers."
            raise GeometryError(message)
        self._set(checked_box(extent, self.WHOLE, "Volume"), tuple(values.shape), name, "", file, values)
        if values.dtype.kind == "f" and math.prod(values.shape) <= SEEN_AT_ONCE:
            _check_finite(values, written)
        object.__setattr__(self, "digest", self.grids[0].digest)

    @property
    @override
    def counts(self) -> tuple[int, ...]:
        return self.shape

    @cached_property
    @override
    def grids(self) -> tuple[StoredGrid, ...]:
        return (StoredGrid(self._held(), self.bounds),)

    @property
    @override
    def _is_sound(self) -> bool:
        return len(self.names) == len(self.shape) == 3


def _check_finite(values: Any, written: str) -> None:
    """Refuse values that are not finite, looked at plane by plane."""
    rows, columns = (along.ravel() for along in np.indices(values.shape[1:]))
    for plane in range(values.shape[0]):
        found = np.isfinite(values[np.full(rows.size, plane), rows, columns])
        if not found.all():
            first = int(np.argmin(found))
            place = (plane, int(rows[first]), int(columns[first]))
            message = f"`{written}` is not finite at {place}. Fill it in, or cut it to where it is known."
            raise GeometryError(message)
