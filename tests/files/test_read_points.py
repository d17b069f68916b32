"""Point clouds from files: every format gives the same points; every malformed file one error, in little memory."""

import io
import tracemalloc
import zipfile

import numpy as np
import pytest

from pinr.errors import FileFormatError
from pinr.files.read_points import read_points
from tests.files.shape_files import NORMALS, SQUARE, binary_ply, ply_header, text_ply

MEMORY = 8 * 2**20  # far more than these files need, far less than they claim


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def bomb():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        head = io.BytesIO()
        np.lib.format.write_array_header_1_0(head, {"descr": "<f4", "fortran_order": False, "shape": (4_000_000, 3)})
        archive.writestr("points.npy", head.getvalue() + bytes(48_000_000))
    return buffer.getvalue()


def claiming(shape, dtype="<f4", content=b"\0" * 48):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        head = io.BytesIO()
        np.lib.format.write_array_header_1_0(head, {"descr": dtype, "fortran_order": False, "shape": shape})
        archive.writestr("points.npy", head.getvalue() + content)
    return buffer.getvalue()


def rows(table, separator=" "):
    return "\n".join(separator.join(map(repr, map(float, row))) for row in table).encode()


WITH_NORMALS = {
    "ascii.ply": text_ply(normals=NORMALS),
    "little.ply": binary_ply("<", normals=NORMALS, kind="double"),
    "big.ply": binary_ply(">", normals=NORMALS),
    "faces.ply": binary_ply("<", normals=NORMALS, polygons=[(0, 1, 2, 3)]),
    "mixed.ply": binary_ply(">", normals=NORMALS, polygons=[(0, 1, 2, 3), (0, 1, 2)]),
    "blanks.xyz": b"# x y z nx ny nz\n" + rows(np.hstack([SQUARE, NORMALS])),
    "commas.txt": rows(np.hstack([SQUARE, NORMALS]), ", "),
    "points.npz": npz(points=SQUARE, normals=NORMALS.astype(np.float32)),
    "vertices.npz": npz(vertices=SQUARE.astype(np.float32), normals=NORMALS, faces=np.array([[0, 1, 2]])),
}


@pytest.mark.parametrize("name", WITH_NORMALS)
def test_every_format_gives_the_same_points_and_normals(name, tmp_path):
    (tmp_path / name).write_bytes(WITH_NORMALS[name])
    points, normals = read_points(tmp_path / name)
    np.testing.assert_array_equal(points, SQUARE)
    np.testing.assert_allclose(normals, NORMALS, rtol=1e-7)
    assert points.dtype == normals.dtype == np.float64


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.ply", binary_ply()), ("a.xyz", rows(SQUARE)), ("a.npz", npz(points=SQUARE)), ("b.ply", text_ply())],
)
def test_normals_may_be_missing(name, content, tmp_path):
    (tmp_path / name).write_bytes(content)
    points, normals = read_points(tmp_path / name)
    assert normals is None
    np.testing.assert_array_equal(points, SQUARE)


def test_points_of_the_plane(tmp_path):
    (tmp_path / "a.xyz").write_bytes(rows(SQUARE[:, :2]))
    (tmp_path / "a.npz").write_bytes(npz(points=SQUARE[:, :2], normals=SQUARE[:, :2]))
    for name in ("a.xyz", "a.npz"):
        np.testing.assert_array_equal(read_points(tmp_path / name).points, SQUARE[:, :2])


def test_small_integers_are_parts_of_127(tmp_path):
    (tmp_path / "a.npz").write_bytes(npz(points=SQUARE, normals=(127 * NORMALS).round().astype(np.int8)))
    assert np.abs(read_points(tmp_path / "a.npz").normals - NORMALS).max() < 0.005


MALFORMED = {
    "unknown suffix": ("a.las", b"points", "read from .ply, .xyz, .txt, .npz"),
    "empty": ("a.ply", b"", "is empty"),
    "no points in text": ("a.xyz", b"# nothing\n", "has no points"),
    "no vertices": ("a.ply", text_ply(points=SQUARE[:0]), "has no points"),
    "no PLY": ("a.ply", b"hello\n" * 10, "no PLY file"),
    "header without end": ("a.ply", b"ply\nformat ascii 1.0\nelement vertex 4\n", "no complete header"),
    "header without sense": ("a.ply", binary_ply().replace(b"property float x", b"propertie float x"), "means nothing"),
    "unknown type": ("a.ply", binary_ply().replace(b"float x", b"complex x"), "means nothing"),
    "unknown format": ("a.ply", binary_ply().replace(b"binary_little_endian", b"binary_middle"), "means nothing"),
    "negative count": ("a.ply", ply_header("ascii", -4), "negative count"),
    "truncated": ("a.ply", binary_ply()[:-7], "at least 48 bytes, but 41 follow.*incomplete"),
    "truncated text": ("a.ply", text_ply()[:-30], "incomplete"),
    "rest": ("a.ply", binary_ply() + b"more", "4 bytes more"),
    "claims of a header": ("a.ply", ply_header("binary_little_endian", 10**9) + bytes(100), "12000000000 bytes"),
    "claims of a text": ("a.ply", ply_header("ascii", 10**12) + b"1 2 3\n", "incomplete"),
    "claims of a list": (
        "a.ply",
        binary_ply(polygons=[(0, 1, 2)]).replace(b"list uchar", b"list uint")[:-13] + b"\xff\xff\xff\x7f" * 5,
        "ends before the 1 rows of `face`",
    ),
    "other byte order": (
        "a.ply",
        binary_ply(">", points=np.random.default_rng(0).normal(size=(100, 3)), claimed="<"),
        "bytes are not in the order",
    ),
    "other byte order of whole numbers": (
        "a.ply",
        binary_ply(">", points=2 + np.arange(12.0).reshape(4, 3), claimed="<"),
        "less than any size: the bytes are not in the order",
    ),
    "no coordinate": ("a.ply", binary_ply().replace(b"float y", b"float q"), "have no 'y'"),
    "word in PLY": ("a.ply", text_ply().replace(b"0.0", b"abc", 1), "row 1 of `vertex`"),
    "ragged": ("a.xyz", b"0 0 0\n1 2 3\n1 2\n", "line 3: there are 2 numbers"),
    "count in the first line": ("a.txt", b"2\n0 0 0\n1 2 3\n", "their number does not belong"),
    "word": ("a.xyz", b"0 0 0\n1 two 3\n", "line 2: '1 two 3' is no row of numbers"),
    "intensities": ("a.xyz", b"0 0 0 5\n1 2 3 6\n", "has 4 columns"),
    "colours": ("a.xyz", b"0 0 0 255 0 0\n1 2 3 9 9 9\n", "no unit normals"),
    "binary as text": ("a.xyz", b"\xff\xfe\x00\x01" * 9, "no text in UTF-8"),
    "no ZIP": ("a.npz", b"PK nothing", "cannot be read as NPZ"),
    "truncated ZIP": ("a.npz", npz(points=SQUARE)[:-40], "cannot be read as NPZ"),
    "no such array": ("a.npz", npz(p=SQUARE), "no array `points` or `vertices`"),
    "shape": ("a.npz", npz(points=SQUARE.ravel()), r"points have the shape \(12,\)"),
    "scalar": ("a.npz", npz(points=np.float64(3)), r"points have the shape \(\)"),
    "other normals": ("a.npz", npz(points=SQUARE, normals=NORMALS[:2]), r"normals have the shape \(2, 3\)"),
    "objects": ("a.npz", npz(points=np.array([[{}, 1, 2]], dtype=object)), "no real numbers"),
    "complex": ("a.npz", npz(points=SQUARE * 1j), "no real numbers"),
    "claims of NPZ": ("a.npz", claiming((10**12, 3)), "announces the shape"),
    "overflowing claims": ("a.npz", claiming((2**62, 16)), "announces the shape"),
    "ZIP bomb": ("a.npz", bomb(), "would unpack to 480"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_files_are_refused_in_little_memory(case, tmp_path):
    name, content, message = MALFORMED[case]
    (tmp_path / name).write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(FileFormatError, match=message) as caught:
            read_points(tmp_path / name)
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()
    assert name in str(caught.value)


def test_an_absent_file(tmp_path):
    with pytest.raises(FileFormatError, match="no such file"):
        read_points(tmp_path / "a.ply")
