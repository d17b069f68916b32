"""Values that jump in the edge where two flat sides meet, as at the ends of a moving lid.

There the solution is a function of the direction, and its derivatives grow like `1/r`, `1/r²`. So does the ansatz:
`g` depends on the direction, and `D/r²` in place of `D` lets a smooth `n` reach all that is left. A scalar follows the
angle, as solutions of Laplace's equation do; a vector, for which that is no solution, a quotient, which measured
better. Figures are in docs/decisions/0013-exact-conditions.md.
"""

from collections.abc import Sequence

import sympy

from pinr.declaration.ansatz.agreement import End, clashes_of, is_time
from pinr.declaration.ansatz.interpolation import common_lift
from pinr.declaration.ansatz.numbers import about
from pinr.declaration.ansatz.sides import Side
from pinr.geometry.samples import Points
from pinr.language.evaluation import evaluate

Pair = tuple[Side, Side]

IN_THE_EDGE = sympy.Rational(1, 10**6)  # of the region's size squared: added to r², by which D is divided
NEAREST = sympy.Rational(1, 10**12)  # added to a level: in the edge angle and quotient are not defined


def is_jump(clash: tuple[End, End], sides: Sequence[Side]) -> bool:
    """Whether a clash is one of values between flat sides of a steady problem."""
    ends = [side for side in sides for name, order in clash if side.name == name and order == 0]
    is_steady = not any(is_time(side) for side in sides)
    return is_steady and len(ends) == 2 and all(s.axis is not None and len(s.conditions) == 1 for s in ends)


def jumping_pairs(sides: Sequence[Side], size: float) -> list[Pair]:
    """The sides between which values jump."""
    by_name = {side.name: side for side in sides}
    return [(by_name[first], by_name[second]) for (first, _), (second, _) in clashes_of(sides, size)]


def square_of_distance(first: Side, second: Side, inside: Points) -> sympy.Expr:
    """`r²` from the edge of two sides at right angles, in units of the region's size."""
    length = max(float(evaluate(side.level, inside).max()) for side in (first, second))
    return (first.level**2 + second.level**2) / about(length) ** 2


def can_jump(sides: Sequence[Side]) -> bool:
    """Whether `jumping_lift` has a formula: all sides are flat and across an axis."""
    return all(side.axis is not None for side in sides)


def agreeing_sides(sides: Sequence[Side], pairs: Sequence[Pair]) -> list[Side]:
    """As many of the sides as are found one after the other between which no values jump."""
    jumps = {frozenset((a.name, b.name)) for a, b in pairs}
    starts = ([side, *(s for s in sides if s is not side)] for side in sides)
    found = []
    for order in starts:
        agreeing: list[Side] = []
        for side in order:
            if not any(frozenset((side.name, other.name)) in jumps for other in agreeing):
                agreeing.append(side)
        found.append(agreeing)
    return max(found, key=len)


def jumping_lift(sides: Sequence[Side], pairs: Sequence[Pair], size: float, *, is_vector: bool) -> sympy.Expr:
    """The values of sides that agree, and then `g ← W f + (1 − W) g` for each of the others with values `f`.

    `W` is 1 on that side and 0 on those before: a product over these. For a side at right angles it has `1 − 2 θ/π`
    with the angle `θ` from the side; for the opposite one, and for components of vectors, `d'/(d + d')` with distances.
    """
    before = agreeing_sides(sides, pairs)
    lift = common_lift(before, size)
    for side in (s for s in sides if s not in before):
        weight = sympy.Mul(*(_share(side, other, is_angle=not is_vector) for other in before))
        lift = side.values[0] * weight + lift * (1 - weight)
        before.append(side)
    return lift


def _share(side: Side, other: Side, *, is_angle: bool) -> sympy.Expr:
    """1 on a side and 0 on another one."""
    near, far = side.level, other.level + NEAREST
    if side.axis != other.axis and is_angle:
        return 1 - 2 * sympy.atan2(near, far) / sympy.pi
    return far / (near + far)


def beside_jumps(distance: sympy.Expr, jumps: Sequence[sympy.Expr], inside: Points) -> sympy.Expr:
    """`D/Π r²`, with a maximum of about 1."""
    if not jumps:
        return distance
    divided = distance / sympy.Mul(*(r2 + IN_THE_EDGE for r2 in jumps))
    return divided / about(float(evaluate(divided, inside).max()), 1)
