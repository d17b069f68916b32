"""Functions with given values on several sides: transfinite along axes, weighted between sides.

Along one axis, `P f = Σ_k f_k H_k` with the Hermite polynomials of the given values and derivatives. Along several,
`g ← g + P_a (f − g)` for one axis after the other: their boolean sum. Where the data agree in the edges, the last
correction vanishes on all sides that came before.

Reference: Gordon, Hall, Numer. Math. 21, 1973.
"""

from collections.abc import Sequence

import numpy as np
import sympy

from pinr.declaration.ansatz.partials import derivative
from pinr.declaration.ansatz.sides import Side
from pinr.language.coordinates import Coordinate
from pinr.language.evaluation import evaluate

ROUNDING = 1e-13  # of the data's size: smaller corrections are rounding


def along_axes(lift: sympy.Expr, sides: Sequence[Side], size: float) -> sympy.Expr:
    """`g ← g + P (f − g)` for one axis after the other, with the values and derivatives of the sides across it.

    Args:
        lift: `g`.
        sides: Those with an axis.
        size: That of the data, for corrections that are rounding.
    """
    for axis in dict.fromkeys(side.axis for side in sides):
        if axis is not None:
            lift = _corrected(lift, axis, [side for side in sides if side.axis == axis], size)
    return lift


def common_lift(cluster: Sequence[Side], size: float) -> sympy.Expr:
    """Along the axes where all sides are parallel to them, else the one formula of all values."""
    return cluster[0].values[0] if any(s.axis is None for s in cluster) else along_axes(sympy.S.Zero, cluster, size)


def _corrected(lift: sympy.Expr, axis: Coordinate, sides: Sequence[Side], size: float) -> sympy.Expr:
    wanted = [
        (side, side.place, order, value.xreplace({axis: side.place}))
        for side in sides
        for order, value in enumerate(side.values)
    ]
    basis = _basis(axis, sides)
    terms = []
    for (side, place, order, value), polynomial in zip(wanted, basis, strict=True):
        before = trace(lift, axis, place, order)
        if value != before and np.abs(evaluate(value - before, side.points)).max() > ROUNDING * size:
            terms.append((value - before) * polynomial)
    return sympy.Add(lift, *terms)


def _basis(axis: Coordinate, sides: Sequence[Side]) -> list[sympy.Expr]:
    """One function for every value of the sides across an axis."""
    (first, *others) = sides
    if not others and first.timescale is not None and len(first.values) <= 2:
        slope = first.level.diff(axis).xreplace({axis: first.place})
        return [sympy.S.One, first.level / slope][: len(first.values)]  # bounded, unlike a velocity times the time
    return hermite_basis(axis, [(side.place, order) for side in sides for order in range(len(side.values))])


def trace(expression: sympy.Expr, axis: Coordinate, place: sympy.Expr, order: int = 0) -> sympy.Expr:
    """`∂^order/∂axis^order` of an expression where the coordinate has a fixed value."""
    return derivative(expression, axis, order).xreplace({axis: place})


def hermite_basis(axis: Coordinate, data: Sequence[tuple[sympy.Expr, int]]) -> list[sympy.Expr]:
    """Polynomials of least degree of which one derivative at one place is 1, and the others are 0."""
    count = len(data)
    powers = [axis**k for k in range(count)]
    matrix = sympy.Matrix([[trace(power, axis, place, order) for power in powers] for place, order in data])
    coefficients = matrix.inv()
    columns = [sympy.Add(*(coefficients[k, j] * powers[k] for k in range(count))) for j in range(count)]
    return [sympy.factor(polynomial) for polynomial in columns]


def blended(lifts: Sequence[sympy.Expr], distances: Sequence[sympy.Expr]) -> sympy.Expr:
    """One function after the other, each where its distance vanishes: `g ← g_i + (g − g_i) D_i/(D_i + D (1 − D_i))`.

    `D` is the product of the distances before, all of which are between 0 and 1. Where `D` is about 1, the weight is
    `D_i` itself, so that `g` has the shape of the distance that the network's part is multiplied by: with the usual
    `D_i/(D_i + D)` errors were a hundred times as large around small holes.
    """
    if not lifts:
        return sympy.S.Zero
    lift, before = lifts[0], distances[0]
    for own, distance in zip(lifts[1:], distances[1:], strict=True):
        lift = own + (lift - own) * distance / (distance + before * (1 - distance))
        before = before * distance
    return lift
