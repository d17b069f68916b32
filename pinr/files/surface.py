"""Surfaces for other programs: OBJ, PLY and STL."""

import os
from pathlib import Path
from typing import Any

import meshio
import numpy as np

from pinr.errors import FileFormatError
from pinr.files.atomic import atomic_path

OPTIONS: dict[str, dict[str, Any]] = {".obj": {}, ".ply": {"binary": True}, ".stl": {"binary": True}}


def write_surface(path: str | os.PathLike[str], surface: meshio.Mesh) -> None:
    """Write a mesh of triangles, by the suffix of the path: .obj, .ply (both double precision) or .stl (single).

    Raises:
        FileFormatError: There is no such format, or the mesh has other cells than triangles.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in OPTIONS:
        message = f"`{path}`: {suffix!r} is no format for surfaces. Choose one of {', '.join(OPTIONS)}."
        raise FileFormatError(message)
    kinds = {block.type for block in surface.cells}
    if kinds != {"triangle"}:
        message = (
            f"`{path}`: {suffix} holds triangles in space, and the mesh is of {', '.join(sorted(kinds)) or 'nothing'}. "
            "Curves in the plane can be written as .vtu, with `mesh.write(…)` of meshio."
        )
        raise FileFormatError(message)
    plain = meshio.Mesh(np.asarray(surface.points, dtype=np.float64), surface.cells)
    with atomic_path(path) as temporary:
        plain.write(temporary, file_format=suffix.removeprefix("."), **OPTIONS[suffix])
