"""Fields on one grid at many times, in an HDF5 file that is written some frames at a time."""

from collections.abc import Iterable, Mapping
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from pinr.files.attributes import write_attributes
from pinr.files.names import check_name

FRAMES = 16  # that are compressed together
CHUNK = 1 << 22  # bytes, beyond which they are fewer
CHUNKS_HELD = 1 << 24  # bytes of each field, for `h5py.File(…, rdcc_nbytes=…)`: full chunks are compressed once


def create_series(
    file: h5py.File,
    names: Iterable[str],
    positions: Mapping[str, NDArray[np.floating]],
    attributes: Mapping[str, Mapping[Any, Any]] | None = None,
) -> dict[str, h5py.Dataset]:
    """Empty fields in single precision at the root of a file, and the positions of their axes, dimension scales.

    `open_dataset` and `xarray.open_dataset(path, engine="h5netcdf")` read what is written, in place and lazily.

    Args:
        file: Open for writing, with `CHUNKS_HELD`.
        names: Of the fields.
        positions: By axis, time first; the others backwards, z before x, for XDMF to follow.
        attributes: Of axes, by name.
    """
    for axis, values in positions.items():
        check_name(axis, what="axis")
        file[axis] = np.asarray(values, dtype=np.float64)
        file[axis].make_scale(axis)
        write_attributes(file[axis], (attributes or {}).get(axis, {}))
    frames, *grid = (len(values) for values in positions.values())
    together = max(1, min(FRAMES, frames, CHUNK // (4 * int(np.prod(grid)))))
    fields = {}
    for name in names:
        check_name(name)
        field = file.create_dataset(
            name, (frames, *grid), "<f4", chunks=(together, *grid), compression="gzip", shuffle=True
        )
        for number, axis in enumerate(positions):
            field.dims[number].attach_scale(file[axis])
        fields[name] = field
    return fields
