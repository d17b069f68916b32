"""Where rays meet the zero set of a field: sphere tracing with a safeguard."""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from pinr.surfaces.lattice import Array, Field, Integers, Lattice

SMALLEST_STEP = 1 / 4  # cells of the lattice: what is thinner may be passed through
BISECTIONS = 30
LIPSCHITZ_POINTS = 2**12


@final
@dataclass(frozen=True, eq=False)
class Hits:
    """Where rays meet a shape.

    Attributes:
        rays: `(H,)`: the numbers of those that do.
        points: `(H, 3)`.
        sides: `(H,)`: 0 on the zero set, else on which face of the box, as in `Facets`.
    """

    rays: Integers
    points: Array
    sides: NDArray[np.int8]


def lipschitz_estimate(field: Field, lattice: Lattice) -> float:
    """The largest slope between neighbours among random points of the box; no bound, and close to one if smooth."""
    unit = np.random.default_rng(0).random((LIPSCHITZ_POINTS, lattice.dimension))
    points = lattice.low + unit * np.subtract(lattice.high, lattice.low)
    step = lattice.spacing.min() * np.random.default_rng(1).choice([-0.5, 0.5], size=points.shape)
    other = np.clip(points + step, lattice.low, lattice.high)
    length = np.linalg.norm(other - points, axis=1)
    slopes = np.abs(field(other) - field(points)) / np.maximum(length, np.finfo(np.float64).tiny)
    return float(np.max(slopes[length > 0], initial=0.0))


def trace(field: Field, lattice: Lattice, origins: Array, directions: Array) -> Hits:
    """The first points in the box at which a field stops being positive along rays.

    A ray goes ahead by `φ / L` at a time, which cannot cross the surface if `L` bounds `|∇φ|`; here it is estimated
    on random points. No step is shorter than a quarter of a cell, so that every ray ends, and where the sign changes
    within a step the place is found by bisection.

    Args:
        field: `φ`, negative inside.
        lattice: The box, and the size of its features.
        origins: `(N, 3)` or `(3,)`.
        directions: `(N, 3)`, of length 1.

    Reference: Hart, Sphere tracing, The Visual Computer 12 (1996).
    """
    origins = np.broadcast_to(origins, directions.shape)
    start, end, side = _through_box(lattice, origins, directions)
    steepness = max(lipschitz_estimate(field, lattice), np.finfo(np.float64).tiny)
    shortest = SMALLEST_STEP * float(lattice.spacing.min())
    active = np.flatnonzero(start < end)
    place = start.copy()
    value = np.full(len(directions), np.inf)
    value[active] = field(origins[active] + place[active, None] * directions[active])
    at_wall = active[value[active] < 0]  # the shape goes up to the face of the box
    active = active[value[active] >= 0]
    low, high, found = [], [], []
    while active.size:
        step = np.maximum(value[active] / steepness, shortest)
        further = np.minimum(place[active] + step, end[active])
        ahead = field(origins[active] + further[:, None] * directions[active])
        crossed = ahead < 0
        found.append(active[crossed])
        low.append(place[active][crossed])
        high.append(further[crossed])
        place[active], value[active] = further, ahead
        active = active[~crossed & (further < end[active])]
    rays = np.concatenate([np.empty(0, dtype=np.int64), *found])
    before, behind = (np.concatenate([np.empty(0), *parts]) for parts in (low, high))
    for _ in range(BISECTIONS):
        middle = (before + behind) / 2
        is_outside = field(origins[rays] + middle[:, None] * directions[rays]) >= 0
        before, behind = np.where(is_outside, middle, before), np.where(is_outside, behind, middle)
    rays, distance = np.concatenate([rays, at_wall]), np.concatenate([before, start[at_wall]])
    sides = np.concatenate([np.zeros(len(before), dtype=np.int8), side[at_wall]])
    return Hits(rays, origins[rays] + distance[:, None] * directions[rays], sides)


def _through_box(lattice: Lattice, origins: Array, directions: Array) -> tuple[Array, Array, NDArray[np.int8]]:
    """How far along each ray the box begins and ends, and through which face one enters; `start ≥ end` beside it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = ((np.array(end) - origins) / directions for end in (lattice.low, lattice.high))
    near, far = np.fmin(low, high), np.fmax(low, high)
    axis = np.nanargmax(near, axis=1)
    start, end = np.nanmax(near, axis=1), np.nanmin(far, axis=1)
    rows = np.arange(len(directions))
    side = 1 + 2 * axis + (directions[rows, axis] < 0)
    return np.maximum(start, 0.0), end, np.where(start > 0, side, 0).astype(np.int8)
