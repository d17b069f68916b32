"""Points on the zero set of a field that has no sign: of an unsigned distance, whose surfaces may end anywhere."""

import numpy as np

from pinr.surfaces.lattice import Array, Field, GradientField

STEPS = 5  # more of them gather the points where the field happens to be lowest
SPREAD = 1 / 3  # of the reach: how far from points that are found further ones start
SEEDS = 8  # times as many as points are wanted at first, since most lie far away
ROUNDS = 20


def along_gradient(points: Array, field: Field, gradient: GradientField, *, reach: float) -> Array:
    """The points after steps of the field's own length against its gradient, `x ← x − f ∇f / |∇f|`.

    No step is longer than the reach. Where the gradient vanishes, as at the surface itself, a point stays.
    """
    place = points.copy()
    for _ in range(STEPS):
        slope = gradient(place)
        length = np.linalg.norm(slope, axis=1)
        step = np.divide(np.clip(field(place), -reach, reach), length, out=np.zeros(len(place)), where=length > 0)
        place -= step[:, None] * slope
    return place


def points_of_zero_set(
    field: Field,
    gradient: GradientField,
    low: Array,
    high: Array,
    *,
    count: int,
    reach: float,
    within: float,
    generator: np.random.Generator,
) -> Array:
    """Points in a box where an unsigned distance is almost 0, `(count, d)`; fewer where not so many are found.

    Points drawn in the box are projected as far as they are near; from those that arrive further ones start, until
    there are as many as wanted. They are not even: where the field is lowest there are more.

    Args:
        field: `f`, about the distance.
        gradient: `∇f`.
        low: The lowest corner of the box.
        high: Its highest corner.
        count: How many points.
        reach: How far from the surface points may start.
        within: The largest value that counts as on the surface.
        generator: Of the points that are projected.

    Reference: Chibane, Mir, Pons-Moll, Neural Unsigned Distance Fields for Implicit Function Learning, NeurIPS 2020,
    algorithm 1.
    """
    found = np.empty((0, len(low)))
    seeds = generator.uniform(low, high, (SEEDS * count, len(low)))
    for _ in range(ROUNDS):
        near = seeds[np.abs(field(seeds)) < reach]
        place = along_gradient(near, field, gradient, reach=reach)
        is_there = (np.abs(field(place)) < within) & ((place >= low) & (place <= high)).all(axis=1)
        found = np.concatenate([found, place[is_there]])
        if len(found) >= count or not len(found):
            break
        chosen = generator.integers(len(found), size=2 * (count - len(found)))
        seeds = found[chosen] + generator.normal(scale=SPREAD * reach, size=(len(chosen), len(low)))
    return found[generator.permutation(len(found))[:count]]
