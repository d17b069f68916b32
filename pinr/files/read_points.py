"""Point clouds from files: PLY, XYZ, NPZ. Reading runs nothing that a file says."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pinr.errors import FileFormatError
from pinr.files.existing import reader_of, require_content
from pinr.files.npz import read_npz
from pinr.files.ply import read_ply

Numbers = NDArray[np.float64]

AXES = ("x", "y", "z")
LARGEST_DEVIATION = 0.05  # of the length of a normal from 1 in a file whose columns have no names


class Scan(NamedTuple):
    """Positions `(N, d)` in two or three dimensions, and normals of the same shape, or None."""

    points: Numbers
    normals: Numbers | None


def read_points(path: str | os.PathLike[str]) -> Scan:
    """The points of a file by its suffix: `.ply`, `.xyz` or `.txt`, `.npz`.

    PLY has the properties `x y z` of its vertices, and normals as `nx ny nz`. XYZ is text with a point per line,
    separated by blanks or commas: 2 or 3 columns of positions, or 6, the last three of which are a unit normal. NPZ
    has `points` or `vertices`, and `normals` if there are any, which as `int8` count in parts of 127.

    Raises:
        FileFormatError: The file cannot be read, has another format, or holds no points.
    """
    path = Path(path)
    reader = reader_of(path, READERS, "points")
    require_content(path)
    scan = reader(path)
    if not len(scan.points):
        message = f"`{path}` has no points. Copy or write it again."
        raise FileFormatError(message)
    return scan


def _read_ply(path: Path) -> Scan:
    columns = read_ply(path).columns.get("vertex", {})
    missing = [name for name in AXES if name not in columns]
    if missing:
        message = (
            f"`{path}`: its vertices have no {missing[0]!r}, but {', '.join(columns) or 'nothing'}. Write x, y, z."
        )
        raise FileFormatError(message)
    normals = ["nx", "ny", "nz"]
    return Scan(
        np.column_stack([columns[name] for name in AXES]),
        np.column_stack([columns[name] for name in normals]) if columns.keys() >= {*normals} else None,
    )


def _read_text(path: Path) -> Scan:
    rows: list[list[float]] = []
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, start=1):
                words = line.split("#")[0].replace(",", " ").split()
                if not words:
                    continue
                rows.append([float(word) for word in words])
                if len(rows[-1]) != len(rows[0]):
                    message = (
                        f"`{path}`, line {number}: there are {len(rows[-1])} numbers, in the lines before "
                        f"{len(rows[0])}. Every line is a point; a line with their number does not belong there."
                    )
                    raise FileFormatError(message)
    except UnicodeDecodeError as error:
        message = f"`{path}` is no text in UTF-8 ({error}). Check the suffix, or write it again."
        raise FileFormatError(message) from error
    except ValueError as error:
        if isinstance(error, FileFormatError):
            raise
        message = f"`{path}`, line {number}: {line.strip()[:80]!r} is no row of numbers. Remove it, or mark it by #."
        raise FileFormatError(message) from error
    if not rows:
        return Scan(np.empty((0, 3)), None)
    table = np.array(rows, dtype=np.float64)
    columns = table.shape[1]
    if columns not in (2, 3, 6):
        message = (
            f"`{path}` has {columns} columns. Points have 2 or 3; with unit normals in space 6. Leave the others out."
        )
        raise FileFormatError(message)
    if columns < 6:
        return Scan(table, None)
    lengths = np.linalg.norm(table[:, 3:], axis=1)
    if (np.abs(lengths - 1) > LARGEST_DEVIATION).any():
        message = (
            f"`{path}`: the last three of its 6 columns are no unit normals, their lengths run from "
            f"{lengths.min():.3g} to {lengths.max():.3g}. Leave out what is something else, such as colours."
        )
        raise FileFormatError(message)
    return Scan(table[:, :3], table[:, 3:])


def _read_npz(path: Path) -> Scan:
    arrays = read_npz(path, ("points", "vertices", "normals"))
    points = arrays.get("points", arrays.get("vertices"))
    if points is None:
        message = f"`{path}` has no array `points` or `vertices`. Save them under one of these names."
        raise FileFormatError(message)
    normals = arrays.get("normals")
    for name, array in (("points", points), ("normals", normals)):
        if array is not None and (array.ndim != 2 or array.shape[1] not in (2, 3) or array.shape != points.shape):
            message = (
                f"`{path}`: its {name} have the shape {array.shape}, its points {points.shape}. Save a row per "
                "point, of two or three numbers."
            )
            raise FileFormatError(message)
    if normals is not None:
        normals = normals / 127.0 if normals.dtype == np.int8 else normals.astype(np.float64)
    return Scan(points.astype(np.float64), normals)


READERS: Mapping[str, Callable[[Path], Scan]] = {
    ".ply": _read_ply,
    ".xyz": _read_text,
    ".txt": _read_text,
    ".npz": _read_npz,
}
