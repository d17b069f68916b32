"""Fields on grids that stay in their file: HDF5, netCDF and Zarr as one kind of dataset."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, final

import h5py
import numpy as np
import xarray
from numpy.typing import NDArray
from xarray.backends import BackendArray
from xarray.core import indexing

from pinr.errors import FileFormatError
from pinr.files.attributes import read_attributes
from pinr.files.existing import require_file
from pinr.files.hdf5 import open_hdf5

HDF5 = (".h5", ".hdf5", ".he5")
NETCDF = (".nc", ".nc4", ".netcdf")
ZARR = ".zarr"
NUMBER_KINDS = "fiu"


def open_dataset(
    path: str | os.PathLike[str], *, fields: Sequence[str] | None = None, axes: Sequence[str] | None = None
) -> xarray.Dataset:
    """Fields with the positions of their axes, `.h5`, `.nc` or `.zarr`; values are read when they are asked for.

    In HDF5 the names of a field's axes are its dimension scales, or what the attribute `axes` says, `"(t, z, x)"`, of
    the field or of the file; the positions are the data sets with these names at the root. HDF5 files are open only
    while they are read.

    Args:
        path: The file, or the folder of a Zarr store.
        fields: Which fields; None takes all that have named axes with positions.
        axes: The names of the axes where an HDF5 file does not say them.

    Raises:
        FileFormatError: The file cannot be read, has no such field, or does not say what its axes are.
        ImportError: A Zarr store without the package `zarr`.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix in HDF5:
        return _in_hdf5(path, fields, axes)
    if suffix in NETCDF:
        require_file(path)
        try:
            found = xarray.open_dataset(path, engine="scipy" if _is_classic(path) else "h5netcdf")
        except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
            message = f"`{path}` cannot be read as netCDF: {error}. It may be incomplete or of another format."
            raise FileFormatError(message) from error
        return _chosen(found, path, fields)
    if suffix == ZARR:
        return _chosen(_zarr(path), path, fields)
    message = (
        f"`{path}`: fields are read from {', '.join((*HDF5, *NETCDF, ZARR))}. Convert it, or give an xarray.Dataset."
    )
    raise FileFormatError(message)


@final
class StoredArray(BackendArray):  # type: ignore[misc,unused-ignore]
    """A data set of an HDF5 file as xarray's lazy indexing asks for it."""

    def __init__(self, path: Path, held: h5py.Dataset) -> None:
        self.path, self.name = path, str(held.name)
        self.shape, self.dtype = held.shape, held.dtype

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.BASIC, self._read)

    def _read(self, key: tuple[Any, ...]) -> NDArray[Any]:
        with open_hdf5(self.path) as file:
            held = file[self.name]
            if held.shape != self.shape or held.dtype != self.dtype:
                message = f"`{self.path}` has changed since it was opened. Open it again."
                raise FileFormatError(message)
            try:
                return np.asarray(held[key])
            except OSError as error:
                message = f"`{self.path}`, `{self.name}`, cannot be read: {error}. The file may be incomplete."
                raise FileFormatError(message) from error


def _in_hdf5(path: Path, fields: Sequence[str] | None, axes: Sequence[str] | None) -> xarray.Dataset:
    with open_hdf5(path) as file:
        names = _numbers(file)
        wanted = [name for name in names if file[name].ndim > 1] if fields is None else list(fields)
        variables, positions = {}, {}
        for name in wanted:
            if name not in names:
                raise FileFormatError(_no_field(path, name, names))
            dims = _axes_of(file, name, axes)
            if dims is None and fields is None:
                continue
            if dims is None:
                message = (
                    f"`{path}` does not say what the {file[name].ndim} axes of `{name}` are. Give them, such as "
                    f'`axes=("t", "z", "x")`, or store dimension scales or an attribute `axes`.'
                )
                raise FileFormatError(message)
            for axis, count in zip(dims, file[name].shape, strict=True):
                if axis not in names or file[axis].shape != (count,):
                    message = (
                        f"`{path}`: the positions of axis `{axis}` of `{name}` are missing. "
                        f"Store {count} of them as the data set `{axis}`."
                    )
                    raise FileFormatError(message)
                positions[axis] = (axis, file[axis][()], read_attributes(file[axis]))
            held = indexing.LazilyIndexedArray(StoredArray(path, file[name]))
            variables[name] = xarray.Variable(dims, held, read_attributes(file[name]))
        return xarray.Dataset(variables, positions, read_attributes(file))


def _is_classic(path: Path) -> bool:
    """Whether the file is of netCDF-3, which is not HDF5."""
    with path.open("rb") as file:
        return file.read(3) == b"CDF"


def _zarr(path: Path) -> xarray.Dataset:
    if not path.is_dir():
        message = f"`{path}` cannot be read: there is no such folder. Check the path."
        raise FileFormatError(message)
    try:
        import zarr  # type: ignore[import-not-found,unused-ignore]  # noqa: F401
    except ImportError as error:
        message = f"`{path}`: Zarr stores need the package: `pip install zarr`."
        raise ImportError(message) from error
    return xarray.open_zarr(path, chunks=None)


def _chosen(found: xarray.Dataset, path: Path, fields: Sequence[str] | None) -> xarray.Dataset:
    if fields is None:
        return found
    for name in fields:
        if name not in found.data_vars:
            raise FileFormatError(_no_field(path, name, [str(held) for held in found.data_vars]))
    return found[list(fields)]


def _no_field(path: Path, name: str, names: Sequence[str]) -> str:
    return f"`{path}` has no field `{name}`. It has {', '.join(names) or 'none'}."


def _numbers(file: h5py.File) -> list[str]:
    """The arrays of numbers at the root; links are not followed, since they may lead to other files."""
    hard = [name for name in file if isinstance(file.get(name, getlink=True), h5py.HardLink)]
    held = [name for name in hard if isinstance(file[name], h5py.Dataset)]
    return [name for name in held if file[name].dtype.kind in NUMBER_KINDS and not _is_elsewhere(file[name])]


def _is_elsewhere(held: h5py.Dataset) -> bool:
    return bool(held.external or held.is_virtual)


def _axes_of(file: h5py.File, name: str, axes: Sequence[str] | None) -> tuple[str, ...] | None:
    """The names of the axes, None where they are not said."""
    held = file[name]
    scales = [scales[0].name.strip("/") if len(scales) else "" for scales in held.dims]
    if all(scales):
        return tuple(scales)
    for said in (axes, held.attrs.get("axes"), file.attrs.get("axes")):
        if isinstance(said, str):
            said = [part.strip() for part in said.strip("()[] ").split(",")]
        if said is not None and len(said) == held.ndim:
            return tuple(str(axis) for axis in said)
    return None
