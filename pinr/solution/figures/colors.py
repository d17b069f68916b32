"""Colours: one scale for a field and its reference."""

from dataclasses import dataclass
from typing import final

import numpy as np
import xarray
from matplotlib.colors import Normalize

SEQUENTIAL, DIVERGING, ERROR = "viridis", "RdBu_r", "magma"
SIGN_SHARE = 0.15  # of the larger side that the smaller one must have before the sign is worth two colours
INK = "#22303c"  # of lines and letters
ACCENT = "#c8553d"


@final
@dataclass(frozen=True)
class Scale:
    """A colour map with its ends."""

    colors: str
    low: float
    high: float

    @property
    def norm(self) -> Normalize:
        return Normalize(self.low, self.high)

    @property
    def levels(self) -> np.ndarray:
        """Values at which thin contour lines are drawn."""
        return np.linspace(self.low, self.high, 12)[1:-1]


def field_scale(*fields: xarray.DataArray | None) -> Scale:
    """From the lowest to the highest value; symmetric around 0, in two colours, for fields of both signs."""
    low, high = _range(*fields)
    if low < 0 < high and min(-low, high) > SIGN_SHARE * max(-low, high):
        largest = max(-low, high)
        return Scale(DIVERGING, -largest, largest)
    return Scale(SEQUENTIAL, low, high)


def error_scale(field: xarray.DataArray) -> Scale:
    """From 0 to the largest error."""
    return Scale(ERROR, 0.0, _range(field)[1] or 1.0)


def _range(*fields: xarray.DataArray | None) -> tuple[float, float]:
    values = np.concatenate([f.values.ravel() for f in fields if f is not None])
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    # A constant field gets a range around it, for there is no scale from a number to itself.
    spread = max(abs(low), 1.0) * 1e-12
    return (low, high) if high - low > spread else (low - 0.5 * (abs(low) or 1.0), high + 0.5 * (abs(high) or 1.0))
