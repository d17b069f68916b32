"""Exact numbers as the user wrote them."""

import math
import numbers
from dataclasses import dataclass, field
from typing import Any, final

import sympy

from pinr.errors import GeometryError


@final
@dataclass(frozen=True)
class Number:
    """A finite real number: its float to compute and compare with, its text to print (`pi/2`)."""

    value: float
    text: str = field(compare=False)

    def __str__(self) -> str:
        return self.text

    @property
    def symbol(self) -> sympy.Expr:
        """The number in expressions: an integer, or the float."""
        return sympy.Integer(int(self.value)) if self.value.is_integer() else sympy.Float(self.value)

    def record(self) -> Any:
        """A JSON number where that says it all, else the number with its text."""
        if self.text == repr(self.value):
            return self.value
        if self.value.is_integer() and self.text == str(int(self.value)):
            return int(self.value)
        return {"value": self.value, "text": self.text}


def number_from(written: Any, place: str) -> Number:
    """The number that a user wrote as a Python, NumPy or SymPy number.

    Args:
        written: What the user wrote.
        place: Where it was written, for errors.

    Raises:
        GeometryError: It is no number, or not a real and finite one.
    """
    if isinstance(written, Number):
        return written
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
    if isinstance(record, dict):
        return Number(number_from_record(record["value"]).value, str(record["text"]))
    if not isinstance(record, int | float):
        message = f"The record {record!r} is not of a number."
        raise GeometryError(message)
    return number_from(record, place="record")


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
