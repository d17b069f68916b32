"""Whether prescribed data are smooth as far as formulas and points can tell."""

from collections.abc import Sequence

import numpy as np
import sympy

from pinr.declaration.ansatz.partials import derivative
from pinr.errors import PinrError
from pinr.geometry.samples import Points
from pinr.language.coordinates import Coordinate
from pinr.language.evaluation import evaluate

SMOOTH = (
    sympy.Add, sympy.Mul, sympy.Pow, sympy.sin, sympy.cos, sympy.tan, sympy.sinh, sympy.cosh, sympy.tanh, sympy.exp,
    sympy.log, sympy.atan, sympy.asinh, sympy.sec, sympy.erf, sympy.erfc, sympy.sinc, sympy.besselj, sympy.bessely,
    sympy.besseli, sympy.besselk, sympy.airyai, sympy.airybi, sympy.legendre, sympy.hermite, sympy.chebyshevt,
)  # fmt: skip
HIGHEST_ORDER = 2


def has_smooth_formula(expression: sympy.Expr, coordinates: Sequence[Coordinate]) -> bool:
    """Whether an expression consists of smooth functions of these coordinates."""
    if expression.is_Symbol:
        return expression in coordinates
    if not expression.args:
        return bool(expression.is_number)
    if expression.is_Pow and not (expression.exp.is_number and expression.exp.is_real) and expression.base != sympy.E:
        return False
    return isinstance(expression, SMOOTH) and all(has_smooth_formula(a, coordinates) for a in expression.args)


def is_finite_with_derivatives(expression: sympy.Expr, coordinates: Sequence[Coordinate], points: Points) -> bool:
    """Whether an expression and its first and second derivatives are finite at the points."""
    derivatives = dict.fromkeys(derivative(expression, c, k) for c in coordinates for k in range(HIGHEST_ORDER + 1))
    return all(bool(np.isfinite(evaluate(e, points)).all()) for e in derivatives)


def agree(first: sympy.Expr, second: sympy.Expr, points: Points, tolerance: float) -> bool:
    """Whether two expressions have the same values at the points, up to a tolerance."""
    if first == second:
        return True
    try:
        one, other = evaluate(first, points), evaluate(second, points)
    except PinrError:
        return False
    return bool(np.all(np.abs(one - other) <= tolerance))
