"""Wavefront OBJ files: vertices, faces, and the names of their groups."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pinr.errors import FileFormatError

# Not of the surface: normals and textures of vertices, looks, smoothing, lines and points.
IGNORED = frozenset(
    ("vn", "vt", "vp", "s", "usemtl", "mtllib", "usemap", "maplib", "mg", "lod", "l", "p", "shadow_obj", "trace_obj")
)


class Obj(NamedTuple):
    """Vertices `(V, 3)`, the vertex numbers of every face from 0, and the name of its group."""

    vertices: NDArray[np.float64]
    polygons: list[NDArray[np.int64]]
    groups: list[str]


def read_obj(path: Path) -> Obj:
    """The faces of an OBJ file; materials and textures are not looked for.

    A face belongs to the group that `g` or `o` last named; of both, to the object and the group, `wing flap`.

    Raises:
        FileFormatError: A line means nothing, or describes a curved surface.
    """
    vertices: list[list[float]] = []
    polygons: list[NDArray[np.int64]] = []
    groups: list[str] = []
    names = {"o": "", "g": ""}
    number, line = 0, ""
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(_joined(file), start=1):  # noqa: B007 (for the error)
                key, *words = line.split("#")[0].split() or ["#"]
                if key == "v":
                    vertices.append([float(word) for word in words[:3]])
                    if len(words) < 3:
                        raise ValueError(line)
                elif key == "f":
                    polygons.append(_polygon(words, len(vertices)))
                    groups.append(" ".join(name for name in names.values() if name))
                elif key in names:
                    names[key] = " ".join(words)
                    if key == "o":
                        names["g"] = ""
                elif key != "#" and key not in IGNORED:
                    raise ValueError(line)
    except UnicodeDecodeError as error:
        message = f"`{path}` is no text in UTF-8 ({error}). Check the suffix, or write it again."
        raise FileFormatError(message) from error
    except (ValueError, OverflowError) as error:
        message = (
            f"`{path}`, line {number}: {line.strip()[:80]!r} is no vertex, face or group. Lines are `v x y z`, "
            "`f 1 2 3`, `g name`; curved surfaces must be made triangles. Correct the file."
        )
        raise FileFormatError(message) from error
    return Obj(np.array(vertices, dtype=np.float64).reshape(-1, 3), polygons, groups)


def _joined(lines: Iterable[str]) -> list[str]:
    """Lines of which those that end in a backslash go on in the next one."""
    found, begun = [], ""
    for line in lines:
        stripped = line.rstrip("\r\n")
        if stripped.endswith("\\"):
            begun += stripped[:-1] + " "
            continue
        found.append(begun + stripped)
        begun = ""
    return [*found, begun] if begun else found


def _polygon(words: list[str], count: int) -> NDArray[np.int64]:
    """`7/1/3 8/2/3 -1`: the vertex comes first; negative numbers count back from the last one."""
    numbers = [int(word.split("/")[0]) for word in words]
    if 0 in numbers:
        raise ValueError(words)
    return np.array([n - 1 if n > 0 else count + n for n in numbers], dtype=np.int64)
