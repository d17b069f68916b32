"""A file appears whole or not at all."""

import os

import pytest
import xarray

from pinr.errors import FileFormatError
from pinr.files import atomic_path, write_hdf5, write_vtu

FIELD = xarray.DataArray([1.0, 2.0], coords={"x": [0.0, 1.0]}, name="u")


def _write_half(path):
    path.write_text("half")
    raise ZeroDivisionError


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "u.txt"
    path.write_text("old")
    with atomic_path(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_the_old_file_and_no_rubbish(tmp_path):
    path = tmp_path / "u.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), atomic_path(path) as temporary:
        _write_half(temporary)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("write", [write_hdf5, write_vtu])
def test_a_missing_folder_is_named(write, tmp_path):
    with pytest.raises(FileFormatError, match=r"absent.*does not exist"):
        write(tmp_path / "absent" / "u.out", FIELD)


def test_a_folder_in_place_of_a_file_is_named(tmp_path):
    with pytest.raises(FileFormatError, match="is a folder"):
        write_hdf5(tmp_path, FIELD)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_without_permission_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(FileFormatError, match="no permission"):
        write_hdf5(tmp_path / "u.h5", FIELD)


def test_an_error_of_the_system_names_the_path(tmp_path):
    with pytest.raises(FileFormatError, match=r"u\.txt` cannot be written: No space"), atomic_path(tmp_path / "u.txt"):
        raise OSError(28, "No space left on device")
