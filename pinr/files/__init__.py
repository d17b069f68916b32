"""Arrays to and from files: HDF5 for keeping, XDMF and VTU for looking at.

A field is an `xarray.DataArray` on a rectilinear grid. Its dimensions are coordinate names, after which a vector has
`component` and a matrix has `row` and `column`; time is the coordinate with `attrs["role"] == "time"`. NaN means
"outside the region". Several fields are one `xarray.Dataset`, or a mapping from names to fields.
"""

from pinr.files.atomic import atomic_path
from pinr.files.fields import read_field, read_fields, write_field, write_fields
from pinr.files.hdf5 import open_hdf5, read_hdf5, write_hdf5
from pinr.files.series import create_series
from pinr.files.surface import write_surface
from pinr.files.vtu import write_mesh_vtu, write_vtu
from pinr.files.xdmf import write_xdmf, write_xdmf_series

__all__ = [
    "atomic_path",
    "create_series",
    "open_hdf5",
    "read_field",
    "read_fields",
    "read_hdf5",
    "write_field",
    "write_fields",
    "write_hdf5",
    "write_mesh_vtu",
    "write_surface",
    "write_vtu",
    "write_xdmf",
    "write_xdmf_series",
]
