"""The history of a training as a table in a file, one dataset per column."""

from collections.abc import Mapping, Sequence
from typing import Any

import h5py
import numpy as np

from pinr.errors import FileFormatError
from pinr.solution.stored import attribute, check_is_held, stored_numbers

MOST_ROWS = 10_000_000


def write_history(group: h5py.Group, rows: Sequence[Mapping[str, float | str]]) -> None:
    """Every column as a dataset; a cell that a row does not have is NaN or empty.

    Columns are called by their number, since names of constraints may have any letters; the name is an attribute.
    """
    columns = list(dict.fromkeys(key for row in rows for key in row))
    for number, name in enumerate(columns):
        cells = [row.get(name) for row in rows]
        dataset = group.create_dataset(f"column_{number}", data=_column(cells))
        dataset.attrs["name"] = name
    group.attrs["rows"] = len(rows)


def read_history(group: h5py.Group) -> tuple[dict[str, Any], ...]:
    """The rows, without the cells that they did not have."""
    count = attribute(group, "rows", int)
    if not 0 <= count <= MOST_ROWS:
        message = f"The file claims {count} rows of history. It is damaged."
        raise FileFormatError(message)
    columns = {}
    for number in range(len(group)):
        dataset = group.get(f"column_{number}")
        if not isinstance(dataset, h5py.Dataset) or dataset.shape != (count,):
            message = f"The history of the file has no proper column {number}. The file is damaged."
            raise FileFormatError(message)
        columns[attribute(dataset, "name", str)] = _cells(dataset)
    if not columns and count:
        message = "The file claims rows of history without columns. It is damaged."
        raise FileFormatError(message)
    rows = zip(*columns.values(), strict=True)
    return tuple({k: v for k, v in zip(columns, row, strict=True) if not _is_missing(v)} for row in rows)


def _column(cells: Sequence[Any]) -> Any:
    if any(isinstance(cell, str) for cell in cells):
        return np.array(["" if cell is None else str(cell) for cell in cells], dtype=h5py.string_dtype())
    if all(isinstance(cell, int) for cell in cells):
        return np.array(cells, dtype=np.int64)
    return np.array([np.nan if cell is None else float(cell) for cell in cells])


def _cells(dataset: h5py.Dataset) -> list[Any]:
    kind = h5py.check_string_dtype(dataset.dtype)
    if kind is not None and kind.length is None:
        check_is_held(dataset)
        return list(dataset.asstr()[...])
    return stored_numbers(dataset).tolist()


def _is_missing(value: Any) -> bool:
    return value == "" or value != value  # only NaN differs from itself
