"""VTK's unstructured grids: one moment, with the outside of the region cut away."""

import math
import os
from collections.abc import Mapping

import meshio
import numpy as np
import xarray

from pinr.errors import FileFormatError
from pinr.files.atomic import atomic_path
from pinr.files.grid import common_axes
from pinr.files.layout import Layout, layout_of
from pinr.files.named_fields import Fields, named_fields
from pinr.files.names import check_distinct, check_name
from pinr.files.numbers import plain_numbers, real_parts
from pinr.files.padding import pad_components, padded_shape
from pinr.files.rectilinear_mesh import grid_cells, grid_points, without_points


def write_vtu(path: str | os.PathLike[str], fields: Fields) -> None:
    """Write fields that share a grid as the points and cells inside the region.

    Points where the first field is NaN are left out, and the cells that touch them. Vectors have three components,
    matrices nine (row by row); a complex `u` becomes `u_re` and `u_im`.
    """
    named = named_fields(fields)
    layouts = {name: layout_of(name, field.dims, field.coords) for name, field in named.items()}
    for name, layout in layouts.items():
        _check_one_moment(name, layout)
    axes = tuple(common_axes(layouts).values())
    first = next(iter(named))
    kept = _inside(named[first], layouts[first])
    kind, cells = grid_cells([axis.size for axis in axes])
    cells = without_points(cells, kept)
    if not len(cells):
        message = (
            f"`{path}`: no cell of the grid has `{first}` at all its corners; elsewhere it is NaN, outside "
            f"the region. Refine the grid, or check the region."
        )
        raise FileFormatError(message)
    mesh = meshio.Mesh(grid_points(axes)[kept], [(kind, cells)], point_data=_point_data(named, layouts, kept))
    with atomic_path(path) as temporary:
        mesh.write(temporary, file_format="vtu", binary=True, compression="zlib")


def write_mesh_vtu(path: str | os.PathLike[str], mesh: meshio.Mesh, fields: Mapping[str, np.ndarray]) -> None:
    """Write values at the points of a mesh.

    Args:
        path: The file.
        mesh: Points in up to three dimensions, and any cells.
        fields: Name → values `(N, *components)`; vectors and complex numbers are written as by `write_vtu`.
    """
    for name in fields:
        check_name(name)
    points = np.pad(mesh.points, ((0, 0), (0, 3 - mesh.points.shape[1])))
    shown = [
        (part, _rows(numbers, numbers.ndim - 1))
        for name, values in fields.items()
        for part, numbers in real_parts(name, plain_numbers(name, values)).items()
    ]
    check_distinct(part for part, _ in shown)
    whole = meshio.Mesh(points, mesh.cells, point_data=dict(shown))
    with atomic_path(path) as temporary:
        whole.write(temporary, file_format="vtu", binary=True, compression="zlib")


def _check_one_moment(name: str, layout: Layout) -> None:
    if layout.time is None:
        return
    message = (
        f"`{name}` has {layout.positions[layout.time].size} times along `{layout.time}`, and a .vtu file holds one. "
        f"Write .xdmf for all of them, or select one with `field.sel({layout.time}=0.5, method='nearest')`."
    )
    raise FileFormatError(message)


def _inside(field: xarray.DataArray, layout: Layout) -> np.ndarray:
    """`(N,)`: whether every component is a number."""
    missing = field.isnull().any(dim=layout.components)
    return ~missing.transpose(*layout.storage[: len(layout.space)]).values.ravel()


def _point_data(
    named: dict[str, xarray.DataArray], layouts: dict[str, Layout], kept: np.ndarray
) -> dict[str, np.ndarray]:
    shown = [
        (part, _rows(numbers, len(layouts[name].components))[kept])
        for name, field in named.items()
        for part, numbers in real_parts(name, _stored_values(name, field, layouts[name])).items()
    ]
    check_distinct(part for part, _ in shown)
    return dict(shown)


def _stored_values(name: str, field: xarray.DataArray, layout: Layout) -> np.ndarray:
    return plain_numbers(name, field.transpose(*layout.storage).values)


def _rows(values: np.ndarray, rank: int) -> np.ndarray:
    """`(N,)` for scalars, else `(N, components)`, padded."""
    if rank == 0:
        return values.ravel()
    size = math.prod(padded_shape(values.shape[values.ndim - rank :]))
    return pad_components(values, rank).reshape(-1, size)
