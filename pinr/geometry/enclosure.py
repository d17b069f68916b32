"""The box around boxes that depend on coordinates."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from pinr.geometry.bounds import Bounds
from pinr.geometry.samples import Points

MOST_NODES = 2**14


def enclosure(bounds: Callable[[Points], Bounds], base: Bounds, names: Sequence[str]) -> Bounds:
    """The box around the boxes over all points of another.

    They are looked at on a grid, ends included. Where an extreme is between two nodes, it is beyond what was seen by
    at most an eighth of the second difference (of a smooth function, to leading order), which is added.

    Args:
        bounds: Points → the boxes over them, with one end per point.
        base: The box of the points, by name.
        names: The coordinates on which the boxes depend.
    """
    free = [name for name in names if base[name][0] < base[name][1]]
    count = max(3, min(1025, int(MOST_NODES ** (1 / max(1, len(free))))))
    axes = {name: np.linspace(*base[name], count if name in free else 1) for name in names}
    meshes = np.meshgrid(*axes.values(), indexing="ij")
    middles = {name: np.full(meshes[0].size, sum(pair) / 2) for name, pair in base.items()}
    points = {**middles, **{name: mesh.ravel() for name, mesh in zip(names, meshes, strict=True)}}

    def along(ends: NDArray[np.float64] | float) -> NDArray[np.float64]:
        return np.broadcast_to(np.asarray(ends, dtype=np.float64), meshes[0].size).reshape(meshes[0].shape)

    found = {name: (along(low), along(high)) for name, (low, high) in bounds(points).items()}
    return {name: (-_largest(-low), _largest(high)) for name, (low, high) in found.items()}


def _largest(values: NDArray[np.float64]) -> float:
    values = np.where(np.isnan(values), -np.inf, values)  # where the base is cut away
    place = np.unravel_index(np.argmax(values), values.shape)
    largest = float(values[place])
    if not np.isfinite(values).all():
        return largest
    for axis, index in enumerate(place):
        if 0 < index < values.shape[axis] - 1:
            bend = float(np.abs(np.diff(values, 2, axis=axis)).max())
            largest += bend / 8 if bend > 1e-12 * abs(largest) else 0.0
    return largest
