"""An expression compiled for evaluation on the networks of a solution."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, final

import sympy
from sympy.logic.boolalg import Boolean

from pinr.compiler.block import Block, compile_block
from pinr.compiler.program import Program
from pinr.errors import DeclarationError
from pinr.geometry.suggestion import did_you_mean
from pinr.language.coordinates import Coordinate
from pinr.language.dimensions import has_units, measured
from pinr.language.equations import shape_of
from pinr.language.fields import Unknown, fields_in
from pinr.language.operators import Expression, as_expression
from pinr.language.parameters import Parameter
from pinr.solution.labels import text_of


@final
@dataclass(frozen=True)
class Compiled:
    """An expression with its pure function.

    Attributes:
        expression: As it was written.
        shape: Component shape: () of a scalar, (n,) of a vector, (n, m) of a matrix.
        block: Its components, one after the other.
        unknowns: Names of the unknowns in it.
        coordinates: Those that its value depends on, in the order of the first unknown's arguments, then of the
            problem.
        unit: The unit of its values, or None where nothing has one or the components differ.
    """

    expression: Expression
    shape: tuple[int, ...]
    block: Block
    unknowns: tuple[str, ...]
    coordinates: tuple[Coordinate, ...]
    unit: str | None = None

    @property
    def text(self) -> str:
        return text_of(self.expression)


def compile_expression(program: Program, written: Any) -> Compiled:
    """Compile what a user wants to know of a solution.

    Raises:
        DeclarationError: It is no expression, its units clash, or it has unknowns, parameters or symbols that the
            problem does not know.
    """
    expression = as_expression(written)
    if isinstance(expression, Boolean) and not isinstance(expression, sympy.Symbol):
        message = f"`{expression}` is a condition and has no value. Evaluate one side, or the difference of both."
        raise DeclarationError(message)
    _check_unknowns(program, expression)
    _check_parameters(program, expression)
    numbers, unit = _numbers_and_unit(expression)
    components = list(numbers) if isinstance(numbers, sympy.MatrixBase) else [numbers]
    fields = {text: c for a in program.assignments for text, c in a.components.items()}
    block = compile_block(text_of(expression), components, fields, program.exactness.ansaetze)
    unknowns = [f for f in fields_in(expression) if isinstance(f, Unknown)]
    needed = _needed_coordinates(program, block, expression)
    order = dict.fromkeys([*(c for u in unknowns[:1] for c in u.coordinates), *program.problem.coordinates])
    return Compiled(
        expression,
        shape_of(expression),
        block,
        tuple(dict.fromkeys(u.label.name for u in unknowns)),
        tuple(c for c in order if c in needed) + tuple(c for c in needed if c not in order),
        unit,
    )


def _numbers_and_unit(expression: Expression) -> tuple[Expression, str | None]:
    """An expression in agreeing units, and the unit that all its components have."""
    if not has_units(expression):
        return expression, None
    numbers, units = measured(expression)
    found = {str(unit) for unit in units if unit is not None}
    return numbers, found.pop() if len(found) == 1 else None


def _needed_coordinates(program: Program, block: Block, expression: Expression) -> tuple[Coordinate, ...]:
    symbols = block.coordinates
    own = {c.name: c for c in program.problem.coordinates}
    for symbol in symbols:
        if not isinstance(symbol, Coordinate) or own.get(symbol.name, symbol) != symbol:
            raise DeclarationError(_stranger_message(symbol, own.get(symbol.name), expression, own))
    return symbols


def _stranger_message(
    symbol: sympy.Symbol, own: Coordinate | None, expression: Expression, known: Iterable[str]
) -> str:
    written = f"`{text_of(expression)}` contains the symbol `{symbol}`"
    if own is not None:
        return (
            f"{written}, which is not the problem's coordinate `{own.name}` ({own.role}) but a namesake. "
            "Use the object that `coordinates(...)` returned."
        )
    return (
        f"{written}, which is no coordinate and no parameter of the problem.{did_you_mean(symbol.name, known)} "
        f"Put a number in its place: `expression.subs({symbol}, 1)`."
    )


def _check_unknowns(program: Program, expression: Expression) -> None:
    labels = {label: u for u in program.problem.unknowns for label in u.labels}
    for field in fields_in(expression):
        if isinstance(field, Unknown) and field.label not in labels:
            names = [u.name for u in program.problem.unknowns]
            owned = {u.name: f"{u.name}({', '.join(c.name for c in u.coordinates)})" for u in labels.values()}
            if field.label.name in owned:
                own = owned[field.label.name]
                message = (
                    f"`{field.label.text}({', '.join(field.label.coordinates)})` is another unknown than the problem's "
                    f"`{own}`: coordinates or size differ. Use the object with which the problem was written."
                )
            else:
                message = (
                    f"`{field.label.text}` is no unknown of the problem.{did_you_mean(field.label.name, names)} "
                    f"It has {', '.join(owned.values())}."
                )
            raise DeclarationError(message)


def _check_parameters(program: Program, expression: Expression) -> None:
    known = {p.name: p for p in program.problem.parameters}
    for symbol in sorted(expression.atoms(Parameter), key=str):
        if symbol not in known.values():
            message = (
                f"`{symbol}` in `{text_of(expression)}` is no parameter of the problem."
                f"{did_you_mean(symbol.name, known)} It has {', '.join(known) or 'none'}."
            )
            raise DeclarationError(message)
