"""Gridded data: values on a tensor grid with named axes, and the spline through them."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, final

import numpy as np
import xarray
from numpy.typing import NDArray
from scipy.interpolate import NdBSpline, make_interp_spline
from typing_extensions import override

from pinr.errors import DeclarationError
from pinr.language.digest import sha256_of
from pinr.language.grid import AbstractGrid, Array

REAL_KINDS = "fiub"


def gridded(values: Any, **extent: tuple[float, float]) -> xarray.DataArray:
    """An array on a regular grid, `gridded(values, x=(0, 1), y=(0, 2))`: first axis x, second y, ends included.

    Args:
        values: A NumPy array or what NumPy makes one of.
        extent: For every axis, in the array's order, its coordinate with the first and last position.

    Returns:
        An array with named dimensions, for `coefficient(...)` and `Problem(..., reference={u: ...})`.

    Raises:
        DeclarationError: The extent does not fit the array.
    """
    array = np.asarray(values)
    written = ", ".join(f"{name}={pair!r}" for name, pair in extent.items())
    if array.ndim != len(extent):
        message = (
            f"`gridded(…, {written})`: the array has the shape {array.shape}, the extent names {len(extent)} axes. "
            "Name every axis once, in the order of the array."
        )
        raise DeclarationError(message)
    axes: dict[str, Array] = {}
    for (name, pair), count in zip(extent.items(), array.shape, strict=True):
        ends = np.asarray(pair)
        if ends.shape != (2,) or ends.dtype.kind not in "iuf" or not np.isfinite(ends).all() or ends[0] == ends[1]:
            message = f"`gridded(…, {written})`: {name} needs its first and last position, such as `{name}=(0, 1)`."
            raise DeclarationError(message)
        axes[name] = np.linspace(float(ends[0]), float(ends[1]), count)
    return xarray.DataArray(array, coords=axes)


@final
class Gridded(AbstractGrid):
    """Values on a tensor grid, in double precision, with the cubic spline through them. Immutable; equal by value.

    Args:
        array: Real numbers with named dimensions and a position for every index, in either direction.
        written: Where it was given, for errors.

    Raises:
        DeclarationError: There is a value or position missing, or positions are not monotone.
    """

    def __init__(self, array: xarray.DataArray, *, written: str) -> None:
        positions = {str(name): _positions(array, name, written) for name in array.dims}
        if array.dtype.kind not in REAL_KINDS:
            message = (
                f"{written}: the array has values of type {array.dtype}. Give real numbers; of complex ones "
                "the real and the imaginary part as two coefficients, `a + I * b`."
            )
            raise DeclarationError(message)
        backwards = {name: slice(None, None, -1) for name, along in positions.items() if along[0] > along[-1]}
        values = array.isel(backwards).values.astype(np.float64)
        axes = {name: along[backwards.get(name, slice(None))].copy() for name, along in positions.items()}
        bad = np.argwhere(~np.isfinite(values))
        if len(bad):
            place = ", ".join(f"{name} = {axis[k]:g}" for (name, axis), k in zip(axes.items(), bad[0], strict=True))
            message = (
                f"{written}: the array is {values[tuple(bad[0])]} at {place} ({len(bad)} of {values.size} values). "
                "Fill it in, for example with `array.interpolate_na(...)`, or cut it to where it is known."
            )
            raise DeclarationError(message)
        self.axes = axes
        self.values = values
        for held in (values, *axes.values()):
            held.flags.writeable = False

    @property
    def dims(self) -> tuple[str, ...]:
        """The names of the axes, in the order of the array."""
        return tuple(self.axes)

    @property
    def array(self) -> xarray.DataArray:
        """The data as xarray has them."""
        return xarray.DataArray(self.values, coords=dict(self.axes), dims=self.dims)

    @cached_property
    @override
    def digest(self) -> str:
        """The SHA-256 of values and positions."""
        return sha256_of({**self.axes, "values at the positions": self.values})

    @override
    def at_nodes(self, nodes: Sequence[NDArray[np.intp]]) -> Array:
        return self.values[tuple(nodes)]

    @override
    def between(self, places: Sequence[Array], orders: Sequence[int]) -> Array:
        return self._spline(np.stack(places, axis=1), nu=tuple(orders))

    @cached_property
    def _spline(self) -> NdBSpline:
        """The tensor-product cubic spline (of lower degree along axes of fewer than four positions)."""
        values, knots, degrees = self.values, [], []
        for number, axis in enumerate(self.axes.values()):
            degree = min(3, len(axis) - 1)
            along = make_interp_spline(axis, np.moveaxis(values, number, 0), k=degree)
            values = np.moveaxis(along.c, 0, number)
            knots.append(along.t)
            degrees.append(degree)
        return NdBSpline(tuple(knots), np.ascontiguousarray(values), degrees)


def _positions(array: xarray.DataArray, name: Any, written: str) -> Array:
    if name not in array.coords:
        message = (
            f"{written}: the array has no positions along {name}. Add them with `array.assign_coords({name}=…)`, "
            f"or name its ends with `gridded(array.values, {name}=(0, 1), …)`."
        )
        raise DeclarationError(message)
    positions = array.coords[name].values
    is_axis = positions.dtype.kind in "iuf" and positions.ndim == 1 and len(positions) >= 2
    along = positions.astype(np.float64) if is_axis else np.empty(0)
    steps = np.diff(along)
    if not is_axis or not np.isfinite(along).all() or not ((steps > 0).all() or (steps < 0).all()):
        message = (
            f"{written}: the positions along {name} must be two or more numbers that increase (or decrease) strictly. "
            f"Sort them with `array.sortby({name!r})`, and drop repeated ones with `array.drop_duplicates({name!r})`."
        )
        raise DeclarationError(message)
    return along


def payload_of(values: Any, names: Sequence[str], *, written: str, extent: Mapping[str, Any] | None = None) -> Any:
    """What a coefficient keeps of its data: a callable or a grid as it is, arrays as `Gridded`.

    Raises:
        DeclarationError: The values are neither, have other dimensions, or lack an extent.
    """
    if isinstance(values, AbstractGrid):
        grid = values
    elif isinstance(values, xarray.DataArray):
        _check_extent(extent, None, names, written)
        _check_dimensions(values.dims, names, written)
        return Gridded(values, written=written)
    elif callable(values):
        _check_extent(extent, None, names, written)
        return values
    elif isinstance(values, np.ndarray | list | tuple) and np.ndim(values):
        _check_extent(extent, values, names, written)
        return Gridded(gridded(values, **extent), written=written)  # type: ignore[arg-type]
    else:
        message = (
            f"{written} got a {type(values).__name__}. Give a callable of tensors, an xarray.DataArray, or a NumPy "
            "array with its `extent=`; a formula needs no coefficient, write it as an expression."
        )
        raise DeclarationError(message)
    _check_dimensions(tuple(grid.axes), names, written)
    return grid


def _check_extent(extent: Mapping[str, Any] | None, values: Any, names: Sequence[str], written: str) -> None:
    if values is None:
        if extent is None:
            return
        message = f"{written}: `extent=` is for bare arrays; these values know their positions. Leave it out."
        raise DeclarationError(message)
    example = ", ".join(f"{name!r}: (0, 1)" for name in names)
    if extent is None:
        message = (
            f"{written} got an array of the shape {np.shape(values)} without positions. Say where its axes begin and "
            f"end, `extent={{{example}}}`, or give an xarray.DataArray."
        )
        raise DeclarationError(message)
    if not isinstance(extent, Mapping) or tuple(extent) != tuple(names):
        message = (
            f"{written}: `extent={extent!r}` must name the coordinates in their order, `extent={{{example}}}`; the "
            "axes of the array come in the same order. Transpose the array where they do not."
        )
        raise DeclarationError(message)


def _check_dimensions(dims: Sequence[Any], names: Sequence[str], written: str) -> None:
    if set(dims) != set(names) or len(dims) != len(names):
        message = (
            f"{written}: the array has the dimensions ({', '.join(map(str, dims))}), the "
            f"coefficient the coordinates ({', '.join(names)}). Rename the dimensions to match."
        )
        raise DeclarationError(message)
