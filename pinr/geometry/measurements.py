"""Measurements: the rows of a table as a region of points."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self, final

import numpy as np
import sympy
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from sympy.logic.boolalg import Boolean
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.files.read_table import read_table
from pinr.geometry.bounds import Bounds
from pinr.geometry.chart import Chart
from pinr.geometry.condition import check_condition, holds
from pinr.geometry.face import Face
from pinr.geometry.number import Number
from pinr.geometry.region import AbstractRegion, checked_count, checked_seeds
from pinr.geometry.samples import Mask, Points, Samples
from pinr.geometry.sampling.sampler import AbstractSampler, Seed, generator
from pinr.geometry.suggestion import did_you_mean
from pinr.geometry.table import Table, column_of
from pinr.language.columns import MeasuredColumn, measured_column
from pinr.language.coordinates import Role
from pinr.language.tree import to_tree

TOLERANCE = 1e-9  # of the size: nearer points are the same


@final
@dataclass(frozen=True, init=False, repr=False)
class Measurements(AbstractRegion):
    """The rows of a table as points: `on(probes, Eq(u, probes["u"]))`.

    Columns bind to coordinates by name: those that are coordinates of a constraint's equations say where its points
    are, the others are data. Until a constraint decides, all of them pass for coordinates. Rows without a value in a
    column that the constraint uses are left out, and `check()` reports them.

    From memory, `Measurements(x=x, y=y, u=u)`, or any mapping from names to columns (a dict, a pandas frame):
    `Measurements({"u [m/s]": u, "x": x})`. From files, `Measurements.read("probes.csv")`.

    Args:
        table: Name → one number per row; None, NaN and masked values are missing.
        name: What prints and histories call the measurements.
        columns: The same by keyword.

    Raises:
        GeometryError: Columns are missing, of different lengths or not of numbers, or there are no rows; a name is
            given twice, or is no text.
    """

    table: Table
    coordinates: tuple[str, ...]
    used: tuple[str, ...]
    condition: Boolean | None

    def __init__(
        self, table: Mapping[str, Any] | None = None, /, *, name: str = "measurements", **columns: Any
    ) -> None:
        given = [*(() if table is None else table.items()), *columns.items()]
        names = [key for key, _ in given]
        odd = [key for key in names if not isinstance(key, str) or not key or names.count(key) > 1]
        if odd:
            message = f"`Measurements(…)`: {odd[0]!r} is no name of a column, or that of two. Rename it."
            raise GeometryError(message)
        made = Table({key: column_of(key, values, f"`{name}`") for key, values in given}, name=name)
        self._set(made, tuple(names), (), None)

    @classmethod
    def read(
        cls,
        path: str | os.PathLike[str],
        *,
        columns: Sequence[str] | None = None,
        separator: str = ",",
        name: str | None = None,
    ) -> Self:
        """The measurements of a file `.csv`, `.h5`, `.hdf5` or `.parquet`, see `pinr.files.read_table`.

        Args:
            path: The file.
            columns: The columns to read; None reads all.
            separator: What stands between the cells of a CSV file.
            name: What prints and histories call the measurements; None takes the name of the file.

        Raises:
            FileFormatError: The file cannot be read, has another format, or something that is no number.
            GeometryError: Its columns have different lengths, an infinite value, or no rows.
        """
        found = read_table(path, columns=columns, separator=separator)
        return cls.of(Table(found, name=name or Path(path).stem, file=Path(path).name), tuple(found))

    @classmethod
    def of(
        cls, table: Table, coordinates: Iterable[str], used: Iterable[str] = (), condition: Boolean | None = None
    ) -> Self:
        """The rows of a table that satisfy a condition and have values in all columns that are used."""
        made = object.__new__(cls)
        made._set(table, tuple(coordinates), tuple(used), condition)
        return made

    def _set(self, table: Table, coordinates: tuple[str, ...], used: tuple[str, ...], condition: Any) -> None:
        parts = {"table": table, "coordinates": coordinates, "used": used, "condition": condition}
        for key, part in parts.items():
            object.__setattr__(self, key, part)

    def __getitem__(self, column: str) -> MeasuredColumn:
        """A column as it stands in equations: known at the rows, and nowhere differentiated.

        Raises:
            GeometryError: There is no such column.
        """
        headers = tuple(self.table.columns)
        if column not in headers:
            hint = did_you_mean(column, headers) if isinstance(column, str) else ""
            message = f"`{self!r}[{column!r}]`: there is no such column.{hint} There are {', '.join(headers)}."
            raise GeometryError(message)
        return measured_column(column, headers, table=self.table.name, digest=self.table.digest)

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return self.coordinates

    @cached_property
    def rows(self) -> NDArray[np.intp]:
        """The numbers of the rows that are used, from 0.

        Raises:
            GeometryError: There are none.
        """
        rows = np.flatnonzero(self._wanted & self.table.complete(self._needed))
        if not rows.size:
            message = (
                f"`{self!r}`: no row has a value in all of {', '.join(self._needed)}"
                f"{'' if self.condition is None else f' where {self.condition}'}. Use other columns."
            )
            raise GeometryError(message)
        return rows

    @property
    def incomplete(self) -> NDArray[np.intp]:
        """The numbers of the rows that are left out, from 0, because a value is missing."""
        return np.flatnonzero(self._wanted & ~self.table.complete(self._needed))

    @property
    def count(self) -> int:
        """Number of rows that are used."""
        return len(self.rows)

    @property
    @override
    def bounds(self) -> Bounds:
        columns = {name: self.table.columns[name] for name in self.coordinates}
        if len(columns) < len(self.table.columns):
            return {name: _ends(values[self.rows]) for name, values in columns.items()}
        # What is data is not known yet: a value that it lacks says nothing about the others.
        return {name: _ends(values[self._wanted & np.isfinite(values)]) for name, values in columns.items()}

    @cached_property
    @override
    def charts(self) -> tuple[Chart, ...]:
        def place(unit: NDArray[np.float64]) -> Samples:
            return self._samples(self.rows[np.floor(unit[:, 0] * self.count).astype(np.intp)])

        def rule(order: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
            return ((np.arange(self.count) + 0.5) / self.count)[:, None], np.full(self.count, 1 / self.count)

        return (Chart(1, float(self.count), place, rule=rule, choices=1),)

    @override
    def sample(self, count: int, *, sampler: AbstractSampler, seed: Seed) -> Samples:
        """A random subset without replacement, all rows in their order where there are not more than `count`."""
        written = f"{self!r}.sample({count!r}, seed={seed!r})"
        wanted, seeds = checked_count(count, written), checked_seeds(seed, written)
        if wanted >= self.count:
            return self._samples(self.rows)
        return self._samples(np.sort(generator(seeds).choice(self.rows, size=wanted, replace=False)))

    @override
    def encloses(self, points: Points) -> Mask:
        scaled = np.stack([points[name] / self._sizes[name] for name in self.names], axis=1)
        distance, _ = self._tree.query(scaled, distance_upper_bound=2 * TOLERANCE)
        return np.asarray(distance <= TOLERANCE)

    @override
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        message = f"`{self!r}.boundary`: points have no boundary. Take that of the region in which they lie."
        raise GeometryError(message)

    @override
    def membership(self, values: Mapping[str, sympy.Expr]) -> Boolean:
        message = f"`{self!r}.inside`: points have no inside. Take that of the region in which they lie."
        raise GeometryError(message)

    @override
    def where(self, condition: Boolean) -> "Measurements":
        """The rows where a SymPy condition on the columns holds, `probes.where(x > 0)`."""
        check_condition(self, condition, tuple(self.table.columns))
        both = condition if self.condition is None else sympy.And(self.condition, condition)
        return Measurements.of(self.table, self.coordinates, self.used, both)

    @override
    def pinned(self, values: Mapping[str, Number]) -> "Measurements":
        return self.where(sympy.And(*(sympy.Eq(sympy.Symbol(n, real=True), v.symbol) for n, v in values.items())))

    @override
    def resolve(self, roles: Mapping[str, Role]) -> "Measurements":
        headers = tuple(self.table.columns)
        coordinates = tuple(name for name in headers if name in roles)
        if not coordinates:
            close = "".join(did_you_mean(name, headers) for name in roles)
            message = (
                f"`on({self!r}, …)`: none of the columns {', '.join(headers)} is a coordinate of the equations, which "
                f"have {', '.join(roles) or 'none'}.{close} Columns bind by their headers: rename them."
            )
            raise GeometryError(message)
        return Measurements.of(self.table, coordinates, self.used, self.condition)

    @override
    def knowing(self, columns: frozenset[str]) -> "Measurements":
        used = tuple(name for name in self.table.columns if self[name].key in columns)
        found = Measurements.of(self.table, self.coordinates, used, self.condition)
        _ = found.rows  # refused here, and not at the first draw, if none is left
        return found

    @override
    def measured(self) -> "tuple[Measurements, ...]":
        return (self,)

    @property
    def keys(self) -> frozenset[str]:
        """The keys of all columns among the columns of samples."""
        return frozenset(self[name].key for name in self.table.columns)

    @override
    def record(self) -> dict[str, Any]:
        return {
            "type": "Measurements",
            "name": self.table.name,
            "file": self.table.file,
            "columns": list(self.table.columns),
            "sha256": self.table.digest,
            "coordinates": list(self.coordinates),
            "used": list(self.used),
            "condition": None if self.condition is None else to_tree(self.condition),
        }

    @override
    def __repr__(self) -> str:
        table, where = self.table, "" if self.condition is None else f".where({self.condition})"
        if table.file is not None:
            name = "" if table.name == Path(table.file).stem else f', name="{table.name}"'
            return f'Measurements.read("{table.file}"{name}){where}'
        name = "" if table.name == "measurements" else f', name="{table.name}"'
        return f"Measurements({', '.join(f'{header}=…' for header in table.columns)}{name}){where}"

    @property
    def _needed(self) -> tuple[str, ...]:
        return tuple(name for name in self.table.columns if name in self.coordinates or name in self.used)

    @property
    def _wanted(self) -> Mask:
        if self.condition is None:
            return np.ones(self.table.count, dtype=bool)
        return holds(self.condition, self.table.columns)

    @cached_property
    def _points(self) -> Points:
        return {name: self.table.columns[name][self.rows] for name in self.coordinates}

    def _samples(self, rows: NDArray[np.intp]) -> Samples:
        columns, keys = self.table.columns, {name: self[name].key for name in self.table.columns}
        return Samples(
            {name: columns[name][rows] for name in self.coordinates},
            {keys[name]: values[rows] for name, values in columns.items()},
        )

    @cached_property
    def _sizes(self) -> Mapping[str, float]:
        return {name: high - low or max(abs(high), 1.0) for name, (low, high) in self.bounds.items()}

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(np.stack([self._points[name] / self._sizes[name] for name in self.names], axis=1))


def _ends(values: NDArray[np.float64]) -> tuple[float, float]:
    return (float(values.min()), float(values.max())) if values.size else (np.nan, np.nan)
