"""Partial derivatives of known expressions."""

from collections.abc import Sequence
from functools import lru_cache

import sympy

from pinr.language.coordinates import Coordinate

MultiIndex = tuple[int, ...]


@lru_cache(maxsize=4096)
def derivative(expression: sympy.Expr, coordinate: Coordinate, order: int = 1) -> sympy.Expr:
    """`∂^order/∂coordinate^order`, one order after the other: at once, SymPy spends seconds on factoring the result."""
    return derivative(expression, coordinate, order - 1).diff(coordinate) if order else expression


def partial(expression: sympy.Expr, coordinates: Sequence[Coordinate], index: MultiIndex) -> sympy.Expr:
    """`∂^index` of an expression."""
    for coordinate, order in zip(coordinates, index, strict=True):
        expression = derivative(expression, coordinate, order)
    return expression
