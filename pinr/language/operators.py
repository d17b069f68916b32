"""Differential operators and vector algebra on SymPy expressions.

`grad` and `hessian` are carried out at once; `laplacian` and `div` stay as written, so that an equation
prints as on paper and the compiler sees the operator as a whole.
"""

from typing import Any, ClassVar, TypeAlias

import sympy
from sympy.printing.precedence import PRECEDENCE

from pinr.errors import DeclarationError
from pinr.language.coordinates import Coordinate
from pinr.language.fields import Unknown, fields_in, space_coordinates
from pinr.language.normals import Normal

Expression: TypeAlias = sympy.Expr | sympy.MatrixBase


class DifferentialOperator(sympy.Expr):
    """An operator that is kept as written: `args` are the operand and the coordinates it acts on."""

    is_commutative: ClassVar[bool] = True

    def _eval_is_real(self) -> bool | None:
        parts = self.operand if isinstance(self.operand, sympy.MatrixBase) else [self.operand]
        return True if all(part.is_real for part in parts) else None

    @property
    def operand(self) -> Expression:
        return self.args[0]

    @property
    def coordinates(self) -> tuple[Coordinate, ...]:
        return tuple(self.args[1])

    def _eval_derivative(self, symbol: sympy.Symbol) -> sympy.Expr:
        # The coordinates are Cartesian, so derivatives commute.
        return self.func(self.operand.diff(symbol), self.args[1])

    def _eval_subs(self, old: sympy.Basic, new: sympy.Basic) -> sympy.Basic | None:
        if old in self.coordinates:
            return self.doit().subs(old, new)
        return None


class Laplacian(DifferentialOperator):
    """`Δu = Σ ∂²u/∂x_i²` of a scalar."""

    def doit(self, **hints: Any) -> sympy.Expr:
        operand = self.operand.doit(**hints)
        return sympy.Add(*(operand.diff(c, 2) for c in self.coordinates))

    def _sympystr(self, printer: Any) -> str:
        return f"laplacian({printer._print(self.operand)})"

    def _latex(self, printer: Any) -> str:
        operand = printer.parenthesize(self.operand, PRECEDENCE["Func"], strict=True)
        return rf"\Delta {operand}"

    def _pretty(self, printer: Any) -> Any:
        return _pretty_prefix(printer, "Δ", self.operand)


class Divergence(DifferentialOperator):
    """`∇·q = Σ ∂q_i/∂x_i` of a vector with one component per coordinate."""

    def doit(self, **hints: Any) -> sympy.Expr:
        vector = self.operand.doit(**hints)
        return sympy.Add(*(q.diff(c) for q, c in zip(vector, self.coordinates, strict=True)))

    def _sympystr(self, printer: Any) -> str:
        return f"div({', '.join(printer._print(q) for q in self.operand)})"

    def _latex(self, printer: Any) -> str:
        return rf"\nabla\cdot {printer._print(self.operand)}"

    def _pretty(self, printer: Any) -> Any:
        return _pretty_prefix(printer, "∇⋅", self.operand)


class ReciprocalOrZero(sympy.Function):
    """`1/z`, and 0 at `z = 0`: the factor in the subgradient of a norm."""

    is_real: ClassVar[bool] = True

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        return -(self**2)


class Norm(sympy.Function):
    """Euclidean norm `‖q‖` of the arguments, with subgradient 0 at 0."""

    is_real: ClassVar[bool] = True
    is_nonnegative: ClassVar[bool] = True

    @classmethod
    def eval(cls, *components: sympy.Expr) -> sympy.Expr | None:
        if all(c.is_number for c in components):
            return sympy.sqrt(sympy.Add(*(c**2 for c in components)))
        return None

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        return self.args[argindex - 1] * ReciprocalOrZero(self)

    def _sympystr(self, printer: Any) -> str:
        return f"norm({', '.join(printer._print(c) for c in self.args)})"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inside = ", ".join(printer._print(c) for c in self.args)
        text = rf"\left\|{inside}\right\|"
        return text if exp is None else f"{text}^{{{exp}}}"

    def _pretty(self, printer: Any) -> Any:
        from sympy.printing.pretty.stringpict import prettyForm, stringPict

        inner = printer._print_seq(self.args, delimiter=", ")
        bars = stringPict("\n".join("‖" * inner.height()), inner.baseline)
        return prettyForm(*stringPict(*inner.left(bars)).right(bars))


def grad(expression: Expression, *coordinates: Coordinate) -> sympy.ImmutableMatrix:
    """Gradient: of a scalar a column vector, of a vector the matrix `grad(v)[i, j] = ∂v_i/∂x_j`.

    Without `coordinates` it acts on the space coordinates of the unknowns in the expression, in
    argument order.
    """
    expression, along = _operand("grad", expression, coordinates)
    if isinstance(expression, sympy.MatrixBase):
        rows = [[component.diff(c) for c in along] for component in _vector("grad", expression)]
        return sympy.ImmutableMatrix(rows)
    return sympy.ImmutableMatrix([expression.diff(c) for c in along])


def div(expression: Expression, *coordinates: Coordinate) -> Expression:
    """Divergence: of a vector `Σ ∂q_i/∂x_i`, of a matrix the column vector of its rows' divergences."""
    expression, along = _operand("div", expression, coordinates)
    if not isinstance(expression, sympy.MatrixBase):
        message = f"`div({expression})`: the divergence of a scalar is not defined. Did you mean `grad`?"
        raise DeclarationError(message)
    rows = [expression] if expression.cols == 1 else [r.T for r in map(expression.row, range(expression.rows))]
    for row in rows:
        if len(row) != len(along):
            message = (
                f"`div` of {len(row)} components over the coordinates ({', '.join(c.name for c in along)}): "
                "there must be one component per coordinate. Name the coordinates: `div(q, x, y)`."
            )
            raise DeclarationError(message)
    parts = [Divergence(sympy.ImmutableMatrix(row), sympy.Tuple(*along)) for row in rows]
    return parts[0] if expression.cols == 1 else sympy.ImmutableMatrix(parts)


def laplacian(expression: Expression, *coordinates: Coordinate) -> Expression:
    """Laplacian `Σ ∂²u/∂x_i²`; of a vector or matrix componentwise (Cartesian)."""
    expression, along = _operand("laplacian", expression, coordinates)
    if isinstance(expression, sympy.MatrixBase):
        return sympy.ImmutableMatrix(expression.applyfunc(lambda e: Laplacian(e, sympy.Tuple(*along))))
    return Laplacian(expression, sympy.Tuple(*along))


def hessian(expression: sympy.Expr, *coordinates: Coordinate) -> sympy.ImmutableMatrix:
    """Matrix of second derivatives `∂²u/∂x_i∂x_j` of a scalar."""
    expression, along = _operand("hessian", expression, coordinates)
    if isinstance(expression, sympy.MatrixBase):
        message = "`hessian` is defined for scalars. Take it component by component: `hessian(v[0])`."
        raise DeclarationError(message)
    return sympy.ImmutableMatrix([[expression.diff(a, b) for b in along] for a in along])


def dot(first: Expression, second: Expression) -> sympy.Expr:
    """Scalar product `Σ a_i b_i` of two vectors; a normal is matched by coordinate names."""
    a, b = _aligned(first, second)
    if len(a) != len(b):
        message = (
            f"`dot` of {len(a)} and {len(b)} components: the vectors `{first}` and `{second}` "
            "must have the same length."
        )
        raise DeclarationError(message)
    return sympy.Add(*(p * q for p, q in zip(a, b, strict=True)))


def norm(vector: Expression) -> sympy.Expr:
    """Euclidean norm `‖q‖ = (Σ q_i²)^½`, with subgradient 0 at 0."""
    return Norm(*_vector("norm", vector))


def as_expression(value: Any) -> Expression:
    """A SymPy expression or column vector from what a user may write, lists and tuples included."""
    if isinstance(value, sympy.MatrixBase):
        return value if isinstance(value, Normal) else sympy.ImmutableMatrix(value)
    if isinstance(value, (list, tuple, sympy.Tuple)):
        return sympy.ImmutableMatrix([sympy.sympify(v, strict=True) for v in value])
    try:
        expression = sympy.sympify(value, strict=True)
    except sympy.SympifyError:
        message = (
            f"{value!r} ({type(value).__name__}) is not a SymPy expression. "
            "Arrays and functions enter equations through `coefficient(...)`."
        )
        raise DeclarationError(message) from None
    return expression


def _operand(
    written: str, expression: Any, coordinates: tuple[Coordinate, ...]
) -> tuple[Expression, tuple[Coordinate, ...]]:
    expression = as_expression(expression)
    for coordinate in coordinates:
        if not isinstance(coordinate, Coordinate):
            message = (
                f"`{written}(…, {coordinate})`: {coordinate!r} is no coordinate. Declare it with `coordinates(...)`."
            )
            raise DeclarationError(message)
    return expression, coordinates or space_coordinates(expression, written=written)


def _vector(written: str, expression: Any) -> list[sympy.Expr]:
    expression = as_expression(expression)
    if not isinstance(expression, sympy.MatrixBase):
        return [expression]
    if 1 not in expression.shape:
        message = f"`{written}` needs a vector; it got a {expression.rows}×{expression.cols} matrix."
        raise DeclarationError(message)
    return list(expression)


def _aligned(first: Any, second: Any) -> tuple[list[sympy.Expr], list[sympy.Expr]]:
    first, second = as_expression(first), as_expression(second)
    if isinstance(second, Normal) and not isinstance(first, Normal):
        second = _along_fields_of(first, second)
    elif isinstance(first, Normal) and not isinstance(second, Normal):
        first = _along_fields_of(second, first)
    return _vector("dot", first), _vector("dot", second)


def _along_fields_of(vector: Expression, normal: Normal) -> sympy.MatrixBase:
    if not any(isinstance(f, Unknown) for f in fields_in(vector)):
        return normal
    return normal.along(space_coordinates(vector, written="dot"))


def _pretty_prefix(printer: Any, sign: str, operand: Expression) -> Any:
    from sympy.printing.pretty.stringpict import prettyForm

    inner = printer._print(operand)
    if isinstance(operand, sympy.Add | sympy.Mul):
        inner = prettyForm(*inner.parens())
    return prettyForm(*inner.left(sign), binding=prettyForm.MUL)
