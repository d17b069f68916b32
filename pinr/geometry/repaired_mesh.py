"""Triangle meshes whose triangles look in different directions, made sound."""

import numpy as np

from pinr.files.read_mesh import Mesh


def repaired(mesh: Mesh) -> Mesh:
    """The mesh with neighbouring triangles oriented alike, and every connected part outward.

    Vertices at exactly one place become one; triangles without an area, or that repeat another one, are left out.
    Shells within shells look outward as well: a cavity that is meant must be turned by hand.

    References: libigl's `bfs_orient`; the sign of the volume of a part decides where it is closed, else the side to
    which most of it faces away from its middle.
    """
    import igl

    vertices, same = np.unique(mesh.vertices + 0.0, axis=0, return_inverse=True)
    faces = same.ravel()[mesh.faces]
    group = mesh.group if mesh.groups else np.zeros(len(faces), dtype=np.int64)
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    _, first = np.unique(np.sort(faces, axis=1), axis=0, return_index=True)
    kept = np.intersect1d(first, np.flatnonzero((np.cross(b - a, c - a) != 0).any(axis=1)))
    oriented, part = igl.bfs_orient(np.ascontiguousarray(faces[kept].astype(np.int64)))
    for number in range(int(part.max()) + 1):
        members = part == number
        corners = vertices[oriented[members]]
        middle = corners.mean(axis=(0, 1))
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        # Six times the volume between the part and its middle: exact where it is closed.
        if np.einsum("fi,fi->", corners.mean(axis=1) - middle, normals) < 0:
            oriented[members] = oriented[members][:, ::-1]
    return Mesh(vertices, oriented, mesh.groups, group[kept] if mesh.groups else mesh.group)
