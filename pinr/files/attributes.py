"""Units, descriptions and other remarks on a dataset, as plain strings and numbers."""

from collections.abc import Mapping
from typing import Any

import h5py
import numpy as np

from pinr.errors import FileFormatError

# What HDF5 dimension scales and netCDF-4 keep for themselves, and what pinr adds.
_RESERVED = frozenset(
    ("CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST", "DIMENSION_LABELS", "_Netcdf4Dimid", "_Netcdf4Coordinates")
)
DIMENSION_ORDER = "dimension_order"  # the field's own order of dimensions, separated by blanks
SCALAR_COORDINATES = "coordinates"  # the name that the CF conventions give it


def write_attributes(target: h5py.Dataset, attributes: Mapping[Any, Any]) -> None:
    """Store strings, numbers and arrays of numbers under their names; anything else is refused."""
    for key, value in attributes.items():
        if not isinstance(key, str) or key in _RESERVED or not _is_plain(value):
            message = (
                f"The attribute {key!r} = {value!r} of `{target.name}` cannot be stored. Attributes have a name that "
                f"HDF5 does not reserve, and are strings, numbers or arrays of numbers: turn it into a string."
            )
            raise FileFormatError(message)
        target.attrs[key] = np.uint8(value) if isinstance(value, (bool, np.bool_)) else value


def read_attributes(source: h5py.Dataset) -> dict[str, Any]:
    """The attributes that the user gave."""
    hidden = _RESERVED | {DIMENSION_ORDER, SCALAR_COORDINATES}
    return {key: _scalar(value) for key, value in source.attrs.items() if key not in hidden}


def _is_plain(value: Any) -> bool:
    return isinstance(value, str) or np.asarray(value).dtype.kind in "biuf"


def _scalar(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
