"""Tables from files: CSV, HDF5, Parquet. Reading runs nothing that a file says."""

import csv
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from pinr.errors import FileFormatError
from pinr.files.existing import reader_of
from pinr.files.hdf5 import open_hdf5

Column = NDArray[np.float64]

MISSING = frozenset(("", "na", "n/a", "nan", "null", "none"))  # cells without a value, in any case of letters
NUMBER_KINDS = "fiub"


def read_table(
    path: str | os.PathLike[str], *, columns: Sequence[str] | None = None, separator: str = ","
) -> dict[str, Column]:
    """The columns of a file, by its suffix: `.csv`, `.h5` or `.hdf5`, `.parquet`.

    CSV has a header; empty cells, `NA` and `NaN` are missing values. HDF5 has equally long datasets `(N,)` at
    its root; groups are not looked into. Parquet needs `pip install 'pinr[parquet]'`.

    Args:
        path: The file.
        columns: The columns to read; None reads all.
        separator: What stands between the cells of a CSV file.

    Raises:
        FileFormatError: The file cannot be read, has another format, or something that is no number.
    """
    path = Path(path)
    reader = reader_of(path, READERS, "tables")
    if isinstance(columns, str):
        message = f"`columns={columns!r}`: give a list of names, `columns=[{columns!r}]`."
        raise FileFormatError(message)
    wanted = None if columns is None else tuple(columns)
    return reader(path, wanted, separator)


def _read_csv(path: Path, wanted: tuple[str, ...] | None, separator: str) -> dict[str, Column]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, delimiter=separator)
            rows = [(reader.line_num, row) for row in reader if row]
    except (csv.Error, UnicodeDecodeError, TypeError) as error:
        message = f"`{path}` cannot be read as CSV in UTF-8 ({error}). Write it again, or check the separator."
        raise FileFormatError(message) from error
    header = [cell.strip() for cell in rows[0][1]] if rows else []
    _check_header(path, header, wanted, separator)
    for line, row in rows:
        if len(row) != len(header):
            message = (
                f"`{path}`, line {line}: the row has {len(row)} cells, the header {len(header)}. "
                "Decimals are written with a point; a cell with a separator in it stands in quotes."
            )
            raise FileFormatError(message)
    chosen = [(k, name) for k, name in enumerate(header) if wanted is None or name in wanted]
    lines = [line for line, _ in rows[1:]]
    return {name: _numbers(path, name, [row[k] for _, row in rows[1:]], lines) for k, name in chosen}


def _check_header(path: Path, header: list[str], wanted: tuple[str, ...] | None, separator: str) -> None:
    if not header:
        message = f"`{path}` is empty. It needs a header with the names of the columns."
        raise FileFormatError(message)
    others = [mark for mark in (";", "\t", ",") if mark != separator and mark in header[0]]
    if len(header) == 1 and others:
        message = (
            f"`{path}` has the one column {header[0]!r}. Name what separates its cells: `separator={others[0]!r}`."
        )
        raise FileFormatError(message)
    _check_wanted(path, header, wanted)
    used = header if wanted is None else [name for name in header if name in wanted]
    if "" in used:
        message = (
            f"`{path}`: column {header.index('') + 1} has no name. Name it in the header, "
            "or choose the others with `columns=[…]`."
        )
        raise FileFormatError(message)
    _check_distinct(path, used)
    if all(_is_number(name) for name in used):
        message = f"`{path}` has no header: its first line is {', '.join(used)}. Add one with the names of the columns."
        raise FileFormatError(message)


def _numbers(path: Path, name: str, cells: list[str], lines: list[int]) -> Column:
    present = ["nan" if cell.strip().lower() in MISSING else cell for cell in cells]
    try:
        return np.array(list(map(float, present)), dtype=np.float64)
    except ValueError:
        row = next(k for k, cell in enumerate(present) if not _is_number(cell))
        message = (
            f"`{path}` has {cells[row]!r} in row {row + 1} (line {lines[row]}) of the column {name!r}, which is no "
            "number. Correct it, leave the cell empty, or choose other columns with `columns=[…]`."
        )
        raise FileFormatError(message) from None


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _read_hdf5(path: Path, wanted: tuple[str, ...] | None, separator: str) -> dict[str, Column]:
    with open_hdf5(path) as file:
        # By the kind of link: an external one leads out of the file.
        own = [key for key in file if isinstance(file.get(key, getlink=True), h5py.HardLink)]
        datasets = {key: file[key] for key in own if isinstance(file[key], h5py.Dataset)}
        _check_wanted(path, list(datasets), wanted)
        chosen = {key: dataset for key, dataset in datasets.items() if wanted is None or key in wanted}
        for key, dataset in chosen.items():
            if dataset.is_virtual or dataset.external:
                message = f"`{path}`: the numbers of {key!r} are in another file. Copy them into this one."
                raise FileFormatError(message)
            if dataset.dtype.kind not in NUMBER_KINDS or dataset.ndim != 1:
                raise FileFormatError(_no_column(path, key, f"{dataset.dtype} of the shape {dataset.shape}"))
        return {key: dataset[()].astype(np.float64) for key, dataset in chosen.items()}


def _read_parquet(path: Path, wanted: tuple[str, ...] | None, separator: str) -> dict[str, Column]:
    try:
        from pyarrow import lib, parquet
    except ImportError as error:
        message = f"`{path}`: Parquet needs pyarrow. Install it with `pip install 'pinr[parquet]'`, or write CSV."
        raise FileFormatError(message) from error
    try:
        table = parquet.ParquetFile(path).read(columns=None if wanted is None else list(wanted))
    except (lib.ArrowException, OSError) as error:
        message = f"`{path}` cannot be read as Parquet: {error}. It may be incomplete or of another format."
        raise FileFormatError(message) from error
    _check_wanted(path, table.column_names, wanted)
    _check_distinct(path, table.column_names)
    found: dict[str, Column] = {}
    for key in table.column_names:
        values: Any = table.column(key)
        if values.null_count < len(values) and values.drop_null().to_numpy().dtype.kind not in NUMBER_KINDS:
            raise FileFormatError(_no_column(path, key, str(values.type)))
        found[key] = np.array([np.nan if v is None else v for v in values.to_pylist()], dtype=np.float64)
    return found


def _check_wanted(path: Path, present: Sequence[str], wanted: tuple[str, ...] | None) -> None:
    missing = [name for name in wanted or () if name not in present]
    if missing:
        message = f"`{path}` has no column {missing[0]!r}. It has {', '.join(present) or 'none'}."
        raise FileFormatError(message)


def _check_distinct(path: Path, names: Sequence[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        message = f"`{path}` has two columns {twice[0]!r}. Rename one of them."
        raise FileFormatError(message)


def _no_column(path: Path, key: str, found: str) -> str:
    return (
        f"`{path}`: {key!r} is {found}, and no column of real numbers. Convert it, or choose the others "
        "with `columns=[…]`."
    )


READERS: Mapping[str, Callable[[Path, tuple[str, ...] | None, str], dict[str, Column]]] = {
    ".csv": _read_csv,
    ".h5": _read_hdf5,
    ".hdf5": _read_hdf5,
    ".parquet": _read_parquet,
}
