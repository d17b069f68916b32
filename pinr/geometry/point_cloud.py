"""Point clouds: a scan as a region, with normals at its points."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self, final

import numpy as np
import sympy
from numpy.typing import NDArray
from scipy.spatial import KDTree
from sympy.logic.boolalg import Boolean
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.files.read_mesh import LARGEST_POSITION
from pinr.files.read_points import read_points
from pinr.geometry.axes import Coordinates, axis_names
from pinr.geometry.bounds import Bounds
from pinr.geometry.chart import Chart
from pinr.geometry.condition import check_condition, holds
from pinr.geometry.estimated_normals import estimated_normals, oriented_outward, oriented_towards
from pinr.geometry.face import Face
from pinr.geometry.measurements import Measurements
from pinr.geometry.number import Number
from pinr.geometry.placed import AbstractPlaced, directions
from pinr.geometry.placement import Placement
from pinr.geometry.samples import Mask, Points, Samples, Values
from pinr.geometry.sampling.sampler import AbstractSampler, Seed
from pinr.geometry.table import Table
from pinr.language.normals import Normal

Rows = NDArray[np.float64]

NEIGHBOURS = 16
NO_DIRECTION = "a normal without direction"
REMEDIES = {NO_DIRECTION: "Estimate them, `PointCloud(points).with_normals()`"}


@final
@dataclass(frozen=True, init=False, repr=False)
class PointCloud(AbstractPlaced):
    """Points of a curve or surface, `on(scan, Eq(phi, 0))`; with normals, `scan.normal` stands in equations.

    As of measurements, a draw is a random subset of the points without replacement, and the measure is their number.
    Points that are the same, that are no numbers, and normals without a length are errors, unless they are to be
    dropped.

    Args:
        points: `(N, 2)` or `(N, 3)`.
        normals: Of the same shape, of any length; None where they are not known.
        coordinates: What the columns are called: `("x", "y", "z")`, of two columns `("x", "y")`.
        name: What prints and histories call the cloud.
        drop_invalid: Whether to leave out such points, instead of refusing them.

    Raises:
        GeometryError: The arrays are not as said, or no point is left.
    """

    rows: Measurements
    placement: Placement | None
    written: str

    def __init__(
        self,
        points: Any,
        normals: Any = None,
        *,
        coordinates: Coordinates = None,
        name: str = "cloud",
        drop_invalid: bool = False,
    ) -> None:
        usual = "" if name == "cloud" else f', name="{name}"'
        usual += ", drop_invalid=True" if drop_invalid else ""
        table = _table(points, normals, coordinates, name, None, drop_invalid=drop_invalid, written="PointCloud(…)")
        self._set(_rows(table), None, f"PointCloud({table.count} points{usual})")

    @classmethod
    def read(
        cls,
        path: str | os.PathLike[str],
        *,
        coordinates: Coordinates = None,
        name: str | None = None,
        drop_invalid: bool = False,
    ) -> Self:
        """The points of a file `.ply`, `.xyz`, `.txt` or `.npz`, see `pinr.files.read_points`.

        Raises:
            FileFormatError: The file cannot be read, or has another format.
            GeometryError: There are points that are no numbers or the same; `drop_invalid=True` leaves them out.
        """
        scan, file = read_points(path), Path(path).name
        usual = "" if name is None else f', name="{name}"'
        usual += ", drop_invalid=True" if drop_invalid else ""
        written = f'PointCloud.read("{file}"{usual})'
        title = name or Path(path).stem
        table = _table(*scan, coordinates, title, file, drop_invalid=drop_invalid, written=written)
        return cls.of(_rows(table), None, written)

    @classmethod
    def of(cls, rows: Measurements, placement: Placement | None, written: str) -> Self:
        """The cloud of the rows of a table, whose columns are coordinates and `normal.<name>`."""
        made = object.__new__(cls)
        made._set(rows, placement, written)
        return made

    def _set(self, rows: Measurements, placement: Placement | None, written: str) -> None:
        for key, part in {"rows": rows, "placement": placement, "written": written}.items():
            object.__setattr__(self, key, part)

    @property
    def count(self) -> int:
        """Number of points."""
        return self.rows.count

    @property
    def name(self) -> str:
        """What prints and histories call the cloud."""
        return self.rows.table.name

    @property
    @override
    def title(self) -> str:
        return self.name

    @override
    def distances(self, rows: Rows) -> tuple[Values, Rows]:
        distances, nearest = self._tree.query(rows)
        return distances, directions(rows, self._tree.data[nearest], distances)

    @cached_property
    def _tree(self) -> KDTree:
        return KDTree(self.points)

    @property
    def points(self) -> Rows:
        """The positions `(N, d)`."""
        return self._array(self.names)

    @property
    def normals(self) -> Rows | None:
        """The unit normals `(N, d)`, if they are known."""
        return self._array(self._normal_columns) if self._has_normals else None

    def with_normals(
        self, *, neighbours: int = NEIGHBOURS, orient: Literal["outward"] | Mapping[str, float] = "outward"
    ) -> "PointCloud":
        """The cloud with normals estimated from the nearest points of each.

        The directions come from the plane, or the line, that fits them best. Signs are handed on from neighbour to
        neighbour, from the outermost point of each connected part, which is right for a closed shape with points
        denser than its features; for a shape seen from one place they point there.

        Args:
            neighbours: How many points; more of them smooth noise, and edges as well.
            orient: `"outward"`, or the place from which the points were seen by coordinate, `{"x": 0, "y": 0, "z": 5}`.

        Raises:
            GeometryError: There are not as many points, neighbours lie on a line, or the place is none.
        """
        shown = "" if neighbours == NEIGHBOURS else f"neighbours={neighbours}"
        if orient != "outward":
            shown = ", ".join(part for part in (shown, f"orient={orient}") if part)
        written = f"{self!r}.with_normals({shown})"
        fewest = len(self.names)
        if type(neighbours) is not int or not fewest <= neighbours < self.count:
            message = (
                f"`{written}`: the number of neighbours must be at least {fewest}, and smaller than the number of "
                f"points, {self.count}."
            )
            raise GeometryError(message)
        points = self.points
        normals = estimated_normals(points, neighbours, written)
        if orient == "outward":
            normals = oriented_outward(points, normals, neighbours)
        else:
            normals = oriented_towards(points, normals, _viewpoint(orient, self.names, written))
        return PointCloud.of(self._tabled(points, normals), self.placement, written)

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return self.rows.names

    @property
    @override
    def bounds(self) -> Bounds:
        return self.rows.bounds

    @cached_property
    @override
    def charts(self) -> tuple[Chart, ...]:
        (chart,) = self.rows.charts
        return (replace(chart, place=lambda unit: self._own(chart.place(unit))),)

    @override
    def sample(self, count: int, *, sampler: AbstractSampler, seed: Seed) -> Samples:
        """A random subset without replacement, all points in their order where there are not more than `count`."""
        return self._own(self.rows.sample(count, sampler=sampler, seed=seed))

    @override
    def encloses(self, points: Points) -> Mask:
        return self.rows.encloses(points)

    @override
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        message = f"`{self!r}.boundary`: points have no boundary. Take that of the region in which they lie."
        raise GeometryError(message)

    @override
    def membership(self, values: Mapping[str, sympy.Expr]) -> Boolean:
        message = f"`{self!r}.inside`: points have no inside. Take that of the region in which they lie."
        raise GeometryError(message)

    @override
    def carried_normal(self) -> Normal | None:
        # With its fingerprint: another cloud may be written alike.
        return Normal(f"{self!r} ({self.rows.table.digest[:8]})", self.names) if self._has_normals else None

    @property
    @override
    def normal(self) -> Normal:
        """The unit normals of the points, for use in equations.

        Raises:
            GeometryError: They are not known.
        """
        found = self.carried_normal()
        if found is None:
            message = (
                f"`{self!r}.normal`: the cloud has no normals. Estimate them from neighbouring points, "
                f"`cloud.with_normals(neighbours={NEIGHBOURS})`; points that were seen from one place get their "
                'signs from there, `orient={"x": 0, …}`.'
            )
            raise GeometryError(message)
        return found

    @override
    def where(self, condition: Boolean) -> "PointCloud":
        """The points where a SymPy condition on the coordinates holds, `scan.where(z > 0)`."""
        check_condition(self, condition, self.names)
        if not holds(condition, dict(zip(self.names, self.points.T, strict=True))).any():
            message = f"`{self!r}.where({condition})` is empty: no point satisfies the condition. Correct it."
            raise GeometryError(message)
        return PointCloud.of(self.rows.where(condition), self.placement, self.written)

    @override
    def pinned(self, values: Mapping[str, Number]) -> "PointCloud":
        return self.where(sympy.And(*(sympy.Eq(sympy.Symbol(n, real=True), v.symbol) for n, v in values.items())))

    @override
    def measured(self) -> "tuple[Measurements, ...]":
        return (self.rows,)

    @override
    def record(self) -> dict[str, Any]:
        placement = self.placement and self.placement.record()
        return {"type": "PointCloud", "rows": self.rows.record(), "placement": placement, "written": self.written}

    @override
    def __repr__(self) -> str:
        condition = self.rows.condition
        return self.written if condition is None else f"{self.written}.where({condition})"

    @property
    def _normal_columns(self) -> tuple[str, ...]:
        return tuple(f"normal.{name}" for name in self.names)

    @property
    def _has_normals(self) -> bool:
        return self.rows.table.columns.keys() >= {*self._normal_columns}

    def _array(self, columns: Iterable[str]) -> Rows:
        return np.column_stack([self.rows.table.columns[name][self.rows.rows] for name in columns])

    def _own(self, samples: Samples) -> Samples:
        """The samples of the rows, with normals under the keys that a boundary has."""
        columns = self._normal_columns if self._has_normals else ()
        return Samples(samples.points, {name: samples.columns[self.rows[name].key] for name in columns})

    def _tabled(self, points: Rows, normals: Rows | None) -> Measurements:
        return _rows(_as_table(points, normals, self.names, self.name, self.rows.table.file))

    @override
    def _fitted(self, box: Bounds, margin: float, written: str) -> "PointCloud":
        placement = Placement.into(self.bounds, box, margin, written)
        rows = self._tabled(placement.place(self.points), self.normals)
        return PointCloud.of(rows, placement.after(self.placement), written)


def _rows(table: Table) -> Measurements:
    return Measurements.of(table, tuple(name for name in table.columns if not name.startswith("normal.")))


def _as_table(points: Rows, normals: Rows | None, names: Sequence[str], title: str, file: str | None) -> Table:
    columns = {name: np.array(points[:, k]) for k, name in enumerate(names)}
    if normals is not None:
        columns |= {f"normal.{name}": np.array(normals[:, k]) for k, name in enumerate(names)}
    return Table(columns, title, file)


def _table(
    points: Any,
    normals: Any,
    coordinates: Coordinates,
    title: str,
    file: str | None,
    *,
    drop_invalid: bool,
    written: str,
) -> Table:
    positions = _rows_of(points, "points", written)
    names = axis_names(coordinates, positions.shape[1], written)
    directions = None if normals is None else _rows_of(normals, "normals", written)
    if directions is not None and directions.shape != positions.shape:
        message = f"`{written}`: {directions.shape} normals for {positions.shape} points. Give one for every point."
        raise GeometryError(message)
    if not isinstance(title, str) or not title:
        message = f'`{written}`: the name {title!r} is no text. Write for example `name="scan"`.'
        raise GeometryError(message)
    kept = _checked_rows(positions, directions, written, drop_invalid=drop_invalid)
    if directions is not None:
        directions = directions[kept] / np.abs(directions[kept]).max(axis=1, keepdims=True)  # squares may vanish
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return _as_table(positions[kept], directions, names, title, file)


def _rows_of(array: Any, what: str, written: str) -> Rows:
    try:
        found = np.array(array, dtype=np.float64)
    except (TypeError, ValueError) as error:
        message = f"`{written}`: the {what} are no array of numbers ({error}). Give one row per point."
        raise GeometryError(message) from None
    if found.ndim != 2 or found.shape[1] not in (2, 3) or not len(found):
        message = f"`{written}`: the {what} have the shape {found.shape}. Give `(N, 2)` or `(N, 3)`, a row per point."
        raise GeometryError(message)
    return found


def _checked_rows(points: Rows, normals: Rows | None, written: str, *, drop_invalid: bool) -> Mask:
    """Which rows are sound; an error where some are not, unless they are to be dropped."""
    found = {
        "a position that is no number": ~np.isfinite(points).all(axis=1),
        f"a position beyond {LARGEST_POSITION:g}": (np.abs(points) > LARGEST_POSITION).any(axis=1),
    }
    if normals is not None:
        found[NO_DIRECTION] = ~np.isfinite(normals).all(axis=1) | (normals == 0).all(axis=1)
    _, first = np.unique(points, axis=0, return_index=True)
    is_repeated = np.ones(len(points), dtype=bool)
    is_repeated[first] = False
    found["the position of another"] = is_repeated & np.isfinite(points).all(axis=1)
    for reason, rows in found.items():
        if rows.any() and not drop_invalid:
            message = (
                f"`{written}`: {rows.sum()} of the {len(points)} points have {reason}, the first of them in row "
                f"{np.flatnonzero(rows)[0] + 1}. {REMEDIES.get(reason, 'Correct them')}, or leave such points out with "
                "`drop_invalid=True`."
            )
            raise GeometryError(message)
    sound = ~np.logical_or.reduce(list(found.values()))
    if not sound.any():
        message = f"`{written}`: no point is left of {len(points)}. Check where they come from."
        raise GeometryError(message)
    return sound


def _viewpoint(orient: Any, names: tuple[str, ...], written: str) -> Rows:
    try:
        if {*orient} == {*names}:
            return np.array([float(orient[name]) for name in names])
    except (TypeError, ValueError):
        pass
    place = "{" + ", ".join(f'"{name}": 0' for name in names) + "}"
    message = f'`{written}`: orient is "outward", or the place of the viewer by coordinate, `orient={place}`.'
    raise GeometryError(message)
