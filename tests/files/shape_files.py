"""Files of shapes, written down byte by byte."""

import struct

import numpy as np

SQUARE = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], dtype=np.float64)
NORMALS = np.array([[0, 0, 1], [0, 0.6, 0.8], [0.6, 0, 0.8], [0, 0, -1]])
HALVES = np.array([[0, 1, 2], [0, 2, 3]])
LETTERS = {"<": "binary_little_endian", ">": "binary_big_endian"}


def ply_header(form, vertices, faces=None, *, normals=False, kind="float"):
    names = ["x", "y", "z", *(("nx", "ny", "nz") if normals else ())]
    lines = ["ply", f"format {form} 1.0", "comment a square", f"element vertex {vertices}"]
    lines += [f"property {kind} {name}" for name in names]
    if faces is not None:
        lines += [f"element face {faces}", "property list uchar int vertex_indices"]
    return ("\n".join([*lines, "end_header"]) + "\n").encode()


def binary_ply(order="<", points=SQUARE, normals=None, polygons=None, kind="float", claimed=None):
    rows = points if normals is None else np.hstack([points, normals])
    letter = {"float": "f4", "double": "f8"}[kind]
    count = None if polygons is None else len(polygons)
    content = ply_header(LETTERS[claimed or order], len(points), count, normals=normals is not None, kind=kind)
    content += rows.astype(order + letter).tobytes()
    for polygon in polygons if polygons is not None else ():
        content += struct.pack(f"{order}B{len(polygon)}i", len(polygon), *polygon)
    return content


def text_ply(points=SQUARE, normals=None, polygons=None):
    rows = points if normals is None else np.hstack([points, normals])
    lines = [" ".join(map(repr, map(float, row))) for row in rows]
    lines += [f"{len(p)} {' '.join(map(str, p))}" for p in (polygons if polygons is not None else ())]
    count = None if polygons is None else len(polygons)
    head = ply_header("ascii", len(points), count, normals=normals is not None)
    return head + ("\n".join(lines) + "\n").encode()


def binary_stl(corners, claimed=None):
    content = b"binary".ljust(80) + struct.pack("<I", len(corners) if claimed is None else claimed)
    for triangle in corners:
        content += struct.pack("<12fH", 0, 0, 0, *np.ravel(triangle), 0)
    return content


def text_stl(solids):
    lines = []
    for name, corners in solids.items():
        lines.append(f"solid {name}")
        for triangle in corners:
            lines += ["facet normal 0 0 0", "outer loop"]
            lines += [f"vertex {' '.join(map(repr, map(float, corner)))}" for corner in triangle]
            lines += ["endloop", "endfacet"]
        lines.append(f"endsolid {name}")
    return ("\n".join(lines) + "\n").encode()
