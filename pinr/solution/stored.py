"""The format of a stored solution: marks, and readers that trust nothing.

```
/                attributes format, format_version, version, seed, steps, seconds, loss, dtype, frequency, stages, …
/problem         record (JSON), text (for people), ansatz (JSON): what is met exactly
/fields/u        values and positions: what xarray and XDMF read
/networks/u      one dataset per weight; attributes recipe (JSON), unknowns
/parameters/nu   the number that was trained; attribute value
/history         one dataset per column
/data/fields/c   gridded coefficients and references
/data/tables/…   measurements by their SHA-256: one dataset per column, attribute columns (JSON)
/shapes/…        solutions that learned a region of the problem, by their SHA-256: a group like this file, no fields
```
"""

import json
import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from pinr.errors import FileFormatError

FORMAT = "pinr solution"
FORMAT_VERSION = 1
SHAPES = "shapes"
DEEPEST = 4  # shapes that were learned inside of shapes
NUMBER_KINDS = "fiubc"
PLAIN_TYPES: dict[type, tuple[type, ...]] = {
    str: (str,),
    int: (int, np.integer),
    float: (float, int, np.floating, np.integer),
}


def is_stored_solution(path: str | os.PathLike[str]) -> bool:
    """Whether there is a file at the path that `Solution.save` wrote."""
    if not Path(path).is_file() or not h5py.is_hdf5(path):
        return False
    with h5py.File(path, "r") as file:
        return _mark(file) == FORMAT


def check_format(file: h5py.Group) -> None:
    """Refuse files of other kinds and of later versions.

    Raises:
        FileFormatError: It is one of those.
    """
    if _mark(file) != FORMAT:
        message = f"`{file.file.filename}` is an HDF5 file, but no solution that `save` wrote."
        raise FileFormatError(message)
    version = attribute(file, "format_version", int)
    if version > FORMAT_VERSION:
        message = (
            f"`{file.file.filename}` has the format version {version}; this pinr reads up to {FORMAT_VERSION}. "
            "Update pinr."
        )
        raise FileFormatError(message)


def attribute(owner: Any, name: str, kind: type) -> Any:
    """A stored attribute that is a string or a number, as `str`, `int` or `float`.

    Raises:
        FileFormatError: There is none, or it is something else.
    """
    value = owner.attrs.get(name)
    if not isinstance(value, PLAIN_TYPES[kind]):
        message = f"The file has no proper attribute {name!r} at `{owner.name}`. It is damaged."
        raise FileFormatError(message)
    return kind(value)


def json_attribute(owner: Any, name: str) -> Any:
    """An attribute that is JSON."""
    return parsed(attribute(owner, name, str), f"{owner.name}@{name}")


def parsed(text: str, place: str) -> Any:
    """The plain data of a JSON text.

    Raises:
        FileFormatError: It is no JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"The text at `{place}` is no JSON ({error}). The file is damaged."
        raise FileFormatError(message) from error


def stored_text(file: h5py.Group, path: str) -> str:
    """A stored string.

    Raises:
        FileFormatError: There is none.
    """
    dataset = file.get(path)
    kind = h5py.check_string_dtype(dataset.dtype) if isinstance(dataset, h5py.Dataset) else None
    # A string of fixed length may claim any size without the file holding it.
    if kind is None or kind.length is not None or dataset.shape != ():
        message = f"The file has no text at `{path}`. It is damaged."
        raise FileFormatError(message)
    return str(dataset.asstr()[()])


def stored_numbers(dataset: Any, shape: tuple[int, ...] | None = None) -> np.ndarray:
    """The numbers of a dataset, of this shape if one is given.

    Raises:
        FileFormatError: It is no dataset of numbers, has another shape, or claims more than the file holds.
    """
    if not isinstance(dataset, h5py.Dataset) or dataset.dtype.kind not in NUMBER_KINDS:
        message = f"The file has no numbers at `{getattr(dataset, 'name', '?')}`. It is damaged."
        raise FileFormatError(message)
    check_is_held(dataset)
    if shape is not None and dataset.shape != shape:
        message = f"The file has numbers of the shape {dataset.shape} at `{dataset.name}`, where {shape} belongs."
        raise FileFormatError(message)
    return np.asarray(dataset[()])


def check_is_held(dataset: h5py.Dataset) -> None:
    """A dataset may claim any size; refuse it unless the file holds that many bytes.

    Raises:
        FileFormatError: It does not.
    """
    if dataset.shape is None or dataset.id.get_storage_size() < dataset.nbytes:
        message = f"The file claims more numbers at `{dataset.name}` than it holds. It is damaged."
        raise FileFormatError(message)


def _mark(file: h5py.Group) -> Any:
    return file.attrs.get("format")
