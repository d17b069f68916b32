"""The one rectilinear grid that the fields of a VTK file share."""

from collections.abc import Mapping

import numpy as np

from pinr.errors import FileFormatError
from pinr.files.layout import Layout

_VTK_AXES = 3


def common_axes(layouts: Mapping[str, Layout]) -> dict[str, np.ndarray]:
    """Coordinate name → strictly increasing positions, along VTK's axes in turn; the same for all fields."""
    (first, layout), *others = layouts.items()
    axes = {axis: layout.positions[axis] for axis in layout.space}
    _check_count(first, layout)
    for axis, positions in axes.items():
        check_increasing(first, axis, positions)
    for name, other in others:
        if other.space != layout.space or any(not np.array_equal(other.positions[axis], axes[axis]) for axis in axes):
            message = (
                f"`{name}` on {other.space} and `{first}` on {layout.space} live on different grids, and a VTK file "
                f"has one. Bring them together with `{name}.interp_like({first})` or `{name}.broadcast_like({first})`, "
                f"or write two files."
            )
            raise FileFormatError(message)
    return axes


def _check_count(name: str, layout: Layout) -> None:
    if 1 <= len(layout.space) <= _VTK_AXES:
        return
    message = (
        f"`{name}` has the space dimensions {layout.space}; VTK shows one, two or three. "
        f"Select positions along the others, for example `field.sel(mu=0.1, method='nearest')`, or write .h5."
    )
    raise FileFormatError(message)


def check_increasing(name: str, axis: str, positions: np.ndarray) -> None:
    """Positions and times are finite and in strictly increasing order, as VTK expects."""
    if positions.size and np.isfinite(positions).all() and (np.diff(positions) > 0).all():
        return
    message = (
        f"The positions of `{name}` along `{axis}` do not increase strictly. Sort them with `field.sortby({axis!r})`, "
        f"and drop repeated ones with `field.drop_duplicates({axis!r})`."
    )
    raise FileFormatError(message)
