"""Data sets larger than memory: arrays that stay in their files."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import h5py
import numpy as np
from numpy.typing import NDArray

from pinr.errors import FileFormatError
from pinr.files.existing import require_file
from pinr.files.hdf5 import open_hdf5

NUMBER_KINDS = "fiub"


def read_volume(path: str | os.PathLike[str], *, dataset: str | None = None) -> "NDArray[Any] | ChunkedDataset":
    """The numbers of a file `.npy`, `.h5` or `.hdf5`, which stay there and are read under the indices asked for.

    NumPy's files and unchunked data sets are mapped into memory; of chunked ones, whole chunks are read.

    Args:
        path: The file.
        dataset: The path of the data set in an HDF5 file; None takes the only one at its root.

    Raises:
        FileFormatError: The file cannot be read, is shorter than it claims, or holds no real numbers.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix == ".npy":
        return _mapped(path)
    if suffix in (".h5", ".hdf5"):
        with open_hdf5(path) as file:
            return _in_hdf5(file, path, dataset)
    message = f"`{path}`: volumes are read from .npy, .h5, .hdf5. Convert it, or give values, `Volume(array)`."
    raise FileFormatError(message)


def _mapped(path: Path) -> NDArray[Any]:
    require_file(path)
    try:
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError, SyntaxError, OverflowError) as error:
        message = f"`{path}` cannot be read as an array: {error}. It may be incomplete, or hold objects."
        raise FileFormatError(message) from error
    if not isinstance(values, np.ndarray):
        message = f"`{path}` is an archive of arrays. Save the one that is meant with `numpy.save`."
        raise FileFormatError(message)
    _check_numbers(values, f"`{path}`")
    return values


def _in_hdf5(file: h5py.File, path: Path, name: str | None) -> "NDArray[Any] | ChunkedDataset":
    found = _only_dataset(file, path) if name is None else name
    # A link into another file would be followed without a word.
    is_external = isinstance(file.get(found, getlink=True), h5py.ExternalLink) if found in file else False
    held = None if is_external else file.get(found)
    if not isinstance(held, h5py.Dataset) or held.file.filename != file.filename:
        message = f"`{path}` has no data set `{found}`. It has {', '.join(_datasets(file)) or 'none'} at its root."
        raise FileFormatError(message)
    written = f"`{path}`, `{found}`,"
    _check_numbers(held, written)
    if held.external or held.is_virtual:
        message = f"{written} lies in other files. Write it into one."
        raise FileFormatError(message)
    if held.chunks is None:
        return _contiguous(held, path, written)
    if not held.id.get_num_chunks():
        message = f"{written} holds no numbers. The file is incomplete."
        raise FileFormatError(message)
    return ChunkedDataset(str(path), str(held.name), held.shape, held.dtype, held.chunks)


def _contiguous(held: h5py.Dataset, path: Path, written: str) -> NDArray[Any]:
    offset = held.id.get_offset()
    if offset is None or path.stat().st_size < offset + held.nbytes:
        message = f"{written} claims more numbers than the file holds. It is incomplete."
        raise FileFormatError(message)
    return np.memmap(path, dtype=held.dtype, mode="r", offset=offset, shape=held.shape)


def _only_dataset(file: h5py.File, path: Path) -> str:
    names = _datasets(file)
    if len(names) != 1:
        message = (
            f"`{path}` has {len(names)} data sets at its root: {', '.join(names) or 'none'}. Say which, `dataset=…`."
        )
        raise FileFormatError(message)
    return names[0]


def _datasets(file: h5py.File) -> list[str]:
    hard = [name for name in file if isinstance(file.get(name, getlink=True), h5py.HardLink)]
    return [name for name in hard if isinstance(file[name], h5py.Dataset)]


def _check_numbers(values: Any, written: str) -> None:
    if values.dtype.kind not in NUMBER_KINDS:
        message = f"{written} holds values of type {values.dtype}, which are no real numbers. Convert them."
        raise FileFormatError(message)
    if values.shape is None or not values.shape or 0 in values.shape:
        message = f"{written} has the shape {values.shape}: there are no values in it."
        raise FileFormatError(message)


@final
@dataclass(frozen=True)
class ChunkedDataset:
    """A data set of an HDF5 file in chunks, perhaps compressed; the file is open only while it is read."""

    path: str
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    chunks: tuple[int, ...]

    def __getitem__(self, indices: tuple[NDArray[np.intp], ...]) -> NDArray[Any]:
        """The values under equally long arrays of indices, one per axis; every chunk is read once."""
        columns = [np.asarray(along) for along in indices]
        values = np.empty(len(columns[0]), self.dtype)
        counts = [-(-n // size) for n, size in zip(self.shape, self.chunks, strict=True)]
        chunk = np.ravel_multi_index([i // size for i, size in zip(columns, self.chunks, strict=True)], counts)
        order = np.argsort(chunk, kind="stable")
        starts = np.flatnonzero(np.diff(chunk[order], prepend=-1))
        with open_hdf5(self.path) as file:
            held = file[self.name]
            if held.shape != self.shape or held.dtype != self.dtype:
                message = f"`{self.path}` has changed since it was opened. Open it again."
                raise FileFormatError(message)
            for rows in np.split(order, starts[1:]):
                if not rows.size:
                    continue
                corner = [int(i[rows[0]]) // size * size for i, size in zip(columns, self.chunks, strict=True)]
                block = held[tuple(slice(c, c + size) for c, size in zip(corner, self.chunks, strict=True))]
                values[rows] = block[tuple(i[rows] - c for i, c in zip(columns, corner, strict=True))]
        return values
