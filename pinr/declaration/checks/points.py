"""The points at which formulas are tried."""

import numpy as np

from pinr.errors import PinrError
from pinr.geometry.region import AbstractRegion
from pinr.geometry.samples import Points
from pinr.geometry.sampling.low_discrepancy import Sobol

COUNT = 512  # a source that is infinite somewhere is nearly always so on a set that these points meet


def points_and_special_ones(region: AbstractRegion) -> Points:
    """A few hundred points of a region, and those in it with coordinates 0 or half way, where formulas like to fail.

    Raises:
        PinrError: The region is empty.
    """
    spread = region.sample(COUNT, sampler=Sobol(), seed=0).points
    axes = []
    for name in region.names:
        low, high = region.bounds[name]
        axes.append(sorted({(low + high) / 2, *([0.0] if low < 0 < high else [])}))
    special = dict(zip(region.names, (a.ravel() for a in np.meshgrid(*axes, indexing="ij")), strict=True))
    inside = region.contains(special)
    return {name: np.concatenate([spread[name], special[name][inside]]) for name in region.names}


def points_if_any(region: AbstractRegion) -> Points | None:
    """The same; None of an empty region, of which another check speaks."""
    try:
        return points_and_special_ones(region)
    except PinrError:
        return None


def place(points: Points, index: int) -> str:
    """One of the points as text, `x = 0.5, y = 0`."""
    return ", ".join(f"{name} = {values[index]:g}" for name, values in points.items())
