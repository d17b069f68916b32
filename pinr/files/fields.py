"""Fields as HDF5 groups that xarray, netCDF-4 and XDMF can read.

`/fields/u/values` holds the numbers, and the datasets beside it, `/fields/u/x` …, the positions: they are its HDF5
dimension scales, so that `xarray.open_dataset(path, engine="h5netcdf", group="fields/u")` opens the field. On disk
time comes first, space runs backwards (z, y, x, as VTK reads it) and components come last; the field's own order is
kept as an attribute and restored. HDF5 has no complex numbers that netCDF-4 accepts: they become `values_re` and
`values_im`.
"""

import h5py
import numpy as np
import xarray

from pinr.errors import FileFormatError
from pinr.files.attributes import DIMENSION_ORDER, SCALAR_COORDINATES, read_attributes, write_attributes
from pinr.files.layout import COMPONENT_DIMENSIONS, Layout, layout_of
from pinr.files.named_fields import Fields, named_fields
from pinr.files.names import check_name
from pinr.files.numbers import plain_numbers, real_parts
from pinr.files.padded_view import write_padded_view

VALUES = "values"
_COMPLEX_PARTS = ("values_re", "values_im")
# A dimension scale of this name tells netCDF-4 that the axis has a length and no positions.
_LENGTH_ONLY = "This is a netCDF dimension but not a netCDF variable.{:10d}"


def write_fields(file: h5py.File, fields: Fields) -> None:
    """Write every field into its group, `/fields/<name>`."""
    for name, field in named_fields(fields).items():
        write_field(file, name, field)


def read_fields(file: h5py.File) -> dict[str, xarray.DataArray]:
    """All fields of the file, by name."""
    return {name: read_field(file, name) for name in file.get("fields", ())}


def write_field(file: h5py.File, name: str, field: xarray.DataArray) -> None:
    """Write one field into `/fields/<name>`, in place of an earlier one."""
    check_name(name)
    layout = layout_of(name, field.dims, field.coords)
    values = plain_numbers(name, field.transpose(*layout.storage).values)
    _check_coordinates(name, field)
    group = _emptied_group(file, name)
    scales = [_write_scale(group, axis, field) for axis in layout.storage]
    scalars = [str(key) for key, coordinate in field.coords.items() if coordinate.ndim == 0]
    for key in scalars:
        group[key] = field.coords[key].values
        write_attributes(group[key], field.coords[key].attrs)
    for part, numbers in real_parts(VALUES, values).items():
        dataset = group.create_dataset(part, data=numbers)
        for axis, scale in enumerate(scales):
            dataset.dims[axis].attach_scale(scale)
        write_attributes(dataset, field.attrs)
        dataset.attrs[DIMENSION_ORDER] = " ".join(map(str, field.dims))
        if scalars:
            dataset.attrs[SCALAR_COORDINATES] = " ".join(scalars)
        write_padded_view(dataset, len(layout.components))
    if values.dtype.kind == "c":
        group.attrs["complex"] = "values = values_re + 1j * values_im"


def read_field(file: h5py.File, name: str) -> xarray.DataArray:
    """The field of `/fields/<name>`, as it was written."""
    parts = value_datasets(file, name)
    values = parts[0][...] if len(parts) == 1 else _complex(*(part[...] for part in parts))
    return xarray.DataArray(
        values,
        dims=_stored_dimensions(parts[0]),
        coords=_read_coordinates(parts[0]),
        attrs=read_attributes(parts[0]),
        name=name,
    ).transpose(*parts[0].attrs[DIMENSION_ORDER].split())


def value_datasets(file: h5py.File, name: str) -> tuple[h5py.Dataset, ...]:
    """The dataset of a real field, or the two of a complex one."""
    group = file.get(f"fields/{name}", {})
    for parts in ((VALUES,), _COMPLEX_PARTS):
        if all(part in group for part in parts):
            return tuple(group[part] for part in parts)
    message = f"`{file.filename}` has no field `{name}`. It has: {', '.join(file.get('fields', ())) or 'none'}."
    raise FileFormatError(message)


def read_layout(file: h5py.File, name: str) -> Layout:
    """The layout of a stored field, without reading its values."""
    dataset = value_datasets(file, name)[0]
    return layout_of(name, dataset.attrs[DIMENSION_ORDER].split(), _read_coordinates(dataset))


def _complex(real: np.ndarray, imaginary: np.ndarray) -> np.ndarray:
    # Not `real + 1j * imaginary`, which turns infinities into NaN.
    values = np.empty(real.shape, np.result_type(real.dtype, np.complex64))
    values.real, values.imag = real, imaginary
    return values


def _emptied_group(file: h5py.File, name: str) -> h5py.Group:
    for earlier in (f"fields/{name}", f"xdmf/{name}"):
        if earlier in file:
            del file[earlier]
    return file.create_group(f"fields/{name}")


def _check_coordinates(name: str, field: xarray.DataArray) -> None:
    for key, coordinate in field.coords.items():
        check_name(key, what="coordinate")
        if key in (VALUES, *_COMPLEX_PARTS):
            message = f"The coordinate `{key}` of `{name}` has a reserved name. Rename it with `field.rename`."
            raise FileFormatError(message)
        if coordinate.ndim and coordinate.dims != (key,):
            message = (
                f"The coordinate `{key}` of `{name}` depends on {coordinate.dims}; a rectilinear grid has one "
                f"coordinate per dimension. Drop it with `field.drop_vars({key!r})`, or write it as a field of its own."
            )
            raise FileFormatError(message)


def _write_scale(group: h5py.Group, axis: str, field: xarray.DataArray) -> h5py.Dataset:
    if axis not in field.coords:
        size = field.sizes[axis]
        # Big-endian single precision, never allocated: what netCDF-4 itself writes.
        scale = group.create_dataset(axis, (size,), ">f4")
        scale.make_scale(_LENGTH_ONLY.format(size))
        return scale
    positions = field.coords[axis]
    labels = positions.values.astype(h5py.string_dtype()) if axis in COMPONENT_DIMENSIONS else positions.values
    scale = group.create_dataset(axis, data=labels)
    scale.make_scale(axis)
    write_attributes(scale, positions.attrs)
    return scale


def _stored_dimensions(dataset: h5py.Dataset) -> list[str]:
    return [dimension[0].name.rpartition("/")[2] for dimension in dataset.dims]


def _read_coordinates(dataset: h5py.Dataset) -> dict[str, xarray.DataArray]:
    coordinates = {}
    for axis in (*_stored_dimensions(dataset), *dataset.attrs.get(SCALAR_COORDINATES, "").split()):
        stored = dataset.parent[axis]
        if str(stored.attrs.get("NAME", b""), "ascii", "replace").startswith(_LENGTH_ONLY[:20]):
            continue
        values = stored.asstr()[...].astype(str) if h5py.check_string_dtype(stored.dtype) else stored[...]
        coordinates[axis] = xarray.DataArray(
            np.asarray(values), dims=(axis,) * stored.ndim, attrs=read_attributes(stored)
        )
    return coordinates
