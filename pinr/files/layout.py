"""What the dimensions of a field mean."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import xarray

from pinr.errors import FileFormatError

COMPONENT_DIMENSIONS = ("component", "row", "column")
_CARTESIAN = ("x", "y", "z")


@final
@dataclass(frozen=True, eq=False)
class Layout:
    """The roles of a field's dimensions, with the positions along those of time and space.

    `space` is in the order of VTK's axes: the field's own order, but x, y and z always follow the alphabet.
    """

    time: str | None
    space: tuple[str, ...]
    components: tuple[str, ...]
    positions: Mapping[str, np.ndarray]

    @property
    def storage(self) -> tuple[str, ...]:
        """The order on disk, slowest first: time, space backwards (VTK runs through x fastest), components."""
        time = () if self.time is None else (self.time,)
        return (*time, *reversed(self.space), *self.components)


def layout_of(name: str, dimensions: Iterable[Hashable], coordinates: Mapping[Any, xarray.DataArray]) -> Layout:
    """The layout of the field `name`. Every dimension but the components needs positions that are real numbers."""
    names = tuple(map(str, dimensions))
    axes = [axis for axis in names if axis not in COMPONENT_DIMENSIONS]
    positions = {axis: _positions(name, axis, coordinates) for axis in axes}
    times = [axis for axis in axes if coordinates[axis].attrs.get("role") == "time"]
    if len(times) > 1:
        message = f"`{name}` has several time coordinates, {times}. Keep the attribute role='time' on one of them."
        raise FileFormatError(message)
    space = tuple(axis for axis in axes if axis not in times)
    return Layout(
        time=times[0] if times else None,
        space=tuple(sorted(space)) if set(space) <= set(_CARTESIAN) else space,
        components=tuple(axis for axis in COMPONENT_DIMENSIONS if axis in names),
        positions=positions,
    )


def _positions(name: str, axis: str, coordinates: Mapping[Any, xarray.DataArray]) -> np.ndarray:
    if axis not in coordinates:
        message = (
            f"`{name}` has the dimension `{axis}` without positions. "
            f"Add them, for example with `field.assign_coords({axis}=np.linspace(0, 1, n))`."
        )
        raise FileFormatError(message)
    positions = np.asarray(coordinates[axis].values)
    if positions.dtype.kind not in "fiu":
        message = (
            f"The coordinate `{axis}` of `{name}` has values of type {positions.dtype}. "
            f"Positions and times are real numbers: convert it, and put the unit into its attributes."
        )
        raise FileFormatError(message)
    return positions.astype(np.float64)
