"""Exact numbers as the user wrote them."""

import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, final

import sympy
from sympy.core.function import AppliedUndef

from pinr.errors import GeometryError
from pinr.language.coordinates import Coordinate
from pinr.language.evaluation import FUNCTIONS, evaluate
from pinr.language.fields import Field
from pinr.language.tree import from_tree, to_tree


@final
@dataclass(frozen=True)
class Number:
    """A finite real number, with its text to print (`pi/2`).

    Of an open region it may be an expression of coordinates that the region does not bind, a radius `2*r`. Where such
    a region is looked at for many values of them at a time, it is an array with one number per point.

    Args:
        content: The float, the array, or the expression.
        text: What the user wrote.
    """

    content: Any
    text: str = field(compare=False)

    def __str__(self) -> str:
        return self.text

    @property
    def value(self) -> float:
        """The float to compute and compare with.

        Raises:
            GeometryError: The number is an expression.
        """
        if isinstance(self.content, sympy.Expr):
            raise GeometryError(unbound_message(f"The number `{self.text}`", tuple(self.coordinates)))
        return self.content

    @property
    def coordinates(self) -> dict[str, sympy.Symbol]:
        """What the number depends on, by name."""
        symbols = self.content.free_symbols if isinstance(self.content, sympy.Expr) else ()
        return {symbol.name: symbol for symbol in sorted(symbols, key=str)}

    def given(self, values: Mapping[str, Any]) -> "Number":
        """The number where coordinates have these values: numbers, arrays of floats, or expressions."""
        own = {symbol: values[name] for name, symbol in self.coordinates.items() if name in values}
        if not own:
            return self
        if self.content.is_Symbol and isinstance(own[self.content], Number):
            return own[self.content]
        if any(isinstance(value, sympy.Basic) for value in own.values()) or len(own) < len(self.coordinates):
            expressions = {s: v.symbol if isinstance(v, Number) else sympy.sympify(v) for s, v in own.items()}
            changed = self.content.xreplace(expressions)
            return Number(changed, str(changed))
        plain: dict[str, Any] = {s.name: v.value if isinstance(v, Number) else v for s, v in own.items()}
        found = evaluate(self.content, plain)
        return Number(found, self.text) if found.ndim else float_number(float(found))

    @property
    def symbol(self) -> sympy.Expr:
        """The number in expressions: an integer, the float, or the expression itself."""
        if isinstance(self.content, sympy.Expr):
            return self.content
        return sympy.Integer(int(self.value)) if self.value.is_integer() else sympy.Float(self.value)

    def record(self) -> Any:
        """A JSON number where that says it all, else the number with its text; the tree of an expression."""
        if isinstance(self.content, sympy.Expr):
            return {"expression": to_tree(self.content)}
        if self.text == repr(self.value):
            return self.value
        if self.value.is_integer() and self.text == str(int(self.value)):
            return int(self.value)
        return {"value": self.value, "text": self.text}


def number_from(written: Any, place: str, *, may_vary: bool = False) -> Number:
    """The number that a user wrote as a Python, NumPy or SymPy number.

    Args:
        written: What the user wrote.
        place: Where it was written, for errors.
        may_vary: Whether it may be an expression of time and varying coordinates.

    Raises:
        GeometryError: It is no number, or not a real and finite one.
    """
    if isinstance(written, Number):
        return written
    if isinstance(written, sympy.Expr) and written.free_symbols and may_vary:
        return _varying(written, place)
    if isinstance(written, sympy.Expr):
        return _from_sympy(written, place)
    if isinstance(written, numbers.Real) and not isinstance(written, bool):
        return _from_python(written, place)
    if isinstance(written, numbers.Complex) and not isinstance(written, bool):
        raise GeometryError(_not_real(written, place))
    message = f"`{place}`: {written!r} is a {type(written).__name__}. Give a Python or SymPy number."
    raise GeometryError(message)


def float_number(value: float) -> Number:
    """A number that was computed."""
    return Number(float(value), repr(float(value)))


def number_from_record(record: Any) -> Number:
    """The number behind `Number.record()`.

    Raises:
        GeometryError: The record is not of a number.
    """
    if isinstance(record, dict) and "expression" in record:
        return _varying(from_tree(record["expression"]), place="record")
    if isinstance(record, dict):
        return Number(number_from_record(record["value"]).value, str(record["text"]))
    if not isinstance(record, int | float):
        message = f"The record {record!r} is not of a number."
        raise GeometryError(message)
    return number_from(record, place="record")


def unbound_message(written: str, names: tuple[str, ...]) -> str:
    """What to say of an open region that is used as if it were closed."""
    intervals = ", ".join(f"{name}=(low, high)" for name in names)
    return (
        f"{written} depends on {', '.join(names)}, which nothing binds. Multiply the region with one that does, "
        f"`region * Box({intervals})`, and use the product."
    )


def _varying(written: Any, place: str) -> Number:
    """An expression of coordinates that move a region, none of which it lies in."""
    if not isinstance(written, sympy.Expr) or written.atoms(AppliedUndef, Field):
        message = f"`{place}`: `{written}` is no expression of coordinates. Write one in elementary functions."
        raise GeometryError(message)
    for symbol in sorted(written.free_symbols, key=str):
        if not isinstance(symbol, Coordinate) or symbol.role == "space":
            what = "a coordinate of space" if isinstance(symbol, Coordinate) else "no coordinate"
            message = (
                f"`{place}`: `{written}` depends on {symbol}, which is {what}. Give a number, or an expression of "
                f"time and of coordinates of a family, which `coordinates(…, varying={str(symbol)!r})` declares."
            )
            raise GeometryError(message)
    rules = (*FUNCTIONS, sympy.Symbol, sympy.Number, sympy.NumberSymbol, sympy.Pow, sympy.Piecewise)
    unknown = [n for n in sympy.preorder_traversal(written) if isinstance(n, sympy.Expr) and not isinstance(n, rules)]
    if unknown:
        message = f"`{place}`: there is no numerical rule for `{unknown[0]}`. Rewrite it in elementary functions."
        raise GeometryError(message)
    return Number(written, str(written))


def is_open(*numbers: Number) -> bool:
    """Whether one of the numbers is an expression."""
    return any(isinstance(number.content, sympy.Expr) for number in numbers)


def _from_sympy(written: sympy.Expr, place: str) -> Number:
    if written.free_symbols:
        names = ", ".join(sorted(str(symbol) for symbol in written.free_symbols))
        message = f"`{place}`: `{written}` depends on {names}. Give a number; `pi` and the like stay exact."
        raise GeometryError(message)
    if written.is_extended_real is False and written.is_finite is not False:
        raise GeometryError(_not_real(written, place))
    try:
        value = float(written)
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    _check_finite(value, written, place)
    return Number(value, repr(value) if written.is_Float else str(written))


def _from_python(written: numbers.Real, place: str) -> Number:
    try:
        value = float(written)
    except OverflowError:
        value = math.inf
    _check_finite(value, written, place)
    if isinstance(written, numbers.Integral):
        return Number(value, str(int(written)))
    exact = isinstance(written, numbers.Rational)
    return Number(value, str(written) if exact else repr(value))


def _check_finite(value: float, written: Any, place: str) -> None:
    if math.isfinite(value):
        return
    message = (
        f"`{place}`: {written} is not a finite number. Choose a bound far enough for the solution to be known there."
    )
    raise GeometryError(message)


def _not_real(written: Any, place: str) -> str:
    return f"`{place}`: {written} is not real. Coordinates are real: give its real and imaginary parts one each."
