"""Polygons of mesh files, cut into triangles."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pinr.errors import FileFormatError

Numbers = NDArray[np.float64]
Faces = NDArray[np.int64]

ROUNDING = 1e-6  # of an area: what single precision leaves of three vertices on a line


def triangulated(vertices: Numbers, polygons: Sequence[NDArray[np.int64]], title: str) -> tuple[Faces, Faces]:
    """Triangles `(F, 3)` of convex polygons, as fans from their first vertices, and the polygon that each is of.

    Args:
        vertices: `(V, 3)`.
        polygons: Vertex numbers from 0, around each.
        title: What errors call the file.

    Raises:
        FileFormatError: A polygon has fewer than three vertices, one that there is not, or is not convex.
    """
    sizes = np.array([len(p) for p in polygons], dtype=np.int64)
    if (sizes < 3).any():
        number = int(np.flatnonzero(sizes < 3)[0])
        message = f"{title}: face {number + 1} has {sizes[number]} vertices. A face has three or more; remove it."
        raise FileFormatError(message)
    flat = np.concatenate([np.asarray(p) for p in polygons]) if len(polygons) else np.empty(0, dtype=np.int64)
    wrong = (flat < 0) | (flat >= len(vertices))
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        number = int(np.searchsorted(np.cumsum(sizes), place, side="right"))
        message = (
            f"{title}: face {number + 1} refers to the vertex {flat[place]} (counted from 0), but there are "
            f"{len(vertices)}. The file is incomplete or damaged."
        )
        raise FileFormatError(message)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    owner = np.repeat(np.arange(len(sizes)), sizes - 2)
    step = np.arange(len(owner)) - np.repeat(np.cumsum(sizes - 2) - (sizes - 2), sizes - 2) + 1
    faces = np.column_stack([flat[starts[owner]], flat[starts[owner] + step], flat[starts[owner] + step + 1]])
    if (sizes > 3).any():
        _check_convex(vertices, faces, owner, sizes, title)
    return faces, owner


def _check_convex(vertices: Numbers, faces: Faces, owner: Faces, sizes: Faces, title: str) -> None:
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    whole = np.zeros((len(sizes), 3))
    with np.errstate(all="ignore"):  # vertices that are no numbers are found where all formats come together
        areas = np.cross(b - a, c - a)
        np.add.at(whole, owner, areas)
        size = np.einsum("fi,fi->f", whole, whole)[owner]
        is_turned = (np.einsum("fi,fi->f", areas, whole[owner]) < -ROUNDING * size) & (sizes[owner] > 3)
    if is_turned.any():
        number = int(owner[np.flatnonzero(is_turned)[0]])
        message = (
            f"{title}: face {number + 1} with {sizes[number]} vertices is not convex, so that how to cut it into "
            "triangles is not clear. Triangulate the mesh in the program that made it."
        )
        raise FileFormatError(message)
