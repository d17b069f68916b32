"""Expressions as short text for titles and axes."""

from typing import Any

import sympy
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from pinr.language.fields import Unknown
from pinr.language.operators import Expression, Laplacian
from pinr.language.units import Unit

LONGEST = 60  # characters; beyond that a title no longer fits over its panel
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def text_of(expression: Expression) -> str:
    """An expression in one line: `u`, `∂²u/∂x²`, `(∂u/∂x, ∂u/∂y)`; cut where it is long."""
    text = _Printer().doprint(expression)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def field_name(expression: Expression) -> str:
    """What a field is called in files: the unknown's name, `v_0` for a component, else `expression`."""
    whole = whole_unknown(expression)
    if whole is not None:
        return whole
    if isinstance(expression, Unknown) and expression.is_at_home:
        return f"{expression.label.name}_{expression.label.index}"
    return "expression"


def whole_unknown(expression: Expression) -> str | None:
    """The name of the unknown that an expression is as a whole, or None."""
    parts = list(expression) if isinstance(expression, sympy.MatrixBase) else [expression]
    if not parts or not all(isinstance(p, Unknown) and p.is_at_home for p in parts):
        return None
    labels = [p.label for p in parts]
    indices = list(range(len(parts))) if isinstance(expression, sympy.MatrixBase) else [None]
    if [label.index for label in labels] != indices or len({label.name for label in labels}) > 1:
        return None
    is_complete = labels[0].index is None or labels[0].size == len(parts)
    return labels[0].name if is_complete else None


def symbol(name: str) -> str:
    r"""A name as matplotlib typesets it: `$\theta$`, `$u_{0}$`."""
    return f"${sympy.latex(sympy.Symbol(name))}$"


def with_unit(label: str, units: str | None) -> str:
    r"""A label with the unit of what it names: `$x$ in mm`, `u in K/mm²`."""
    return label if units is None else f"{label} in {Unit.of(units).pretty}"


class _Printer(StrPrinter):
    def _print(self, expr: Any, **kwargs: Any) -> str:
        # Before SymPy asks the operator, which prints itself as `laplacian(u)`.
        if isinstance(expr, Laplacian):
            return f"Δ{self.parenthesize(expr.operand, PRECEDENCE['Func'], strict=True)}"
        return super()._print(expr, **kwargs)

    def _print_FieldDerivative(self, derivative: Any) -> str:  # noqa: N802  (SymPy finds it by this name)
        counts = [(self._print(v), int(n)) for v, n in derivative.variable_count]
        order = sum(n for _, n in counts)
        below = "".join(f"∂{v}{_power(n)}" for v, n in counts)
        return f"∂{_power(order)}{self._print(derivative.expr)}/{below}"

    def _print_ImmutableDenseMatrix(self, matrix: Any) -> str:  # noqa: N802
        name = whole_unknown(matrix)
        if name is not None:
            return name
        if matrix.cols == 1:
            return f"({', '.join(map(self._print, matrix))})"
        rows = (", ".join(map(self._print, matrix.row(i))) for i in range(matrix.rows))
        return f"({'; '.join(rows)})"


def _power(exponent: int) -> str:
    return "" if exponent == 1 else str(exponent).translate(SUPERSCRIPTS)
