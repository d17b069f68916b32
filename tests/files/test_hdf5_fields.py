"""HDF5 keeps fields to the bit, and xarray opens them without pinr."""

import h5py
import numpy as np
import pytest
import xarray

from pinr.errors import FileFormatError
from pinr.files import open_hdf5, read_field, read_hdf5, write_field, write_hdf5


def _survives(field, path):
    write_hdf5(path, field)
    returned = read_hdf5(path)["u"]
    assert returned.identical(field)
    assert returned.values.tobytes() == np.ascontiguousarray(field.values).tobytes()
    with xarray.open_dataset(path, engine="h5netcdf", group="fields/u") as opened:
        opened.load()
    values = opened["values_re"] + 1j * opened["values_im"] if field.dtype.kind == "c" else opened["values"]
    xarray.testing.assert_equal(values.transpose(*field.dims), field)
    for axis in field.coords:
        assert opened[axis].attrs == field[axis].attrs
    part = next(iter(opened.data_vars.values()))
    assert part.attrs.items() >= field.attrs.items()


def test_a_steady_field_survives(steady_field, tmp_path):
    _survives(steady_field, tmp_path / "u.h5")


def test_an_unsteady_field_survives(unsteady_field, tmp_path):
    _survives(unsteady_field, tmp_path / "u.h5")


@pytest.mark.parametrize("number", ["bool", ">f8", "int8", "int64", "uint32", "complex64"])
def test_other_numbers_keep_their_values(number, tmp_path):
    field = xarray.DataArray(np.array([0, 1, 1]).astype(number), dims="x", coords={"x": [0, 1, 2]}, name="u")
    write_hdf5(tmp_path / "u.h5", field)
    xarray.testing.assert_equal(read_hdf5(tmp_path / "u.h5")["u"], field.astype("complex128"))


def test_infinities_of_complex_fields_survive(tmp_path):
    values = np.array([complex(1, np.inf), complex(-0.0, -0.0)])
    write_hdf5(tmp_path / "u.h5", xarray.DataArray(values, coords={"x": [0.0, 1.0]}, name="u"))
    assert read_hdf5(tmp_path / "u.h5")["u"].values.tobytes() == values.tobytes()


def test_labels_of_components_and_single_positions_survive(tmp_path):
    field = xarray.DataArray(
        np.eye(2), dims=("x", "component"), coords={"x": [0.0, 1.0], "component": ["x", "y"], "mu": 0.3}, name="u"
    )
    field["mu"].attrs["units"] = "Pa s"
    write_hdf5(tmp_path / "u.h5", field)
    assert read_hdf5(tmp_path / "u.h5")["u"].identical(field)
    with xarray.open_dataset(tmp_path / "u.h5", engine="h5netcdf", group="fields/u") as opened:
        assert set(opened.coords) == {"x", "component", "mu"}


@pytest.mark.parametrize("unit", ["s", "seconds", "days"])
def test_times_stay_numbers(unit, tmp_path):
    field = xarray.DataArray([1.0, 2.0], coords={"t": ("t", [0.0, 0.5], {"role": "time", "units": unit})}, name="u")
    write_hdf5(tmp_path / "u.h5", field)
    with xarray.open_dataset(tmp_path / "u.h5", engine="h5netcdf", group="fields/u") as opened:
        assert opened["t"].dtype == np.float64


def test_fields_of_different_sizes_share_a_file(tmp_path):
    v = xarray.DataArray(np.ones((3, 2)), dims=("x", "component"), coords={"x": [0.0, 1.0, 2.0]})
    w = xarray.DataArray(np.ones((2, 3)), dims=("y", "component"), coords={"y": [0.0, 1.0]})
    write_hdf5(tmp_path / "both.h5", {"v": v, "w": w})
    returned = read_hdf5(tmp_path / "both.h5")
    assert set(returned) == {"v", "w"}
    xarray.testing.assert_equal(returned["w"], w)


def test_a_field_is_written_in_place_of_an_earlier_one(tmp_path):
    vector = xarray.DataArray(np.ones((3, 2)), dims=("x", "component"), coords={"x": [0.0, 1.0, 2.0]})
    with h5py.File(tmp_path / "u.h5", "w") as file:
        write_field(file, "u", vector)
        write_field(file, "u", vector.isel(component=0))
        assert read_field(file, "u").dims == ("x",)
        assert not len(file["xdmf"])


def test_a_dataset_is_written_field_by_field(tmp_path):
    dataset = xarray.Dataset({"u": ("x", [1.0, 2.0]), "k": ("x", [3.0, 4.0])}, coords={"x": [0.0, 1.0]})
    write_hdf5(tmp_path / "both.h5", dataset)
    assert set(read_hdf5(tmp_path / "both.h5")) == {"u", "k"}


@pytest.mark.parametrize(
    ("field", "cure"),
    [
        (xarray.DataArray([1.0, 2.0], dims="x"), "assign_coords"),
        (xarray.DataArray(["a", "b"], coords={"x": [0.0, 1.0]}), "astype"),
        (xarray.DataArray([1.0, 2.0], coords={"x": ["a", "b"]}), "real numbers"),
        (xarray.DataArray([1.0, 2.0], dims="x", coords={"x": [0.0, 1.0], "s": ("x", [3.0, 4.0])}), "drop_vars"),
        (xarray.DataArray([1.0, 2.0], coords={"values": [0.0, 1.0]}), "reserved"),
        (xarray.DataArray([1.0, 2.0], coords={"x": [0.0, 1.0]}, attrs={"who": object()}), "string"),
        (xarray.DataArray([1.0, 2.0], coords={"x y": [0.0, 1.0]}), "'x_y'"),
        (
            xarray.DataArray(
                [[1.0]], coords={"t": ("t", [0.0], {"role": "time"}), "s": ("s", [0.0], {"role": "time"})}
            ),
            "several time coordinates",
        ),
    ],
)
def test_what_cannot_be_stored_is_refused_with_a_cure(field, cure, tmp_path):
    with pytest.raises(FileFormatError, match=cure):
        write_hdf5(tmp_path / "u.h5", {"u": field})
    assert not list(tmp_path.iterdir())


def test_a_missing_field_is_answered_with_the_list_of_fields(tmp_path):
    write_hdf5(tmp_path / "u.h5", xarray.DataArray([1.0], coords={"x": [0.0]}, name="u"))
    with open_hdf5(tmp_path / "u.h5") as file, pytest.raises(FileFormatError, match=r"no field `v`\. It has: u\."):
        read_field(file, "v")


def test_what_is_no_hdf5_file_is_said_to_be_none(tmp_path):
    (tmp_path / "u.h5").write_text("not HDF5")
    with pytest.raises(FileFormatError, match=r"u\.h5.*cannot be read as HDF5"):
        open_hdf5(tmp_path / "u.h5")
    with pytest.raises(FileFormatError, match="no such file"):
        open_hdf5(tmp_path / "absent.h5")
