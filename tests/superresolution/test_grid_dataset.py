"""Coarse values are averages at the middles of boxes, and the place of every value is known."""

import sys

import h5py
import numpy as np
import pytest
import xarray

from pinr import DeclarationError, FileFormatError
from pinr.files import open_dataset as reading
from pinr.superresolution import GridDataset, Standardisation
from tests.superresolution.made_flows import dataset_of, grid_of

GRID = grid_of((13, 16, 32))
FIELDS = ("b", "w")


def linear(t, z, x):
    return 1 + 2 * t - 3 * z + 0.5 * x


@pytest.fixture
def flow():
    return dataset_of({"b": linear, "w": lambda t, z, x: np.sin(np.pi * x / 2 + t) * z**2}, GRID, Ra=1e4)


@pytest.fixture
def file(flow, tmp_path):
    """The same in an HDF5 file without dimension scales, as that of a simulation."""
    path = tmp_path / "run.h5"
    with h5py.File(path, "w") as held:
        for axis in ("t", "z", "x"):
            held[axis] = GRID[axis]
        for name in FIELDS:
            held.create_dataset(name, data=flow[name].values.astype("f4"), chunks=(4, 16, 32), compression="gzip")
        held.attrs["axes"] = "(t, z, x)"
        held.attrs["boundary"] = "no-slip; x periodic; start at rest"
        held["series"] = np.zeros((13, 3))
    return path


def made(source, **options):
    return GridDataset(source, **{"fields": FIELDS, "coarsen": {"t": 4, "z": 8, "x": 4}, **options})


def test_coarse_values_are_means_of_boxes_and_every_nth_frame(flow):
    found = made(flow).coarsened()
    for name in FIELDS:
        boxes = flow[name].values[::4].reshape(4, 2, 8, 8, 4).mean((2, 4))
        assert np.allclose(found[name], boxes, rtol=1e-14, atol=1e-15)
    assert found.t.values == pytest.approx(GRID["t"][::4])
    assert found.z.values == pytest.approx([0.25, 0.75])  # the middles of halves
    assert found.x.values == pytest.approx(0.25 + 0.5 * np.arange(8))


def test_averages_of_linear_and_constant_fields_are_their_values_at_the_coarse_positions(flow):
    for rule in ("mean", "subsample"):
        found = made(flow.assign(w=0 * flow.w + 0.1), coarsen_by=rule).coarsened()
        t, z, x = np.meshgrid(found.t, found.z, found.x, indexing="ij")
        assert np.abs(found.b.values - linear(t, z, x)).max() < 1e-13
        assert np.abs(found.w.values - 0.1).max() < 1e-15


def test_averages_are_values_at_the_middle_up_to_second_order():
    errors = []
    for factor in (2, 4, 8):
        flow = dataset_of({"b": lambda t, z, x: np.sin(np.pi * x / 2)}, grid_of((1, 1, 256)))
        found = GridDataset(flow, fields="b", coarsen={"x": factor}).coarsened()
        errors.append(np.abs(found.b.values[0, 0] - np.sin(np.pi * found.x.values / 2)).max())
    # The average of a box of n cells misses the second moment (n² − 1) Δ²/24.
    assert errors[1] / errors[0] == pytest.approx(15 / 3, rel=0.02)
    assert errors[2] / errors[1] == pytest.approx(63 / 15, rel=0.02)


def test_training_and_testing_have_no_frame_in_common(flow):
    early, late = made(flow, select={"t": (0, 0.5)}), made(flow, select={"t": (0.5, None)})
    assert early.fine().t.values.max() < 0.5 == late.fine().t.values.min()
    assert early.fine().sizes["t"] == 5  # frames 0 to 4, the last coarse one; nothing surrounds the sixth
    again = early.fine(select={"t": (0.5, None)})
    assert again.identical(late.fine())
    assert late.coarsened().t.values == pytest.approx([0.5, 0.5 + 4 / 12])


def test_times_that_are_sums_of_steps_belong_where_they_are_meant_to(flow):
    shifted = flow.assign_coords(t=flow.t + 1e-10)
    assert made(shifted, select={"t": (0.25, 0.75)}, coarsen={}).fine().sizes["t"] == 6


def test_a_file_and_its_dataset_are_the_same(flow, file):
    ours, theirs = made(file), made(flow.astype("f4"))
    assert ours.periods == theirs.periods == {"x": pytest.approx(4.0)}
    xarray.testing.assert_allclose(ours.fine(), theirs.fine(), rtol=0, atol=0)
    xarray.testing.assert_allclose(ours.coarsened(), theirs.coarsened(), rtol=0, atol=0)
    assert ours.coarsened()["b"].dtype == np.float32


def test_netcdf_files_and_dimension_scales_are_read(flow, tmp_path):
    flow.to_netcdf(tmp_path / "run.nc", engine="h5netcdf")
    flow.to_netcdf(tmp_path / "scales.h5", engine="h5netcdf")
    for name in ("run.nc", "scales.h5"):
        xarray.testing.assert_allclose(made(tmp_path / name).coarsened(), made(flow).coarsened())


def test_the_order_of_axes_does_not_matter(flow):
    turned = made(flow.transpose("x", "t", "z"))
    assert turned.axes == ("t", "x", "z")
    xarray.testing.assert_allclose(turned.coarsened().transpose("t", "z", "x"), made(flow).coarsened())
    size = {"t": 2, "x": 4}
    one, other = (data.crops(3, size=size, generator=np.random.default_rng(0)) for data in (turned, turned))
    assert np.array_equal(one.fine, other.fine) and one.fine.shape == (3, 2, 5, 16, 16)


@pytest.fixture
def reads(monkeypatch):
    """How many values have been read from files."""
    counted = []
    read = reading.StoredArray._read

    def counting(self, key):
        found = read(self, key)
        counted.append(found.size)
        return found

    monkeypatch.setattr(reading.StoredArray, "_read", counting)
    return counted


def test_only_what_is_needed_is_read(file, reads):
    data = made(file, in_memory=0, standardise=False)
    fine = data.fine(select={"t": (0.5, None)})
    assert not reads  # nothing yet
    fine["b"].isel(t=0).values  # noqa: B018
    assert sum(reads) == 16 * 32
    reads.clear()
    data.crops(1, size={"t": 1, "x": 2}, generator=np.random.default_rng(0))
    assert sum(reads) == 2 * 16 * 8  # two fields, one frame, all z, two coarse cells
    reads.clear()
    coarse = data.coarsened()
    assert not reads
    coarse["b"].isel(t=slice(1, 3), x=0).values  # noqa: B018
    assert sum(reads) == 2 * 16 * 32  # two frames
    reads.clear()
    coarse.load()
    assert sum(reads) == 2 * 4 * 16 * 32  # every fourth frame


@pytest.mark.parametrize("rule", ["mean", "subsample"])
@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_coarse_values_do_not_depend_on_what_is_read_together(flow, file, rule, noise):
    at_once = made(file, coarsen_by=rule, noise=noise).coarsened()
    later = made(file, coarsen_by=rule, noise=noise, in_memory=0).coarsened()
    for part in (
        {"t": 1},
        {"t": slice(1, None, 2), "x": slice(None, None, -1)},
        {"t": [2, 0], "z": 0},
        {"t": slice(0, 0)},
    ):
        xarray.testing.assert_identical(later.isel(part).load(), at_once.isel(part))
    xarray.testing.assert_identical(later.transpose("x", "t", "z").load(), at_once.transpose("x", "t", "z"))


def test_small_data_are_read_once(file, reads):
    data = made(file)
    for _ in range(3):
        data.crops(2, size={"t": 2}, generator=np.random.default_rng(0))
    assert sum(reads) == 2 * 13 * 16 * 32


def test_crops_are_the_data_at_their_places(flow):
    data = made(flow, standardise=False)
    crops = data.crops(20, size={"t": 2, "x": 4}, generator=np.random.default_rng(1))
    assert crops.fine.shape == (20, 2, 5, 16, 16) and crops.coarse.shape == (20, 2, 2, 2, 4)
    t, z, x = (crops.fine_places[axis] for axis in "tzx")
    places = t[:, :, None, None], z[:, None, :, None], x[:, None, None, :]
    assert np.abs(crops.fine[:, 1] - np.sin(np.pi * places[2] / 2 + places[0]) * places[1] ** 2).max() < 1e-6
    assert (x[:, -1] > 4).any() and np.diff(x, axis=1) == pytest.approx(4 / 32)  # over the end of the period
    averages = crops.fine[:, 1, ::4].reshape(20, 2, 2, 8, 4, 4).mean((3, 5))
    assert crops.coarse[:, 1] == pytest.approx(averages, abs=1e-6)
    assert crops.coarse_places["x"] == pytest.approx(x.reshape(20, 4, 4).mean(2))
    assert crops.coarse_places["t"] == pytest.approx(t[:, ::4])
    assert len({(row[0], column[0]) for row, column in zip(t, x, strict=True)}) > 15


def test_points_of_crops_are_points_of_the_grid(flow):
    crops = made(flow, standardise=False).crops(4, size={"t": 2, "x": 4}, generator=np.random.default_rng(1))
    places, values = crops.samples(50, np.random.default_rng(2))
    t, z, x = (places[axis] for axis in "tzx")
    assert values.shape == (4, 2, 50)
    assert np.abs(values[:, 1] - np.sin(np.pi * x / 2 + t) * z**2).max() < 1e-6


def test_walls_lie_between_the_same_cells_in_every_crop(flow):
    data = made(flow, coarsen={"z": 4, "x": 4})
    crops = data.crops(30, size={"t": 1, "z": 2, "x": 2}, generator=np.random.default_rng(0))
    assert set(np.round(crops.coarse_places["z"][:, 0], 6)) <= set(np.round(data.coarsened().z.values, 6))


def test_seeds_fix_crops(flow):
    data = made(flow, noise=0.05)
    a, b, c = (data.crops(3, size={"t": 2}, generator=np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert np.array_equal(a.coarse, b.coarse) and not np.array_equal(a.coarse, c.coarse)


def test_standardised_fields_have_mean_0_and_deviation_1_over_all_training_files(flow):
    other = flow + 3.0
    data = made([flow, other], coarsen={"x": 4})
    both = xarray.concat([flow, other], "run")
    for name in FIELDS:
        assert data.standardisation.mean[name] == pytest.approx(float(both[name].mean()))
        assert data.standardisation.scale[name] == pytest.approx(float(both[name].std()))
    there = data.standardisation.apply(flow)
    xarray.testing.assert_allclose(data.standardisation.undo(there), flow)
    assert made(flow, select={"t": (0, 0.5)}).standardisation.mean["b"] < float(flow.b.mean())


def test_the_joined_deviation_is_that_of_the_whole():
    values = np.random.default_rng(0).normal(1e4, 1e-3, 1000)
    found = Standardisation.of(({"b": part} for part in np.split(values, [10, 500])), ["b"])
    assert found.scale["b"] == pytest.approx(values.std(), rel=1e-9)


def test_a_constant_field_keeps_its_scale(flow):
    assert made(flow.assign(b=0 * flow.b + 7)).standardisation.scale["b"] == 1.0


@pytest.mark.parametrize("standardise", [True, False])
def test_noise_is_relative_to_the_deviation_of_the_field(flow, standardise):
    clean, noisy = made(flow, coarsen={}), made(flow, coarsen={}, noise=0.05, standardise=standardise)
    difference = noisy.coarsened()["w"] - clean.coarsened()["w"]
    assert float(difference.std()) == pytest.approx(0.05 * float(flow.w.std()), rel=0.03)
    assert noisy.fine().identical(clean.fine())
    assert noisy.coarsened().identical(noisy.coarsened())


@pytest.mark.parametrize("standardise", [True, False])
def test_noise_of_crops_is_that_of_the_whole(flow, standardise):
    crops = [
        made(flow, coarsen={}, noise=noise, standardise=standardise).crops(
            4, size={"t": 13}, generator=np.random.default_rng(0)
        )
        for noise in (0.0, 0.05)
    ]
    whole = 1.0 if standardise else float(flow.w.std())
    assert np.std(crops[1].coarse[:, 1] - crops[1].fine[:, 1]) == pytest.approx(0.05 * whole, rel=0.03)
    assert np.array_equal(crops[0].coarse, crops[0].fine)


def test_values_that_are_not_finite_are_named(flow):
    with pytest.raises(DeclarationError, match="`w` has values that are not finite"):
        made(flow.assign(w=flow.w.where(flow.w < 0.5))).standardisation  # noqa: B018


def test_part_of_a_periodic_axis_is_not_periodic(flow):
    data = made(flow, select={"x": (0, 2)})
    assert data.periods == {} and data.fine().attrs["periodic"] == ""


WRONG = {
    "field": ({"fields": ("b", "q")}, "no field `q`. It has b, w"),
    "twice": ({"fields": ("b", "b")}, "each once"),
    "coarsen axis": ({"coarsen": {"y": 2}}, "there is no axis `y`. The fields have t, z, x"),
    "coarsen number": ({"coarsen": {"x": 2.5}}, "the factor of `x` is a positive integer"),
    "coarsen what": ({"coarsen": 8}, "`coarsen=8`: give a factor for each axis"),
    "coarsen much": ({"coarsen": {"z": 32}}, "only 16 positions of `z`"),
    "coarsen uneven": ({"coarsen": {"z": 3}}, "16 positions of `z` make no whole cells"),
    "rule": ({"coarsen_by": "median"}, "`coarsen_by='median'`"),
    "rule axis": ({"coarsen_by": {"y": "mean"}}, "the axes are t, z, x"),
    "select axis": ({"select": {"y": (0, 1)}}, "there is no axis `y`"),
    "select ends": ({"select": {"t": 18}}, "give two ends"),
    "select texts": ({"select": {"t": ("a", "b")}}, "give two ends"),
    "select nothing": ({"select": {"t": (18, 41)}}, "nothing of `t` is in it, which has 13 positions from 0 to 1"),
    "periodic": ({"periodic": "y"}, "there is no axis `y`"),
    "noise": ({"noise": -1}, "`noise=-1`"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_arguments_are_named(flow, name):
    options, message = WRONG[name]
    with pytest.raises(DeclarationError) as error:
        made(flow, **options)
    assert message in str(error.value)


def test_wrong_sources_are_named(flow, file, tmp_path):
    with pytest.raises(FileFormatError, match="no such file"):
        made(tmp_path / "none.h5")
    with pytest.raises(FileFormatError, match=r"\.txt`: fields are read from \.h5"):
        made(tmp_path / "run.txt")
    with pytest.raises(FileFormatError, match="has no field `q`"):
        made(file, fields=("b", "q"))
    with pytest.raises(FileFormatError, match="positions of axis `y` of `series` are missing"):
        GridDataset(file, fields="series", coarsen={}, axes=("t", "y"))
    with pytest.raises(FileFormatError, match="does not say what the 2 axes of `series` are"):
        GridDataset(file, fields="series", coarsen={})
    with pytest.raises(DeclarationError, match="give the path of a file"):
        made([3])
    with pytest.raises(DeclarationError, match="The step of `x`"):
        made(flow).coarsened(flow.assign_coords(x=2 * flow.x))
    with pytest.raises(DeclarationError, match="There are 2 runs"):
        made([flow, flow]).fine()
    with pytest.raises(DeclarationError, match="no increasing positions"):
        made(flow.isel(x=slice(None, None, -1)))
    with pytest.raises(DeclarationError, match=r"the axis `t` has no increasing positions\. Give"):
        made(flow.assign_coords(t=flow.t.values.astype("M8[ns]")))
    with pytest.raises(DeclarationError, match="has the axes"):
        made(flow.assign(w=flow.w.isel(t=0)))
    with pytest.raises(DeclarationError, match="averages need even steps"):
        made(flow.assign_coords(z=flow.z**2))
    (tmp_path / "broken.h5").write_bytes(b"not HDF5")
    with pytest.raises(FileFormatError, match="cannot be read as HDF5"):
        made(tmp_path / "broken.h5")


def test_wrong_crops_are_named(flow):
    data = made(flow)
    for size, message in (({"t": 5}, "there are 4 coarse values along `t`"), ({"y": 1}, "no axis `y`")):
        with pytest.raises(DeclarationError, match=message):
            data.crops(1, size=size, generator=np.random.default_rng(0))
    with pytest.raises(DeclarationError, match="positive number of crops"):
        data.crops(0, size={}, generator=np.random.default_rng(0))


def test_zarr_without_its_package_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "run.zarr").mkdir()
    monkeypatch.setitem(sys.modules, "zarr", None)
    with pytest.raises(ImportError, match="pip install zarr"):
        made(tmp_path / "run.zarr")
    with pytest.raises(FileFormatError, match="no such folder"):
        made(tmp_path / "none.zarr")


def test_a_file_that_has_changed_is_noticed(file):
    fine = made(file, in_memory=0).fine()
    with h5py.File(file, "a") as held:
        del held["b"]
        held["b"] = np.zeros((13, 16, 31))
    with pytest.raises(FileFormatError, match="has changed"):
        fine["b"].load()
