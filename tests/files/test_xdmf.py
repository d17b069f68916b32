"""VTK reads through the XDMF page what is in the HDF5 file, to the bit."""

import shutil
from functools import partial

import numpy as np
import pytest
import xarray

from pinr.errors import FileFormatError
from pinr.files import write_hdf5, write_xdmf

pyvista = pytest.importorskip("pyvista")


def _written(folder, fields, name="u"):
    write_hdf5(folder / f"{name}.h5", fields)
    write_xdmf(folder / f"{name}.xdmf", folder / f"{name}.h5")
    return folder / f"{name}.xdmf"


@pytest.fixture
def shows(vtk_arrays, same_bits):
    return partial(_shows, vtk_arrays=vtk_arrays, same_bits=same_bits)


def _shows(mesh, moment, *, vtk_arrays, same_bits):
    for name, expected in vtk_arrays(moment).items():
        # Beyond 3-vectors VTK shows one scalar per component.
        shown = (
            np.stack([mesh[f"{name}_{index}"] for index in range(expected.shape[1])], axis=1)
            if name not in mesh.point_data
            else mesh[name]
        )
        assert same_bits(shown, expected)
    for axis in "xyz":
        expected = moment[axis].values if axis in moment.dims else np.zeros(1)
        assert same_bits(getattr(mesh, axis), expected)


def test_vtk_shows_a_steady_field(steady_field, tmp_path, shows):
    shows(pyvista.read(_written(tmp_path, steady_field)), steady_field)


def test_vtk_shows_an_unsteady_field_at_every_time(unsteady_field, tmp_path, shows):
    reader = pyvista.XdmfReader(_written(tmp_path, unsteady_field))
    assert reader.time_values == list(unsteady_field["t"].values)
    for step, time in enumerate(reader.time_values):
        reader.set_active_time_value(time)
        shows(reader.read(), unsteady_field.isel(t=step))


def test_a_steady_field_beside_an_unsteady_one_is_there_at_every_time(tmp_path, make_field, same_bits):
    u = make_field("xyt", (), "float64")
    k = u.isel(t=0, drop=True) + 1
    reader = pyvista.XdmfReader(_written(tmp_path, {"u": u, "k": k}))
    reader.set_active_time_value(reader.time_values[-1])
    mesh = reader.read()
    assert same_bits(mesh["u"], u.isel(t=-1).values.T.ravel())
    assert same_bits(mesh["k"], k.values.T.ravel())


def test_the_files_may_move_together_and_be_read_from_anywhere(tmp_path, monkeypatch, make_field, shows):
    field = make_field("xy", (2,), "float64")
    (tmp_path / "first" / "pages").mkdir(parents=True)
    write_hdf5(tmp_path / "first" / "a field.h5", field)
    write_xdmf(tmp_path / "first" / "pages" / "a page.xdmf", tmp_path / "first" / "a field.h5")
    shutil.move(tmp_path / "first", tmp_path / "second")
    monkeypatch.chdir("/")
    shows(pyvista.read(tmp_path / "second" / "pages" / "a page.xdmf"), field)


def test_the_page_may_be_written_under_a_relative_path(tmp_path, monkeypatch, make_field, shows):
    field = make_field("xy", (), "float64")
    monkeypatch.chdir(tmp_path)
    write_hdf5("u.h5", field)
    write_xdmf("u.xdmf", "u.h5")
    shows(pyvista.read("u.xdmf"), field)


def test_names_in_other_alphabets_are_shown(tmp_path, make_field):
    mesh = pyvista.read(_written(tmp_path, make_field("xy", (), "float64").rename("φ")))
    assert mesh.array_names == ["φ"]


def test_x_y_and_z_lie_along_their_axes_in_whatever_order_they_come(tmp_path, make_field, shows):
    field = make_field("xyz", (), "float64")
    shows(pyvista.read(_written(tmp_path, field.transpose("y", "z", "x"))), field)


def test_other_coordinates_lie_along_the_axes_in_their_own_order(tmp_path, make_field, same_bits):
    field = make_field("xy", (), "float64").rename(x="theta", y="r")
    mesh = pyvista.read(_written(tmp_path, field))
    assert same_bits(mesh.x, field["theta"].values)
    assert same_bits(mesh["u"], field.values.T.ravel())


def test_only_the_fields_asked_for_are_shown(tmp_path, make_field):
    u = make_field("xy", (), "float64")
    write_hdf5(tmp_path / "both.h5", {"u": u, "k": u, "line": u.isel(y=0, drop=True)})
    write_xdmf(tmp_path / "k.xdmf", tmp_path / "both.h5", names=["k"])
    assert pyvista.read(tmp_path / "k.xdmf").array_names == ["k"]
    with pytest.raises(FileFormatError, match="different grids"):
        write_xdmf(tmp_path / "all.xdmf", tmp_path / "both.h5")


@pytest.mark.parametrize(
    ("change", "cure"),
    [
        (lambda u: u.isel(x=slice(None, None, -1)), "sortby"),
        (lambda u: u.expand_dims(mu=[0.1], nu=[0.2]), "field.sel"),
        (lambda u: u.astype("uint64"), "int64"),
        (lambda u: u.isel(x=0, y=0, drop=True), "field.sel"),
    ],
)
def test_what_vtk_cannot_show_is_refused_with_a_cure(change, cure, tmp_path, make_field):
    field = change(make_field("xy", (), "float64").fillna(0)).rename("u")
    with pytest.raises(FileFormatError, match=cure):
        _written(tmp_path, field)
    assert not (tmp_path / "u.xdmf").exists()


def test_fields_with_other_times_are_refused(tmp_path, make_field):
    u = make_field("xt", (), "float64")
    with pytest.raises(FileFormatError, match="other times"):
        _written(tmp_path, {"u": u, "v": u.isel(t=slice(2))})


def test_a_missing_or_empty_file_is_refused(tmp_path):
    with pytest.raises(FileFormatError, match="no such file"):
        write_xdmf(tmp_path / "u.xdmf", tmp_path / "u.h5")
    xarray.Dataset().to_netcdf(tmp_path / "empty.h5", engine="h5netcdf")
    with pytest.raises(FileFormatError, match="no fields"):
        write_xdmf(tmp_path / "u.xdmf", tmp_path / "empty.h5")


def test_a_colon_in_the_name_of_the_file_is_refused(tmp_path, make_field):
    write_hdf5(tmp_path / "a:b.h5", make_field("x", (), "float64"))
    with pytest.raises(FileFormatError, match="colon"):
        write_xdmf(tmp_path / "u.xdmf", tmp_path / "a:b.h5")
