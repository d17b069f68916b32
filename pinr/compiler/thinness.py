"""How thin a region is where values are held, compared with the box around it."""

import math

from pinr.declaration.ansatz import Exactness
from pinr.declaration.ansatz.conditions import conditions_of
from pinr.declaration.problem import Problem
from pinr.declaration.unknowns import UnknownField
from pinr.errors import PinrError

# Of the box: thicker regions, plates with holes among them, count as their box. Half a wave is a rough estimate anyway.
THIN = 0.35


def thinness(problem: Problem, unknown: UnknownField, exactness: Exactness) -> float:
    """`κ = (V/S) / (V/S of the box)`, with the volume `V` of a region and the area `S` on which values are prescribed.

    `V/S` is a mean distance to where values are held; that of a ball is that of the cube around it. A statue is much
    thinner than its box, and so are the waves in it. 1 for regions that are not far thinner, for what depends on time
    or is a family, and for values that are met exactly, which the distance of the ansatz has in it already.
    """
    names = {c.name for c in unknown.coordinates}
    if any(c.role != "space" for c in unknown.coordinates):
        return 1.0
    own = [c.region for c in problem.constraints if any(f.label in unknown.labels for f in c.unknowns)]
    inside = dict.fromkeys(r for r in own if set(r.names) == names and r.dimension == len(names))
    held = dict.fromkeys(
        c.region
        for c in conditions_of(problem)
        if c.label in unknown.labels
        and c.order == 0
        and c.region.dimension == len(names) - 1
        and c.number not in exactness.met.get(c.constraint, ())
    )
    if len(inside) != 1 or not held:
        return 1.0
    (region,) = inside
    lengths = [high - low for low, high in region.bounds.values()]
    try:
        volume, area = region.measure, sum(side.measure for side in held)
    except PinrError:  # what cannot be measured is said when it is sampled
        return 1.0
    if not (volume > 0 and area > 0 and min(lengths) > 0):
        return 1.0
    of_the_box = 1 / sum(2 / length for length in lengths)
    ratio = volume / area / of_the_box
    return ratio if math.isfinite(ratio) and ratio < THIN else 1.0
