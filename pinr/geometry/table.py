"""Tables: named columns of numbers, as measurements come."""

import dataclasses
import numbers
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from pinr.errors import GeometryError
from pinr.language.digest import sha256_of

Column = NDArray[np.float64]


@final
@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length, in double precision; NaN is a missing value. Equal when names and numbers are.

    Args:
        columns: Name → values.
        name: What prints call it.
        file: The name of the file it was read from, without the folder, or None.

    Raises:
        GeometryError: There are no columns or no rows, lengths differ, or a value is infinite.
    """

    columns: Mapping[str, Column]
    name: str
    file: str | None = None

    def __post_init__(self) -> None:
        if not self.columns:
            message = f"{self.title} has no columns. Give at least one column of numbers per coordinate."
            raise GeometryError(message)
        lengths = {name: len(values) for name, values in self.columns.items()}
        if len(set(lengths.values())) > 1:
            listed = ", ".join(f"{name!r} {length}" for name, length in lengths.items())
            message = f"The columns of {self.title} have different lengths ({listed}). Every row needs all of them."
            raise GeometryError(message)
        if not self.count:
            message = f"{self.title} has no rows. Without measurements there is nothing to compare with."
            raise GeometryError(message)
        for name, values in self.columns.items():
            bad = np.flatnonzero(np.isinf(values))
            if bad.size:
                message = f"{self.title} has the value {values[bad[0]]} in row {bad[0] + 1} of the column {name!r}. "
                raise GeometryError(message + "Correct it, or leave the cell empty.")
            values.flags.writeable = False

    @property
    def title(self) -> str:
        """How messages name it."""
        return f"`{self.file or self.name}`"

    @property
    def count(self) -> int:
        """Number of rows."""
        return len(next(iter(self.columns.values())))

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of names and numbers."""
        return sha256_of(self.columns)

    def record(self) -> dict[str, Any]:
        """What a record says of a table that is stored beside it."""
        return {"type": "Table", "name": self.name, "file": self.file, "sha256": self.digest}

    def complete(self, names: Iterable[str]) -> NDArray[np.bool_]:
        """In which rows all of these columns have a value."""
        return np.logical_and.reduce([np.isfinite(self.columns[name]) for name in names])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and (self.digest, self.name, self.file) == (
            other.digest,
            other.name,
            other.file,
        )

    def __hash__(self) -> int:
        return hash((self.digest, self.name, self.file))


def tables_in(thing: Any) -> dict[str, Table]:
    """The tables of which a region consists, by their SHA-256, wherever they are in it."""
    if isinstance(thing, Table):
        return {thing.digest: thing}
    parts: Iterable[Any] = thing if isinstance(thing, tuple) else ()
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        parts = [getattr(thing, field.name) for field in dataclasses.fields(thing)]
    return {digest: table for part in parts for digest, table in tables_in(part).items()}


def column_of(name: str, values: Any, title: str) -> Column:
    """What a user gives as a column, as a new array; None and masked values are missing.

    Raises:
        GeometryError: It is not one column of real numbers.
    """
    if isinstance(values, np.ma.MaskedArray):
        values = np.ma.filled(values.astype(np.float64), np.nan)
    array = np.asarray(values)
    if array.ndim != 1:
        message = f"The column {name!r} of {title} has the shape {array.shape}. Give one number per row, `(N,)`."
        raise GeometryError(message)
    if array.dtype.kind in "fiub":
        return array.astype(np.float64)
    for row, value in enumerate(array, start=1):
        if value is not None and (not isinstance(value, numbers.Real) or array.dtype.kind != "O"):
            message = (
                f"{title} has {str(value)!r} in row {row} of the column {name!r}, which is no real number. "
                "Leave the column out, or make it one of numbers."
            )
            raise GeometryError(message)
    return np.array([np.nan if value is None else float(value) for value in array], dtype=np.float64)
