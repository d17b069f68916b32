"""One field or several, under their names."""

from collections.abc import Mapping

import xarray

from pinr.errors import FileFormatError
from pinr.files.names import check_name

Fields = xarray.DataArray | xarray.Dataset | Mapping[str, xarray.DataArray]


def named_fields(fields: Fields) -> dict[str, xarray.DataArray]:
    """Name → field, in the order given. A `DataArray` brings its own name."""
    if isinstance(fields, xarray.DataArray):
        named = {_own_name(fields): fields}
    else:
        # A `Dataset` is a mapping to its fields, without its coordinates.
        named = {name: fields[name] for name in map(str, fields)}
    if not named:
        message = "There are no fields to write. Give at least one, for example {'u': field}."
        raise FileFormatError(message)
    for name in named:
        check_name(name)
    return named


def _own_name(field: xarray.DataArray) -> str:
    if field.name is None:
        message = (
            f"The field with dimensions {field.dims} has no name. "
            f"Name it with `field.rename('u')`, or give {{'u': field}}."
        )
        raise FileFormatError(message)
    return str(field.name)
