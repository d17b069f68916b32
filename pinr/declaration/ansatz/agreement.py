"""Whether what is prescribed on two sides agrees in the edge where they meet."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from pinr.declaration.ansatz.interpolation import trace
from pinr.declaration.ansatz.sides import Side
from pinr.declaration.ansatz.smoothness import agree
from pinr.language.evaluation import evaluate

ROUNDING = 1e-9  # relative: prescribed values that differ by less are the same
TOUCHING = 0.02  # of a distance's largest value: sides that come nearer are treated as touching

End = tuple[str, int]
"""A side by its name, and the order of what is prescribed on it."""


def clashes_of(sides: Sequence[Side], size: float) -> list[tuple[End, End]]:
    """Pairs of sides and orders whose data differ where the sides meet, or cannot be interpolated together."""
    found = []
    for first, second in combinations(sides, 2):
        if not touch(first, second):
            continue
        for k in range(len(first.conditions)):
            for m in range(len(second.conditions)):
                if not _agree(first, k, second, m, size):
                    found.append(((first.name, k), (second.name, m)))
    return found


def touch(first: Side, second: Side) -> bool:
    """Whether a side comes near the surface of another one."""
    level = first.level
    values = evaluate(level, second.points)
    size = max(float(np.abs(evaluate(level, first.points)).max()), float(np.abs(values).max()))
    return bool(values.min() <= TOUCHING * size)


def _agree(first: Side, k: int, second: Side, m: int, size: float) -> bool:
    """Whether `∂^k` on the first side and `∂^m` on the second, in the edge where they meet."""
    one, other = first.values[k], second.values[m]
    if one == other and k == m == 0 and not is_time(first) and not is_time(second):
        return True  # a common expression
    if second.axis is None:
        return first.axis is not None and is_time(first) and _agree(second, m, first, k, size)
    place = second.place
    if first.axis is None and not is_time(second):
        return False
    if first.axis is not None:
        here = first.place
        one = one.xreplace({first.axis: here})
        other = trace(other.xreplace({second.axis: place}), first.axis, here, k)
    elif k:
        return False
    points = {**first.points, second.axis.name: np.full(len(first.points[second.axis.name]), float(place))}
    return agree(trace(one, second.axis, place, m), other, points, ROUNDING * size)


def is_time(side: Side) -> bool:
    """Whether a side is an end of the time."""
    return side.axis is not None and side.axis.role == "time"
