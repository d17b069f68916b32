"""Arrays of NPZ files, which are ZIP archives: nothing in them is unpickled, and none may blow up."""

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pinr.errors import FileFormatError

# Deflate packs zeros 1000:1 and a shape hardly 10:1: what is packed more tightly was made to fill the memory.
LARGEST_RATIO, FREE = 100, 2**20
NUMBER_KINDS = "fiu"


def read_npz(path: Path, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Those of the named arrays that a file has, as stored; floats in double precision.

    Raises:
        FileFormatError: It is no NPZ file, or an array of it is damaged, absurdly large, or not of numbers.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            present = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
            return {name: _array(path, archive, present[name], name) for name in names if name in present}
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, SyntaxError, NotImplementedError) as error:
        if isinstance(error, FileFormatError):
            raise
        message = f"`{path}` cannot be read as NPZ: {error}. It may be incomplete or of another format."
        raise FileFormatError(message) from error
    except RuntimeError as error:  # what `zipfile` says of encrypted entries
        message = f"`{path}` cannot be read as NPZ: {error}. Write it without a password."
        raise FileFormatError(message) from error


def _array(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> NDArray[Any]:
    if entry.file_size > FREE + LARGEST_RATIO * path.stat().st_size:
        message = (
            f"`{path}`: {name!r} would unpack to {entry.file_size} bytes from a file of {path.stat().st_size}. No "
            "shape packs so well; the file is refused."
        )
        raise FileFormatError(message)
    with archive.open(entry) as stream:
        version = np.lib.format.read_magic(stream)
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = header(stream)
    if dtype.kind not in NUMBER_KINDS:
        message = f"`{path}`: {name!r} holds {dtype}, and no real numbers. Write it as an array of floats or integers."
        raise FileFormatError(message)
    # In Python's integers, which do not overflow.
    announced = dtype.itemsize
    for length in shape:
        announced *= int(length)
    if announced > entry.file_size:
        message = (
            f"`{path}`: {name!r} announces the shape {shape}, {announced} bytes, but has {entry.file_size}. "
            "The file is incomplete: copy or write it again."
        )
        raise FileFormatError(message)
    with archive.open(entry) as stream:
        array: NDArray[Any] = np.lib.format.read_array(stream, allow_pickle=False)
    with np.errstate(invalid="ignore"):  # what signals that it is no number is found by those who use it
        return array.astype(np.float64) if array.dtype.kind == "f" else array
