"""VTK reads from the unstructured mesh what was written, to the bit, without the outside of the region."""

import numpy as np
import pytest
import xarray

from pinr.errors import FileFormatError
from pinr.files import write_vtu

pyvista = pytest.importorskip("pyvista")

CELLS = {1: pyvista.CellType.LINE, 2: pyvista.CellType.QUAD, 3: pyvista.CellType.HEXAHEDRON}


def _written(folder, fields):
    write_vtu(folder / "u.vtu", fields)
    return pyvista.read(folder / "u.vtu")


def test_vtk_shows_a_steady_field(steady_field, tmp_path, vtk_arrays, same_bits):
    mesh = _written(tmp_path, steady_field)
    arrays = vtk_arrays(steady_field)
    inside = ~np.isnan(next(iter(arrays.values()))).reshape(len(next(iter(arrays.values()))), -1).any(axis=1)
    assert set(mesh.array_names) == set(arrays)
    for name, expected in arrays.items():
        assert same_bits(mesh[name], expected[inside])


def test_points_lie_on_the_grid_and_cells_between_them(tmp_path, make_field, same_bits):
    field = make_field("xyz", (), "float64").fillna(0)
    mesh = _written(tmp_path, field)
    x, y, z = (field[axis].values for axis in "xyz")
    assert same_bits(mesh.points, np.array([(a, b, c) for c in z for b in y for a in x]))
    volume = np.ptp(x) * np.ptp(y) * np.ptp(z)
    volumes = mesh.compute_cell_sizes(length=False, area=False)["Volume"]
    assert volumes.min() > 0
    assert volumes.sum() == pytest.approx(volume, rel=1e-12)


@pytest.mark.parametrize(("space", "cells"), [("x", 4), ("xy", 12), ("xyz", 24)])
def test_the_outside_is_cut_away_with_the_cells_that_touch_it(space, cells, tmp_path, make_field):
    field = make_field(space, (), "float64")
    mesh = _written(tmp_path, field)
    assert set(mesh.celltypes) == {CELLS[len(space)]}
    assert mesh.n_cells == cells - 1
    assert mesh.n_points == field.size - 1


def test_the_first_field_decides_what_is_outside(tmp_path, make_field):
    u = make_field("xy", (), "float64")
    k = u.copy()
    k[2, 2] = np.nan
    mesh = _written(tmp_path, {"u": u, "k": k})
    assert mesh.n_points == u.size - 1
    assert np.isnan(mesh["k"]).sum() == 1


def test_an_axis_with_one_position_makes_no_cells_of_its_own(tmp_path, make_field, same_bits):
    field = make_field("xyz", (), "float64").isel(y=[1])
    mesh = _written(tmp_path, field)
    assert set(mesh.celltypes) == {CELLS[2]}
    assert same_bits(np.unique(mesh.points[:, 1]), field["y"].values)


def test_truth_values_become_zeros_and_ones(tmp_path, make_field, same_bits):
    field = make_field("xy", (), "float64") > 0
    mesh = _written(tmp_path, field)
    assert same_bits(mesh["u"], field.values.T.ravel().astype(np.uint8))


def test_several_times_are_refused_with_a_cure(tmp_path, make_field):
    with pytest.raises(FileFormatError, match=r"3 times along `t`.*\.xdmf.*field\.sel\(t="):
        write_vtu(tmp_path / "u.vtu", make_field("xyt", (), "float64"))
    write_vtu(tmp_path / "u.vtu", make_field("xyt", (), "float64").isel(t=0))


def test_fields_on_different_grids_are_refused(tmp_path, make_field):
    u = make_field("xy", (), "float64")
    with pytest.raises(FileFormatError, match="broadcast_like"):
        write_vtu(tmp_path / "u.vtu", {"u": u, "k": u.isel(y=0, drop=True)})


def test_a_field_that_is_nowhere_inside_is_refused(tmp_path, make_field):
    nowhere = xarray.full_like(make_field("xy", (), "float64"), np.nan)
    with pytest.raises(FileFormatError, match="Refine the grid"):
        write_vtu(tmp_path / "u.vtu", nowhere)
    assert not list(tmp_path.iterdir())
