"""Units: products of powers of unit symbols, and the exact factors between them.

Only reading what a user wrote and comparing different units ask pint; a unit without pint still prints and multiplies,
so that a stored solution opens where pint is not installed.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, final

import sympy

from pinr.errors import DeclarationError

Powers = tuple[tuple[str, Fraction], ...]

_POWER = re.compile(r"(?P<sign>[*/])(?P<symbol>[^*/^()\s]{1,40})(\^\(?(?P<exponent>-?\d{1,3}(/\d{1,3})?)\)?)?")
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@final
@dataclass(frozen=True)
class Unit:
    """A product of powers of unit symbols, `W/K/m`; without any it is that of plain numbers."""

    powers: Powers = ()

    @classmethod
    def of(cls, text: str | None) -> "Unit":
        """The unit behind its own text; None and `1` are that of plain numbers.

        Raises:
            DeclarationError: It is not the text of a unit.
        """
        if text is None or text == "1":
            return PLAIN
        found: dict[str, Fraction] = {}
        rest = text[1:] if text.startswith("1/") else "*" + text
        while rest:
            power = _POWER.match(rest)
            if power is None or (power["exponent"] or "1").endswith("/0"):
                message = f"{text[:80]!r} is not the text of a unit."
                raise DeclarationError(message)
            sign = 1 if power["sign"] == "*" else -1
            found[power["symbol"]] = found.get(power["symbol"], Fraction(0)) + sign * Fraction(power["exponent"] or 1)
            rest = rest[power.end() :]
        return _made(found)

    def __mul__(self, other: "Unit") -> "Unit":
        found = dict(self.powers)
        for symbol, exponent in other.powers:
            found[symbol] = found.get(symbol, Fraction(0)) + exponent
        return _made(found)

    def __pow__(self, exponent: Fraction | int) -> "Unit":
        return _made({symbol: power * exponent for symbol, power in self.powers})

    def __truediv__(self, other: "Unit") -> "Unit":
        return self * other**-1

    def __str__(self) -> str:
        over = [_factor(symbol, power) for symbol, power in self.powers if power > 0]
        under = [_factor(symbol, -power) for symbol, power in self.powers if power < 0]
        return "/".join(["*".join(over) or "1", *under])

    @property
    def pretty(self) -> str:
        """As it is read by people: `K/mm²`, `N·m`."""
        text = re.sub(r"\^(-?\d+)", lambda found: found[1].translate(SUPERSCRIPTS), str(self))
        return text.replace("*", "·")

    def ratio(self, other: "Unit") -> sympy.Expr | None:
        """How many of the other unit it is, exactly: `Unit.of("m").ratio(Unit.of("mm"))` is 1000; None if unlike."""
        if self == other:
            return sympy.S.One
        factor, dimension = _in_base_units((self / other).powers)
        return factor if not dimension else None


PLAIN = Unit()


def unit_text(unit: Any, *, written: str) -> str | None:
    """The text of a unit that a user wrote, the same for all spellings; None stays None.

    Raises:
        DeclarationError: It is no unit, or one with an offset or a logarithm, such as degrees Celsius.
        ImportError: pint is not installed.
    """
    if unit is None:
        return None
    if not isinstance(unit, str):
        message = f"`{written}`: the unit {unit!r} must be a text such as 'mm' or 'W/m/K'."
        raise DeclarationError(message)
    registry = _registry()
    try:
        names = dict(registry.parse_units(unit)._units)
    except Exception as error:  # whatever pint raises of a text that is no unit
        message = f"`{written}`: {unit!r} is no unit that pint knows. Write for example 'mm', 'kg/m^3' or 'W/m/K'."
        raise DeclarationError(message) from error
    for name in names:
        if not registry._units[name].is_multiplicative:
            message = (
                f"`{written}`: {unit!r} has an offset or is logarithmic, so that sums and products of it depend on "
                "how they are meant. Use an absolute unit, such as 'K'."
            )
            raise DeclarationError(message)
    return str(_made({_symbol(name): Fraction(power) for name, power in names.items()}))


def _made(powers: dict[str, Fraction]) -> Unit:
    return Unit(tuple(sorted((symbol, power) for symbol, power in powers.items() if power)))


def _factor(symbol: str, power: Fraction) -> str:
    if power == 1:
        return symbol
    return f"{symbol}^{power}" if power.denominator == 1 else f"{symbol}^({power})"


@lru_cache(maxsize=1)
def _registry() -> Any:
    """pint's units, with exact factors."""
    try:
        import pint
    except ImportError as error:
        message = "Units need pint: `pip install pinr[units]`; or leave the units out of the problem."
        raise ImportError(message) from error
    return pint.UnitRegistry(non_int_type=Fraction)


def _symbol(name: str) -> str:
    """The short symbol of a unit; its name where the symbol means another unit, or none can be written."""
    registry = _registry()
    symbol = registry.get_symbol(name)
    is_the_same = _POWER.fullmatch("*" + symbol) and dict(registry.parse_units(symbol)._units) == {name: 1}
    return symbol if is_the_same else name


@lru_cache(maxsize=1024)
def _in_base_units(powers: Powers) -> tuple[sympy.Expr, Powers]:
    """The factor to base units, and these; radians count as plain numbers."""
    registry = _registry()
    factor: sympy.Expr = sympy.S.One
    base = Unit()
    for symbol, power in powers:
        one, unit = registry.get_base_units(registry.parse_units(symbol))
        factor *= sympy.Rational(one.numerator, one.denominator) ** sympy.Rational(power.numerator, power.denominator)
        names = {name: Fraction(exponent) for name, exponent in unit._units.items() if name != "radian"}
        base *= _made(names) ** power
    return factor, base.powers
