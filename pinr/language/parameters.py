"""Parameters: unknown numbers that are identified together with the fields."""

import math
from typing import Any, final

import sympy

from pinr.errors import DeclarationError


@final
class Parameter(sympy.Symbol):
    """A real number to identify, with its initial value."""

    value: float
    is_forced_positive: bool

    def __new__(cls, name: str, value: float, positive: bool = False) -> "Parameter":
        assumptions = {"positive": True} if positive else {"real": True}
        symbol = sympy.Symbol.__xnew__(cls, name, **assumptions)
        symbol.value, symbol.is_forced_positive = value, positive
        return symbol

    def __getnewargs_ex__(self) -> tuple[tuple[str, float, bool], dict[str, Any]]:
        return (self.name, self.value, self.is_forced_positive), {}

    def __getstate__(self) -> None:
        return None

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.value)


def parameter(name: str, value: float, *, positive: bool = False) -> Parameter:
    """Declare a number to identify, `nu = parameter("nu", 0.1, positive=True)`.

    Args:
        name: What it is called in prints and files.
        value: Where the search starts.
        positive: Whether it stays positive: it is then `exp` of the number that is trained.

    Raises:
        DeclarationError: The initial value is not finite, or not positive where it should be.
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
    return Parameter(name, number, positive)
