"""HDF5 files that hold fields."""

import os
from pathlib import Path

import h5py
import xarray

from pinr.errors import FileFormatError
from pinr.files.atomic import atomic_path
from pinr.files.existing import require_file
from pinr.files.fields import read_fields, write_fields
from pinr.files.named_fields import Fields


def write_hdf5(path: str | os.PathLike[str], fields: Fields) -> None:
    """Write the fields to a new file, in groups `/fields/<name>`."""
    with atomic_path(path) as temporary, h5py.File(temporary, "w") as file:
        write_fields(file, fields)


def read_hdf5(path: str | os.PathLike[str]) -> dict[str, xarray.DataArray]:
    """All fields of the file, by name."""
    with open_hdf5(path) as file:
        return read_fields(file)


def open_hdf5(path: str | os.PathLike[str]) -> h5py.File:
    """The file, opened for reading."""
    require_file(Path(path))
    try:
        return h5py.File(path, "r")
    except OSError as error:
        message = f"`{path}` cannot be read as HDF5: {error}. It may be incomplete or of another format."
        raise FileFormatError(message) from error
