"""The points at which formulas are tried."""

from functools import lru_cache

import numpy as np

from pinr.errors import PinrError
from pinr.geometry.region import AbstractRegion
from pinr.geometry.samples import Points
from pinr.geometry.sampling.low_discrepancy import Sobol

COUNT = 512  # a source that is infinite somewhere is nearly always so on a set that these points meet


def points_if_any(region: AbstractRegion) -> Points | None:
    """A few hundred points of a region, those among them where formulas like to fail; None of an empty region."""
    found = sought_points(region)
    return None if isinstance(found, PinrError) else found


@lru_cache(maxsize=64)
def sought_points(region: AbstractRegion) -> Points | PinrError:
    """The same, or the reason why there are none. Kept, since thin regions take a second to sample."""
    try:
        spread = region.sample(COUNT, sampler=Sobol(), seed=0).points
    except PinrError as error:
        return error
    special = _special_points(region)
    inside = region.contains(special)
    return {name: np.concatenate([spread[name], special[name][inside]]) for name in region.names}


def _special_points(region: AbstractRegion) -> Points:
    """The points with coordinates 0 or half way."""
    axes = []
    for name in region.names:
        low, high = region.bounds[name]
        axes.append(sorted({(low + high) / 2, *([0.0] if low < 0 < high else [])}))
    return dict(zip(region.names, (a.ravel() for a in np.meshgrid(*axes, indexing="ij")), strict=True))


def place(points: Points, index: int) -> str:
    """One of the points as text, `x = 0.5, y = 0`."""
    return ", ".join(f"{name} = {values[index]:g}" for name, values in points.items())
