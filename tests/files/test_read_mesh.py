"""Triangle meshes from files: every format gives the same triangles; every malformed file one error."""

import contextlib
import io
import tracemalloc

import numpy as np
import pytest

from pinr.errors import FileFormatError
from pinr.files.read_mesh import read_mesh
from tests.files.shape_files import HALVES, SQUARE, binary_ply, binary_stl, ply_header, text_ply, text_stl

MEMORY = 8 * 2**20
VERTICES = "".join(f"v {' '.join(map(repr, map(float, row)))}\n" for row in SQUARE)
QUAD = [(0, 1, 2, 3)]
DENT = np.array([[0, 0, 0], [1, 0, 0], [0.1, 0.1, 0], [0, 1, 0]], dtype=np.float64)


def obj(rest, vertices=VERTICES):
    return (vertices + rest).encode()


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


SOUND = {
    "triangles.obj": obj("f 1 2 3\nf 1 3 4\n"),
    "negative.obj": obj("f -4 -3 -2\nf -4 -2 -1\n"),
    "slashes.obj": obj("mtllib no.mtl\nvt 0 0\nvn 0 0 1\ns off\nusemtl red\nl 1 2\nf 1/1/1 2//1 3/1 # a half\nf 1 3 4"),
    "quad.obj": obj("f 1 2 \\\n3 4\n"),
    "colours.obj": obj("f 1 2 3 4", VERTICES.replace("\n", " 0.5 0.5 0.5\n")),
    "ascii.ply": text_ply(polygons=HALVES.tolist()),
    "little.ply": binary_ply("<", polygons=HALVES.tolist()),
    "big.ply": binary_ply(">", polygons=QUAD),
    "mixed.ply": binary_ply("<", points=np.vstack([SQUARE, SQUARE[:1]]), polygons=[(0, 1, 2), (4, 2, 3)]),
    "binary.stl": binary_stl(SQUARE[HALVES]),
    "text.stl": text_stl({"": SQUARE[HALVES]}),
    "arrays.npz": npz(vertices=SQUARE.astype(np.float32), faces=HALVES.astype(np.uint16)),
}


@pytest.mark.parametrize("name", SOUND)
def test_every_format_gives_the_same_triangles(name, tmp_path):
    (tmp_path / name).write_bytes(SOUND[name])
    mesh = read_mesh(tmp_path / name)
    np.testing.assert_array_equal(mesh.vertices[mesh.faces], SQUARE[HALVES])
    assert mesh.groups == () and not len(mesh.group)


def test_mixed_polygons_of_a_binary_file(tmp_path):
    points = np.vstack([SQUARE, 1 + SQUARE])
    (tmp_path / "a.ply").write_bytes(binary_ply(">", points=points, polygons=[(0, 1, 2, 3), (4, 5, 6), (4, 6, 7)]))
    np.testing.assert_array_equal(read_mesh(tmp_path / "a.ply").faces, [*HALVES, *(HALVES + 4)])


def test_groups_keep_their_names(tmp_path):
    (tmp_path / "a.obj").write_bytes(obj("f 1 2 3\ng flap left\nf 1 3 4 2\no hull\nf 1 2 3\ng tip\nf 1 2 3\n"))
    mesh = read_mesh(tmp_path / "a.obj")
    assert mesh.groups == ("rest", "flap left", "hull", "hull tip")
    assert mesh.group.tolist() == [0, 1, 1, 2, 3]
    (tmp_path / "a.stl").write_bytes(text_stl({"one": SQUARE[HALVES[:1]], "two": SQUARE[HALVES[1:]]}))
    mesh = read_mesh(tmp_path / "a.stl")
    assert (mesh.groups, mesh.group.tolist(), len(mesh.vertices)) == (("one", "two"), [0, 1], 4)


def test_a_pentagon_becomes_three_triangles_of_its_area(tmp_path):
    angles = 2 * np.pi * np.arange(5) / 5
    ring = np.column_stack([np.cos(angles), np.sin(angles), 0 * angles])
    (tmp_path / "a.ply").write_bytes(text_ply(points=ring, polygons=[range(5)]))
    mesh = read_mesh(tmp_path / "a.ply")
    a, b, c = (mesh.vertices[mesh.faces[:, k]] for k in range(3))
    assert len(mesh.faces) == 3
    assert np.cross(b - a, c - a)[:, 2].sum() / 2 == pytest.approx(2.5 * np.sin(2 * np.pi / 5), rel=1e-12)


STL = binary_stl(SQUARE[HALVES])
MALFORMED = {
    "unknown suffix": ("a.blend", b"mesh", "read from .obj, .ply, .stl, .npz"),
    "empty": ("a.obj", b"", "is empty"),
    "no faces": ("a.obj", obj(""), "there are no faces.*PointCloud"),
    "no faces in PLY": ("a.ply", text_ply(polygons=[]), "there are no faces"),
    "only points": ("a.ply", text_ply(), "no faces with a list"),
    "strips": ("a.ply", text_ply(polygons=QUAD).replace(b"vertex_indices", b"strips"), "triangle strips must be"),
    "an edge": ("a.obj", obj("f 1 2\n"), "face 1 has 2 vertices"),
    "number too large": ("a.obj", obj("f 1 2 3\nf 1 2 5\n"), r"face 2 refers to the vertex 4 \(counted from 0\)"),
    "number absurdly large": ("a.obj", obj(f"f 1 2 {10**30}\n"), "line 5"),
    "number zero": ("a.obj", obj("f 0 1 2\n"), "line 5: 'f 0 1 2' is no vertex, face or group"),
    "number too negative": ("a.obj", obj("f -9 1 2\n"), "face 1 refers"),
    "not convex": ("a.ply", text_ply(points=DENT, polygons=[(1, 2, 3, 0)]), "face 1 with 4 vertices is not convex"),
    "word": ("a.obj", obj("v 1 two 3\n"), "line 5: 'v 1 two 3'"),
    "short vertex": ("a.obj", obj("v 1 2\n"), "line 5"),
    "curved": ("a.obj", obj("curv 0 1 1 2 3\n"), "curved surfaces must be made triangles"),
    "binary as text": ("a.obj", b"\xff\xfe\x00" * 9, "no text in UTF-8"),
    "not a number": ("a.obj", obj("f 1 2 3", VERTICES.replace("1.0", "nan", 1)), "1 vertices are no numbers.*row 2"),
    "no area": ("a.obj", obj("f 1 2 2\n"), "none of its triangles has an area"),
    "truncated STL": ("a.stl", STL[:-10], "announces 2 triangles, 184 bytes, but has 174"),
    "claims of an STL": ("a.stl", binary_stl(SQUARE[HALVES], claimed=10**9), "announces 1000000000 triangles"),
    "no STL": ("a.stl", b"mesh", "has no header"),
    "truncated text STL": ("a.stl", text_stl({"a": SQUARE[HALVES]})[:-30], "endfacet|endsolid|does not belong"),
    "short facet": (
        "a.stl",
        text_stl({"a": SQUARE[HALVES]}).replace(b"vertex 1.0 1.0 0.0\n", b"", 1),
        "does not belong",
    ),
    "claims of faces": ("a.ply", ply_header("ascii", 4, 10**9) + b"0 0 0\n" * 4, "incomplete"),
    "other byte order": ("a.ply", binary_ply(">", polygons=HALVES.tolist(), claimed="<"), "bytes are not in the order"),
    "fractions": (
        "a.ply",
        text_ply(polygons=HALVES.tolist()).replace(b"uchar int", b"uchar float").replace(b"3 0 1 2", b"3 0 1.5 2"),
        "not whole",
    ),
    "no faces in NPZ": ("a.npz", npz(vertices=SQUARE), "no array 'faces'"),
    "quads in NPZ": ("a.npz", npz(vertices=SQUARE, faces=np.array(QUAD)), "no triangle mesh"),
    "floats in NPZ": ("a.npz", npz(vertices=SQUARE, faces=HALVES.astype(float)), "no triangle mesh"),
    "huge numbers in NPZ": ("a.npz", npz(vertices=SQUARE, faces=HALVES + 2**62), "refers to the vertices"),
    "wrapped numbers in NPZ": (
        "a.npz",
        npz(vertices=SQUARE, faces=HALVES.astype(np.uint64) + np.uint64(2**63)),
        "refers to the vertices",
    ),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_files_are_refused_in_little_memory(case, tmp_path):
    name, content, message = MALFORMED[case]
    (tmp_path / name).write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(FileFormatError, match=message) as caught:
            read_mesh(tmp_path / name)
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()
    assert name in str(caught.value)


def test_an_absent_file(tmp_path):
    with pytest.raises(FileFormatError, match="no such file"):
        read_mesh(tmp_path / "a.obj")


@pytest.mark.parametrize("name", ["little.ply", "ascii.ply", "binary.stl", "text.stl", "arrays.npz", "triangles.obj"])
def test_damaged_files_end_in_one_kind_of_error(name, tmp_path):
    random, content = np.random.default_rng(0), bytearray(SOUND[name])
    for number in range(60):
        damaged = bytearray(content)
        for place in random.integers(0, len(content), 3):
            damaged[place] = random.integers(0, 256)
        path = tmp_path / f"{number}{name[name.index('.') :]}"
        path.write_bytes(damaged[: random.integers(1, len(content) + 1)] if number % 2 else damaged)
        with contextlib.suppress(FileFormatError):
            mesh = read_mesh(path)
            assert mesh.faces.min() >= 0 and mesh.faces.max() < len(mesh.vertices)
