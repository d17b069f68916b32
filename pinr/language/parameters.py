"""Parameters: unknown numbers that are identified together with the fields."""

import math
from typing import Any, final

import sympy

from pinr.errors import DeclarationError
from pinr.language.units import unit_text


@final
class Parameter(sympy.Symbol):
    """A real number to identify, with its initial value."""

    value: float
    is_forced_positive: bool
    unit: str | None

    def __new__(cls, name: str, value: float, positive: bool = False, unit: str | None = None) -> "Parameter":
        assumptions = {"positive": True} if positive else {"real": True}
        symbol = sympy.Symbol.__xnew__(cls, name, **assumptions)
        symbol.value, symbol.is_forced_positive, symbol.unit = value, positive, unit
        return symbol

    def __getnewargs_ex__(self) -> tuple[tuple[str, float, bool, str | None], dict[str, Any]]:
        return (self.name, self.value, self.is_forced_positive, self.unit), {}

    def __getstate__(self) -> None:
        return None

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.value, self.unit or "")


def parameter(name: str, value: float, *, positive: bool = False, unit: str | None = None) -> Parameter:
    """Declare a number to identify, `nu = parameter("nu", 0.1, positive=True)`.

    Args:
        name: What it is called in prints and files.
        value: Where the search starts.
        positive: Whether it stays positive: it is then `exp` of the number that is trained.
        unit: Its unit, `"W/m/K"`; initial value and result are in it.

    Raises:
        DeclarationError: The initial value is not finite, not positive where it should be, or the unit is none.
        ImportError: A unit is given and pint is not installed.
    """
    written = f"parameter({name!r}, {value!r}, positive={positive})"
    if not isinstance(name, str) or not name.isidentifier():
        message = f"`{written}`: the name must consist of letters, digits and underscores."
        raise DeclarationError(message)
    number = float(value)
    if not math.isfinite(number):
        message = f"`{written}`: the initial value must be finite."
        raise DeclarationError(message)
    if positive and number <= 0:
        message = f"`{written}`: a positive parameter must start at a positive value."
        raise DeclarationError(message)
    return Parameter(name, number, positive, unit_text(unit, written=f"parameter({name!r}, …, unit={unit!r})"))
