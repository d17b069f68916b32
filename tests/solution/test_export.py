import numpy as np
import pytest
import pyvista
import xarray
from numpy.testing import assert_array_equal

from pinr.errors import DeclarationError, FileFormatError
from pinr.language.operators import grad
from pinr.solution import Solution
from tests.solution.closed_forms import ClosedForm, sine_times_y, u, v, x


def test_vtu_holds_the_grid_exactly(disk, tmp_path):
    path = tmp_path / "disk.vtu"
    disk.export(path, {"u": u, "flux": -grad(u)}, x=17, y=13)
    mesh = pyvista.read(path)
    field, flux = disk.grid(u, x=17, y=13), disk.grid(-grad(u), x=17, y=13)
    kept = field.transpose("y", "x").notnull().values.ravel()
    assert_array_equal(mesh.point_data["u"], field.transpose("y", "x").values.ravel()[kept])
    expected = flux.transpose("y", "x", "component").values.reshape(-1, 2)[kept]
    assert_array_equal(mesh.point_data["flux"], np.pad(expected, [(0, 0), (0, 1)]))


def test_xdmf_holds_every_time_exactly(flow, tmp_path):
    path = tmp_path / "flow.xdmf"
    flow.export(path, None, x=5, y=4, t=3)
    field = flow.grid(v, x=5, y=4, t=3)
    reader = pyvista.get_reader(path)
    assert_array_equal(reader.time_values, field.t)
    for number, time in enumerate(field.t.values):
        reader.set_active_time_value(time)
        values = np.asarray(reader.read().point_data["v"])
        expected = field.isel(t=number).transpose("y", "x", "component").values.reshape(-1, 2)
        assert_array_equal(values[:, :2], expected)


def test_hdf5_opens_in_xarray(disk, tmp_path):
    disk.export(tmp_path / "u.h5", u, x=9, y=9)
    with xarray.open_dataset(tmp_path / "u.h5", engine="h5netcdf", group="fields/u") as stored:
        assert_array_equal(stored["values"].transpose("x", "y"), disk.grid(u, x=9, y=9))


def test_a_saved_solution_is_not_destroyed(disk, tmp_path):
    disk.save(tmp_path / "disk.h5")
    with pytest.raises(FileFormatError, match="saved solution"):
        disk.export(tmp_path / "disk.h5", x=9, y=9)
    disk.export(tmp_path / "disk.xdmf", x=9, y=9)
    Solution.load(tmp_path / "disk.h5", using={"u": ClosedForm(sine_times_y)})
    assert "u" in pyvista.read(tmp_path / "disk.xdmf").point_data


def test_a_figure(disk, tmp_path):
    disk.export(tmp_path / "u.png", u.diff(x), y=0.0)
    assert (tmp_path / "u.png").read_bytes().startswith(b"\x89PNG")


def test_other_suffixes_list_the_known_ones(disk, tmp_path):
    with pytest.raises(FileFormatError, match=r"\.vtu, \.xdmf, \.h5, \.png"):
        disk.export(tmp_path / "u.csv")
    with pytest.raises(FileFormatError, match="lies in the plane"):
        disk.export(tmp_path / "u.stl")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".vtu", ".xdmf", ".h5", ".png"])
def test_a_grid_has_no_resolution(disk, tmp_path, suffix):
    with pytest.raises(DeclarationError, match=r"resolution=16\)`: a resolution is that .* `x=65, y=65`"):
        disk.export(tmp_path / f"drum{suffix}", resolution=16)
    assert not list(tmp_path.iterdir())
