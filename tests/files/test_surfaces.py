"""Surfaces in files."""

import meshio
import numpy as np
import pytest

from pinr.errors import FileFormatError
from pinr.files import write_surface

TETRAHEDRON = meshio.Mesh(
    np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=float) / 3,
    [("triangle", np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]]))],
)


@pytest.mark.parametrize(("suffix", "rounding"), [(".obj", 1e-15), (".ply", 0), (".stl", 1e-7)])
def test_what_is_written_is_read_back(tmp_path, suffix, rounding):
    path = tmp_path / f"shape{suffix}"
    write_surface(path, TETRAHEDRON)
    read = meshio.read(path)
    triangles = read.points[read.cells_dict["triangle"]]
    expected = TETRAHEDRON.points[TETRAHEDRON.cells_dict["triangle"]]
    np.testing.assert_allclose(triangles, expected, atol=rounding)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_other_suffixes_and_cells_are_refused(tmp_path):
    with pytest.raises(FileFormatError, match=r"Choose one of .obj, .ply, .stl"):
        write_surface(tmp_path / "shape.gltf", TETRAHEDRON)
    curve = meshio.Mesh(np.zeros((2, 2)), [("line", np.array([[0, 1]]))])
    with pytest.raises(FileFormatError, match="the mesh is of line"):
        write_surface(tmp_path / "shape.obj", curve)
    assert not list(tmp_path.iterdir())
