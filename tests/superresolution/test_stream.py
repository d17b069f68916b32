"""What is written piece by piece is what `upsample` gives, whole or not at all, in memory that does not grow."""

import tracemalloc

import h5py
import numpy as np
import pytest
import xarray

from pinr.errors import DeclarationError, FileFormatError
from pinr.files.series import create_series
from pinr.superresolution import GridDataset, SuperResolution
from pinr.superresolution import model as model_module
from pinr.superresolution.grid_axes import grid_axes
from pinr.superresolution.local_grid import LocalImplicitGrid
from tests.superresolution.made_flows import dataset_of, grid_of

SMALL = LocalImplicitGrid(width=6, depth=1)
FIELDS = ("b", "w")
FORMULAS = {
    "b": lambda t, z, x: 0.5 - z + 0.1 * np.sin(np.pi * x / 2 + t) * np.sin(np.pi * z),
    "w": lambda t, z, x: np.cos(np.pi * x / 2) * np.sin(np.pi * z) ** 2 * np.sin(t),
}
COARSEN = {"t": 4, "z": 4, "x": 4}


def flow_of(frames=101):
    return dataset_of(FORMULAS, grid_of((frames, 16, 32), duration=0.1 * (frames - 1)), Ra=1e4, Pr=1.0, note="made up")


def model_for(data):
    network = SMALL.build(grid_axes(data), len(FIELDS), seed=2)
    return SuperResolution(network, FIELDS, data.standardisation, {})


def data_of(flow, **options):
    return GridDataset(flow, fields=FIELDS, coarsen=COARSEN, **options)


@pytest.fixture(scope="module")
def flow():
    return flow_of()


@pytest.mark.parametrize("order", [("t", "z", "x"), ("x", "t", "z")], ids=" ".join)
@pytest.mark.parametrize("at", ["nodes", "like"])
def test_what_is_written_is_what_upsample_gives(flow, tmp_path, order, at):
    data = data_of(flow.transpose(*order))
    model, coarse = model_for(data), data.coarsened()
    like = None if at == "nodes" else data.fine().isel(t=slice(3, None, 2), x=slice(5, 20))
    model.write(tmp_path / "fine.h5", coarse, like)
    found = GridDataset(tmp_path / "fine.h5", fields=FIELDS, coarsen={})
    wanted = model.upsample(coarse, like)
    assert found.axes == ("t", "z", "x")  # as simulations are stored, whatever the order of the training data
    for name in FIELDS:
        assert np.array_equal(found.fine()[name], wanted[name].transpose("t", "z", "x"))
    for axis in "tzx":
        assert np.array_equal(found.fine()[axis], wanted[axis])
    attributes = found.fine().attrs
    assert (attributes["Ra"], attributes["note"], attributes["axes"]) == (1e4, "made up", "(t, z, x)")
    assert set(found.periods) == ({"x"} if like is None else set())


def test_a_written_run_is_a_run_like_that_of_the_training(flow, tmp_path):
    data = data_of(flow)
    model_for(data).write(tmp_path / "fine.h5", data.coarsened())
    again = data.coarsened(tmp_path / "fine.h5")
    assert again.sizes == data.coarsened().sizes and again.attrs["periodic"] == "x"
    with xarray.open_dataset(tmp_path / "fine.h5", engine="h5netcdf") as other:
        assert set(other.data_vars) == set(FIELDS) and other["b"].dims == ("t", "z", "x")


def test_vtk_opens_the_page_as_a_series_in_time(flow, tmp_path):
    pyvista = pytest.importorskip("pyvista")
    data = data_of(flow.transpose("t", "x", "z"))
    model = model_for(data)
    model.write(tmp_path / "fine.xdmf", data.coarsened())
    wanted = model.upsample(data.coarsened())
    reader = pyvista.XdmfReader(tmp_path / "fine.xdmf")
    assert reader.time_values == list(wanted["t"].values)
    for step in (0, 37, 100):
        reader.set_active_time_value(reader.time_values[step])
        mesh = reader.read()
        assert isinstance(mesh, pyvista.RectilinearGrid) and mesh.array_names == list(FIELDS)
        assert np.array_equal(mesh.x, wanted["x"]) and np.array_equal(mesh.y, wanted["z"])
        for name in FIELDS:
            values = wanted[name].isel(t=step).transpose("z", "x").values
            assert np.array_equal(mesh[name], values.ravel())


def test_a_run_that_breaks_leaves_what_was_there(flow, tmp_path, monkeypatch):
    data = data_of(flow)
    model, pieces = model_for(data), SuperResolution.pieces

    def breaking(self, coarse, like=None, *, refine=0):
        yield from list(pieces(self, coarse, like))[:2]
        raise KeyboardInterrupt

    for name in ("fine.h5", "fine.xdmf"):
        (tmp_path / name).write_text("before")
    with monkeypatch.context() as patch:
        patch.setattr(SuperResolution, "pieces", breaking)
        with pytest.raises(KeyboardInterrupt):
            model.write(tmp_path / "fine.xdmf", data.coarsened())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fine.h5", "fine.xdmf"]
    assert all((tmp_path / name).read_text() == "before" for name in ("fine.h5", "fine.xdmf"))


def peak_of_writing(folder, frames):
    """The most memory that NumPy holds while a run of so many frames is made fine, file to file."""
    path = folder / f"run_{frames}.h5"
    grid = grid_of((frames, 16, 32), duration=0.1 * (frames - 1))
    with h5py.File(path, "w") as file:
        held = create_series(file, FIELDS, grid)
        for name in FIELDS:
            held[name][:] = FORMULAS[name](grid["t"][:, None, None], grid["z"][:, None], grid["x"])
        file.attrs["periodic"] = "x"
    data = data_of(path, in_memory=0, select={"t": (0, 5)})
    model, coarse = model_for(data), data.coarsened(select={"t": (0, None)})
    tracemalloc.start()
    model.write(folder / f"fine_{frames}.xdmf", coarse)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    with h5py.File(folder / f"fine_{frames}.h5") as file:
        assert file["w"].shape == (frames, 16, 32) and np.any(file["w"][-1])
    return peak


def test_memory_does_not_grow_with_the_number_of_frames(tmp_path):
    peak_of_writing(tmp_path, 105)  # what is imported and kept on the way
    short, long = peak_of_writing(tmp_path, 105), peak_of_writing(tmp_path, 505)
    size = 2 * 4 * 16 * 32 * 400  # of the further frames
    assert long - short < 0.1 * size, (short, long, size)


def test_wrong_requests_are_named(flow, tmp_path):
    data = data_of(flow)
    model, coarse = model_for(data), data.coarsened()
    with pytest.raises(FileFormatError, match=r"fine\.vtk`: fine fields are written as \.h5"):
        model.write(tmp_path / "fine.vtk", coarse)
    with pytest.raises(FileFormatError, match="does not exist"):
        model.write(tmp_path / "nowhere" / "fine.h5", coarse)
    with pytest.raises(DeclarationError, match="no field `w`"):
        model.write(tmp_path / "fine.h5", coarse.drop_vars("w"))
    with pytest.raises(DeclarationError, match="outside of the coarse data"):
        model.write(tmp_path / "fine.h5", coarse, data.fine().assign_coords(t=data.fine().t + 100))
    with pytest.raises(DeclarationError, match="no positions"):
        model.write(tmp_path / "fine.h5", coarse, data.fine().isel(t=slice(0)))
    with pytest.raises(FileFormatError, match="attribute 'source'"):
        model.write(tmp_path / "fine.h5", coarse.assign_attrs(source=None))
    assert not list(tmp_path.iterdir())


def test_pieces_are_small(flow):
    data = data_of(flow)
    sizes = [values.shape[1] for _, values in model_for(data).pieces(data.coarsened())]
    assert len(sizes) > 2 and max(sizes) <= 4 * model_module.FRAMES + 1
