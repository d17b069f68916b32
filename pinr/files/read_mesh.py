"""Triangle meshes from files: OBJ, PLY, STL, NPZ. Reading runs nothing that a file says, and opens no other file."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pinr.errors import FileFormatError
from pinr.files.existing import reader_of, require_content
from pinr.files.npz import read_npz
from pinr.files.obj import read_obj
from pinr.files.ply import read_ply
from pinr.files.polygons import triangulated
from pinr.files.stl import read_stl

Numbers = NDArray[np.float64]
Faces = NDArray[np.int64]

CORNERS = ("vertex_indices", "vertex_index")  # both are in use
LARGEST_NUMBER = 2**53  # of a vertex: beyond it doubles are not exact
LARGEST_POSITION = 1e75  # so that its fourth power is a double
REST = "rest"  # the group of triangles that are in none, where others are


class Mesh(NamedTuple):
    """Vertices `(V, 3)`, triangles `(F, 3)` of vertex numbers from 0, and the groups of the triangles.

    `group` has the index into `groups` for each triangle; without groups both are empty.
    """

    vertices: Numbers
    faces: Faces
    groups: tuple[str, ...]
    group: Faces


def read_mesh(path: str | os.PathLike[str]) -> Mesh:
    """The triangles of a file by its suffix: `.obj`, `.ply`, `.stl`, `.npz`.

    Convex polygons are cut into triangles. Groups are those of OBJ (`g`, `o`) and the solids of STL in text. Corners
    of STL triangles at exactly one place become one vertex. NPZ has `vertices` and `faces`.

    Raises:
        FileFormatError: The file cannot be read, has another format, or holds no sound triangles.
    """
    path = Path(path)
    reader = reader_of(path, READERS, "meshes")
    require_content(path)
    mesh = reader(path)
    fault = mesh_fault(mesh.vertices, mesh.faces)
    if fault:
        message = f"`{path}`: {fault}"
        raise FileFormatError(message)
    return mesh


def mesh_fault(vertices: Numbers, faces: Faces) -> str:
    """What is wrong with the arrays of a triangle mesh, and what to do; nothing if they are sound."""
    if not len(faces):
        return "there are no faces. For points alone there is `PointCloud`."
    if faces.min() < 0 or faces.max() >= len(vertices):
        worst = int(np.flatnonzero(((faces < 0) | (faces >= len(vertices))).any(axis=1))[0])
        return (
            f"face {worst + 1} refers to the vertices {', '.join(map(str, faces[worst]))} (counted from 0), but there "
            f"are {len(vertices)}. Correct the numbers; some programs count from 1."
        )
    used = np.zeros(len(vertices), dtype=bool)
    used[faces.ravel()] = True
    bad = np.flatnonzero(used & ~np.isfinite(vertices).all(axis=1))
    if bad.size:
        return f"{bad.size} vertices are no numbers, the first of them in row {bad[0] + 1}. Correct them."
    largest = float(np.abs(vertices[used]).max())
    if largest > LARGEST_POSITION:
        return f"its vertices reach to {largest:.2g}, which areas and volumes cannot hold. Choose other units."
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    if not np.linalg.norm(np.cross(b - a, c - a), axis=1).any():
        return "none of its triangles has an area. Check the positions of the vertices."
    return ""


def _read_obj(path: Path) -> Mesh:
    found = read_obj(path)
    faces, owner = triangulated(found.vertices, found.polygons, f"`{path}`")
    return Mesh(found.vertices, faces, *_grouped([found.groups[k] for k in owner]))


def _read_stl(path: Path) -> Mesh:
    found = read_stl(path)
    # −0.0 and 0.0 are one place.
    vertices, numbers = np.unique(found.corners.reshape(-1, 3) + 0.0, axis=0, return_inverse=True)
    return Mesh(vertices, numbers.reshape(-1, 3).astype(np.int64), *_grouped(found.groups))


def _read_ply(path: Path) -> Mesh:
    found = read_ply(path)
    vertex, lists = found.columns.get("vertex", {}), found.lists.get("face", {})
    name = next((name for name in CORNERS if name in lists), None)
    if name is None or not vertex.keys() >= {"x", "y", "z"}:
        message = (
            f"`{path}` has no vertices x, y, z, or no faces with a list of `{CORNERS[0]}`. Points alone are a "
            "`PointCloud`; triangle strips must be made faces."
        )
        raise FileFormatError(message)
    vertices = np.column_stack([vertex[axis] for axis in ("x", "y", "z")])
    polygons = [np.asarray(row) for row in lists[name]]
    numbers = np.concatenate([row.ravel() for row in polygons]) if polygons else np.empty(0)
    if not (np.isfinite(numbers) & (numbers == np.floor(numbers)) & (np.abs(numbers) < LARGEST_NUMBER)).all():
        message = (
            f"`{path}`: a face refers to vertices by numbers that are not whole, or too large. Write the file again."
        )
        raise FileFormatError(message)
    faces, _ = triangulated(vertices, [row.astype(np.int64) for row in polygons], f"`{path}`")
    return Mesh(vertices, faces, (), np.empty(0, dtype=np.int64))


def _read_npz(path: Path) -> Mesh:
    arrays = read_npz(path, ("vertices", "faces"))
    missing = [name for name in ("vertices", "faces") if name not in arrays]
    if missing:
        message = f"`{path}` has no array {missing[0]!r}. Save vertices `(V, 3)` and faces `(F, 3)` under these names."
        raise FileFormatError(message)
    vertices, faces = arrays["vertices"], arrays["faces"]
    if (
        vertices.ndim != 2
        or vertices.shape[1] != 3
        or faces.ndim != 2
        or faces.shape[1] != 3
        or faces.dtype.kind == "f"
    ):
        message = (
            f"`{path}`: vertices {vertices.shape} and faces {faces.shape} of {faces.dtype} are no triangle mesh. Save "
            "rows of three numbers, faces as integers."
        )
        raise FileFormatError(message)
    return Mesh(vertices.astype(np.float64), faces.astype(np.int64), (), np.empty(0, dtype=np.int64))


def _grouped(names: Sequence[str]) -> tuple[tuple[str, ...], Faces]:
    """The distinct names in their order, and the place of each triangle's among them; none where no name is given."""
    if not any(names):
        return (), np.empty(0, dtype=np.int64)
    place: dict[str, int] = {}
    numbers = [place.setdefault(name or REST, len(place)) for name in names]
    return tuple(place), np.array(numbers, dtype=np.int64)


READERS: Mapping[str, Callable[[Path], Mesh]] = {
    ".obj": _read_obj,
    ".ply": _read_ply,
    ".stl": _read_stl,
    ".npz": _read_npz,
}
