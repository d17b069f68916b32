"""The unit sphere in any dimension, as an image of the unit cube that preserves measure."""

import math

import numpy as np
import scipy.special
from numpy.typing import NDArray

from pinr.geometry.rules import Rule, periodic, polar, tensor


def on_unit_sphere(unit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unit points `(N, d − 1)` → points `(N, d)` of the unit sphere, `d ≥ 2`, with constant Jacobian.

    On a circle by the angle; above, the height along the first axis has the density `(1 − h²)^((d−3)/2)`, uniform in
    three dimensions (Archimedes), and the rest lies on the sphere of one dimension less.
    """
    dimension = unit.shape[1] + 1
    if dimension == 2:
        angle = 2 * np.pi * unit[:, 0]
        return np.stack([np.cos(angle), np.sin(angle)], axis=1)
    half = (dimension - 1) / 2
    share = unit[:, 0] if dimension == 3 else scipy.special.betaincinv(half, half, unit[:, 0])
    height = 2 * share - 1
    ring = 2 * np.sqrt(share * (1 - share))
    return np.column_stack([height, ring[:, None] * on_unit_sphere(unit[:, 1:])])


def sphere_rule(dimension: int) -> Rule:
    """Quadrature on the sphere: Gauss in the heights, equidistant around the circle."""
    return tensor(*(polar(d) for d in range(dimension, 2, -1)), periodic)


def sphere_area(dimension: int) -> float:
    """`2 π^(d/2) / Γ(d/2)`: 2 (points), 2π, 4π in one, two, three dimensions."""
    return 2 * math.pi ** (dimension / 2) / math.gamma(dimension / 2)


def ball_volume(dimension: int) -> float:
    """`π^(d/2) / Γ(d/2 + 1)`: 2, π, 4π/3 in one, two, three dimensions."""
    return sphere_area(dimension) / dimension


def cap_fraction(dimension: int, height: float) -> float:
    """Share of the unit ball beyond the plane at `height` from the centre, −1 … 1.

    Reference: Li, Concise formulas for the area and volume of a hyperspherical cap, Asian J. Math. Stat. 4 (2011).
    """
    inside = min(max(1 - height**2, 0.0), 1.0)
    small = 0.5 * float(scipy.special.betainc((dimension + 1) / 2, 0.5, inside))
    return small if height >= 0 else 1 - small
