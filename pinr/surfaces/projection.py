"""Points brought onto the zero set of a field."""

import numpy as np
from numpy.typing import NDArray

from pinr.surfaces.lattice import Array, Field, GradientField

STEPS = 20
SMALLEST_FACTOR = 1 / 16  # of a Newton step
SETTLED = 1e-7  # of the reach


def project(
    points: Array, field: Field, gradient: GradientField, *, reach: float, held: NDArray[np.bool_] | None = None
) -> Array:
    """The points after Newton steps along the gradient, `x ← x − φ ∇φ / |∇φ|²`, until only rounding is left.

    A step that does not bring `|φ|` down is halved, and no step is longer than the reach. A point that would come to
    lie farther away than the reach, or where the gradient vanishes, stays where it was.

    Args:
        points: `(N, d)`, close to the zero set.
        field: `φ`.
        gradient: `∇φ`.
        reach: The farthest that a point may move, such as the edge of a cell.
        held: `(N, d)`: along which axes a point must not move.
    """
    place, value, factor = points.copy(), field(points), np.ones(len(points))
    moving = value != 0
    for _ in range(STEPS):
        rows = np.flatnonzero(moving)
        if not rows.size:
            break
        slope = gradient(place[rows])
        if held is not None:
            slope = np.where(held[rows], 0.0, slope)
        with np.errstate(all="ignore"):
            step = -(value[rows] / (slope**2).sum(axis=1))[:, None] * slope
        length = np.linalg.norm(step, axis=1)
        moving[rows[~np.isfinite(length)]] = False
        step[~np.isfinite(length)], length[~np.isfinite(length)] = 0.0, 0.0
        step *= (factor[rows] * np.minimum(1, reach / np.maximum(length, reach)))[:, None]
        trial = place[rows] + step
        found = field(trial)
        is_better = np.abs(found) < np.abs(value[rows])
        accepted = rows[is_better]
        place[accepted], value[accepted] = trial[is_better], found[is_better]
        factor[rows] = np.where(is_better, np.minimum(1, 2 * factor[rows]), factor[rows] / 2)
        # Newton's method squares the error: what is left after so small a step is rounding.
        is_there = length <= SETTLED * reach
        moving[rows] &= (value[rows] != 0) & (factor[rows] >= SMALLEST_FACTOR) & ~is_there
    is_astray = np.linalg.norm(place - points, axis=1) > reach
    place[is_astray] = points[is_astray]
    return place
