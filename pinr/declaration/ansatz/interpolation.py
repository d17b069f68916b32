"""Functions with given values on several sides: transfinite along axes, inversely weighted between sides.

Along one axis, `P f = Σ_k f_k H_k` with the Hermite polynomials of the given values and derivatives. Along several,
`g ← g + P_a (f − g)` for one axis after the other: their boolean sum. Where the data agree in the edges, the last
correction vanishes on all sides that came before.

Reference: Gordon, Hall, Numer. Math. 21, 1973 (transfinite interpolation); Rvachev, Sheiko, Shapiro, Tsukanov,
Comput. Mech. 25, 2000 (inverse weighting).
"""

from collections.abc import Sequence

import numpy as np
import sympy

from pinr.declaration.ansatz.partials import derivative
from pinr.declaration.ansatz.sides import Side
from pinr.language.coordinates import Coordinate
from pinr.language.evaluation import evaluate

ROUNDING = 1e-13  # corrections of this size are rounding in the data


def along_axes(lift: sympy.Expr, sides: Sequence[Side]) -> sympy.Expr:
    """`g ← g + P (f − g)` for one axis after the other, with the values and derivatives of the sides across it."""
    for axis in dict.fromkeys(side.axis for side in sides):
        if axis is not None:
            lift = _corrected(lift, axis, [side for side in sides if side.axis == axis])
    return lift


def _corrected(lift: sympy.Expr, axis: Coordinate, sides: Sequence[Side]) -> sympy.Expr:
    wanted = [
        (side, side.place, order, value.xreplace({axis: side.place}))
        for side in sides
        for order, value in enumerate(side.values)
    ]
    basis = hermite_basis(axis, [(place, order) for _, place, order, _ in wanted])
    terms = []
    for (side, place, order, value), polynomial in zip(wanted, basis, strict=True):
        before = trace(lift, axis, place, order)
        if value != before and np.abs(evaluate(value - before, side.points)).max() > ROUNDING:
            terms.append((value - before) * polynomial)
    return sympy.Add(lift, *terms)


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
    """`Σ g_i w_i / Σ w_i` with `w_i = Π_{j≠i} D_j`: each of the functions where its distance vanishes."""
    if len(lifts) < 2:
        return lifts[0] if lifts else sympy.S.Zero
    weights = [sympy.Mul(*(d for j, d in enumerate(distances) if j != i)) for i in range(len(distances))]
    return sympy.Add(*(g * w for g, w in zip(lifts, weights, strict=True))) / sympy.Add(*weights)
