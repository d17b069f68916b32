"""Equations: `Eq` as it is written, and the residual components behind it."""

from typing import Any

import sympy
from sympy.core.relational import GreaterThan, LessThan, Relational, StrictGreaterThan, StrictLessThan

from pinr.errors import DeclarationError
from pinr.language.fields import fields_in
from pinr.language.normals import Normal
from pinr.language.operators import Expression, as_expression


def Eq(left: Any, right: Any = 0) -> sympy.Eq:
    """The equation `left = right`, never evaluated; 0 and tuples take the shape of the other side.

    Raises:
        DeclarationError: The sides have different shapes.
    """
    left, right = as_expression(left), as_expression(right)
    left, right = _shaped_like(left, right), _shaped_like(right, left)
    if shape_of(left) != shape_of(right):
        message = (
            f"`Eq({left}, {right})`: the left side has the shape {shape_of(left)}, the right side "
            f"{shape_of(right)}. Nothing is broadcast: give every component its own value."
        )
        raise DeclarationError(message)
    return sympy.Eq(left, right, evaluate=False)


def as_equation(written: Any) -> Relational | Expression:
    """What a user may write as an equation: an `Eq`, an inequality, or an expression that is to vanish.

    Raises:
        DeclarationError: It has collapsed to True or False, or is no expression at all.
    """
    if isinstance(written, bool | sympy.logic.boolalg.BooleanAtom):
        message = (
            f"An equation has collapsed to {bool(written)} before pinr saw it: SymPy's own `Eq` compares its sides "
            "at once (a vector against 0, another shape, a decisive assumption). Use `from pinr import Eq`."
        )
        raise DeclarationError(message)
    if isinstance(written, sympy.logic.boolalg.BooleanFunction):
        message = f"`{written}` combines conditions. Give them to `on` one by one: `on(region, u >= 0, u <= 1)`."
        raise DeclarationError(message)
    if isinstance(written, sympy.Eq):
        return Eq(written.lhs, written.rhs)
    if isinstance(written, GreaterThan | LessThan | StrictGreaterThan | StrictLessThan):
        if any(f.label.is_complex_valued for f in fields_in(written)) and not all(s.is_real for s in written.args):
            message = f"`{written}` compares complex numbers. Compare `re`, `im` or `Abs` of them."
            raise DeclarationError(message)
        return written
    if isinstance(written, Relational):
        message = f"`{written}` is neither an equation nor an inequality that can be solved for."
        raise DeclarationError(message)
    return as_expression(written)


def residual_components(equation: Relational | Expression) -> tuple[sympy.Expr, ...]:
    """The scalars that should vanish: `left − right`, or the violation of an inequality."""
    if isinstance(equation, sympy.Eq):
        left, right = equation.lhs, equation.rhs
        if isinstance(left, sympy.MatrixBase):
            return tuple(a - b for a, b in zip(left, right, strict=True))
        return (left - right,)
    if isinstance(equation, GreaterThan | StrictGreaterThan):
        return (sympy.Max(equation.rhs - equation.lhs, 0),)
    if isinstance(equation, LessThan | StrictLessThan):
        return (sympy.Max(equation.lhs - equation.rhs, 0),)
    return tuple(equation) if isinstance(equation, sympy.MatrixBase) else (equation,)


def shape_of(expression: Expression) -> tuple[int, ...]:
    """Component shape as in NumPy: () of a scalar, (n,) of a column vector, (n, m) of a matrix."""
    if not isinstance(expression, sympy.MatrixBase):
        return ()
    return (expression.rows,) if expression.cols == 1 else (expression.rows, expression.cols)


def _shaped_like(expression: Expression, other: Expression) -> Expression:
    if isinstance(expression, Normal):
        return expression.beside(other)
    if isinstance(other, sympy.MatrixBase) and expression == 0:
        return sympy.ImmutableMatrix.zeros(other.rows, other.cols)
    if isinstance(expression, sympy.MatrixBase) and not isinstance(expression, sympy.ImmutableMatrix):
        return sympy.ImmutableMatrix(expression)
    return expression
