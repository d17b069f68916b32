"""What is trained on some files is used on others, as the documentation says."""

import numpy as np
import pytest
import xarray

from pinr import superresolution
from pinr.errors import DeclarationError
from pinr.files import open_dataset as reading

RAYLEIGH = 2e4
COARSEN = {"t": 4, "z": 8, "x": 8}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for seed, name in enumerate(("rb2d", "another_run", "third")):
        superresolution.simulate(
            folder / f"{name}.h5", Ra=RAYLEIGH, nx=32, nz=16, until=42.0, every=0.5, seed=seed, noise=0.1
        )
    return folder


def test_a_model_of_one_run_is_used_on_another(folder, monkeypatch):
    monkeypatch.chdir(folder)
    data = superresolution.GridDataset(
        "rb2d.h5", fields=("p", "b", "u", "w"), coarsen={"t": 4, "z": 8, "x": 8}, select={"t": (18, 41)}
    )
    model = superresolution.fit(
        data, equations=superresolution.rayleigh_benard(Ra=RAYLEIGH, Pr=1), seconds=2, progress=False
    )
    fine = model.upsample(data.coarsened("another_run.h5"), like=data.fine("another_run.h5"))
    model.save("rb.h5")
    again = superresolution.load("rb.h5")

    truth = superresolution.GridDataset("another_run.h5", coarsen={}, select={"t": (18, 40.5)}).fine()
    assert isinstance(fine, xarray.Dataset) and set(fine.data_vars) == {"p", "b", "u", "w"}
    for axis in "tzx":  # the same selection: whole coarse cells of 18 ≤ t < 41
        assert np.array_equal(fine[axis], truth[axis])
    assert fine.attrs["Ra"] == RAYLEIGH
    error = float(((fine["b"] - truth["b"]) ** 2).mean() / truth["b"].var())
    assert error < 0.7  # in the units of the file, of the other run
    xarray.testing.assert_identical(fine, again.upsample(data.coarsened("another_run.h5"), like=truth))


def test_runs_of_training_are_parts_of_every_file_and_others_are_kept_aside(folder):
    paths = [folder / "rb2d.h5", folder / "another_run.h5"]
    data = superresolution.GridDataset(paths, coarsen=COARSEN, select={"t": (18, 41)})
    for path in (*paths, folder / "third.h5"):
        alone = superresolution.GridDataset(path, coarsen=COARSEN, select={"t": (18, 41)})
        xarray.testing.assert_identical(data.coarsened(path).load(), alone.coarsened().load())
        xarray.testing.assert_identical(data.fine(path).load(), alone.fine().load())
        later = data.coarsened(path, select={"t": (30, None)})
        assert float(later["t"][0]) == 30.0
    both = xarray.concat([data.fine(path) for path in paths], "run")
    for name in data.fields:
        assert data.standardisation.scale[name] == pytest.approx(float(both[name].std()), rel=1e-4)
    crops = data.crops(40, size={"t": 3}, generator=np.random.default_rng(0))
    firsts = [float(data.standardisation.apply(data.fine(path))["w"].max()) for path in paths]
    own = crops.fine[:, data.fields.index("w")].max((1, 2, 3))
    assert crops.fine_places["t"].min() >= 18 and crops.fine_places["t"].max() < 41
    assert own.max() <= max(firsts) + 1e-5 and len(np.unique(crops.fine_places["t"][:, 0])) > 10
    with pytest.raises(DeclarationError, match="There are 2 runs"):
        data.coarsened()


@pytest.mark.parametrize("engine", ["h5netcdf", "scipy"])
def test_netcdf_of_both_kinds_is_read_where_it_is_asked_for(folder, tmp_path, engine):
    run = superresolution.GridDataset(folder / "third.h5", coarsen=COARSEN)
    fine = run.fine().load()
    fine.to_netcdf(tmp_path / "run.nc", engine=engine)
    found = superresolution.GridDataset(tmp_path / "run.nc", coarsen=COARSEN, in_memory=0)
    assert found.periods == run.periods
    xarray.testing.assert_equal(found.coarsened(select={"t": (18, 30)}).load(), run.coarsened(select={"t": (18, 30)}))
    xarray.testing.assert_equal(found.fine(), fine)


def test_netcdf_that_is_broken_is_named(tmp_path):
    for start in (b"CDF\x01", b"\x89HDF\r\n\x1a\n", b"text"):
        (tmp_path / "broken.nc").write_bytes(start + 20 * b"\x00")
        with pytest.raises(reading.FileFormatError, match="cannot be read as netCDF"):
            reading.open_dataset(tmp_path / "broken.nc")
