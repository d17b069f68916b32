"""Quantities: known numbers with a unit."""

from typing import Any, ClassVar, final

import sympy

from pinr.errors import DeclarationError
from pinr.language.units import Unit, unit_text


@final
class Quantity(sympy.AtomicExpr):
    """A known real number with its unit; a constraint turns it into a number in the units of its equation."""

    __slots__ = ("magnitude", "unit")
    is_commutative: ClassVar[bool] = True
    is_real: ClassVar[bool] = True
    magnitude: sympy.Expr
    unit: str | None

    def __new__(cls, magnitude: Any, unit: str | None) -> "Quantity":
        quantity = super().__new__(cls)
        quantity.magnitude, quantity.unit = sympy.sympify(magnitude), unit
        return quantity

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (self.magnitude, self.unit)

    def __getstate__(self) -> None:
        return None

    def _hashable_content(self) -> tuple[Any, ...]:
        return (self.magnitude, self.unit)

    def _eval_is_positive(self) -> bool | None:
        return self.magnitude.is_positive

    def _eval_is_zero(self) -> bool | None:
        return self.magnitude.is_zero

    def _sympystr(self, printer: Any) -> str:
        return f"{printer._print(self.magnitude)} {Unit.of(self.unit).pretty}"

    def _latex(self, printer: Any) -> str:
        return rf"{printer._print(self.magnitude)}\,\text{{{Unit.of(self.unit).pretty}}}"

    def _pretty(self, printer: Any) -> Any:
        from sympy.printing.pretty.stringpict import prettyForm

        return prettyForm(*printer._print(self.magnitude).right(f" {Unit.of(self.unit).pretty}"))


def quantity(magnitude: Any, unit: str) -> Quantity:
    """A known number with a unit, `g = quantity(9.81, "m/s^2")`; a bare number in an equation is dimensionless.

    Args:
        magnitude: A real number, SymPy's included.
        unit: A unit as pint reads it, `"mm"`, `"kg/m^3"`, `"W/m/K"`.

    Raises:
        DeclarationError: The magnitude is no finite real number, or the unit is none.
        ImportError: pint is not installed.
    """
    written = f"quantity({magnitude!r}, {unit!r})"
    try:
        number = sympy.sympify(magnitude, strict=True)
    except sympy.SympifyError:
        number = sympy.nan
    if not (isinstance(number, sympy.Expr) and number.is_number and number.is_real and number.is_finite):
        message = f"`{written}`: the magnitude must be a finite real number. Multiply: `x * quantity(1, {unit!r})`."
        raise DeclarationError(message)
    text = unit_text(unit, written=written)
    if text is None:
        message = f"`{written}` has no unit. A plain number needs no `quantity`."
        raise DeclarationError(message)
    return Quantity(number, text)
