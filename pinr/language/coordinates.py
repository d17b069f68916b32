"""Coordinates: the independent variables of a problem, each with a role."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar, Literal, NoReturn, cast, final

import sympy

from pinr.errors import DeclarationError
from pinr.language.units import unit_text

Role = Literal["space", "time", "varying"]
ROLES: tuple[Role, ...] = ("space", "time", "varying")
# The units in which coordinates of a name were declared. Like SymPy's own caches it changes no result: a derivative by
# a namesake in another unit is refused, and not 0.
_UNITS: dict[str, set[str]] = {}


@final
class Coordinate(sympy.Symbol):
    """A real independent variable with a role: space, time, or an axis of a parametric family.

    Two coordinates are equal when name, role and unit agree; a coordinate never equals a plain
    `sympy.Symbol` of the same name.
    """

    role: Role
    unit: str | None
    _iterable: ClassVar[bool] = False  # what SymPy asks before it tries

    def __new__(cls, name: str, role: Role = "space", unit: str | None = None) -> "Coordinate":
        if role not in ROLES:
            message = f"`Coordinate({name!r}, {role!r})`: the role must be one of {', '.join(ROLES)}."
            raise DeclarationError(message)
        # Symbol's own constructor caches by name and assumptions, which would merge the roles.
        symbol = sympy.Symbol.__xnew__(cls, name, real=True)
        symbol.role, symbol.unit = role, unit
        if unit is not None:
            _UNITS.setdefault(name, set()).add(unit)
        return symbol

    def __getnewargs_ex__(self) -> tuple[tuple[str, Role, str | None], dict[str, Any]]:
        return (self.name, self.role, self.unit), {}

    def __getstate__(self) -> None:
        return None

    @classmethod
    def class_key(cls) -> tuple[int, int, str]:
        # Sorted among plain symbols, or `sin(πx)` would print as `sin(xπ)`.
        return sympy.Symbol.class_key()

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.role, self.unit or "")

    def __getitem__(self, index: Any) -> NoReturn:
        # By this, and not by `__iter__`, with which SymPy would take a coordinate for a sequence.
        message = (
            f"The coordinate `{self.name}` is one symbol, not several: of a single name `coordinates(...)` gives the "
            f"coordinate itself. Write `{self.name} = coordinates({self.name!r})`, without a comma or an index."
        )
        raise DeclarationError(message)


def coordinates(
    space: str = "",
    *,
    time: str = "",
    varying: str = "",
    unit: str | None = None,
    units: Mapping[str, str] | None = None,
) -> Coordinate | tuple[Coordinate, ...]:
    """Declare coordinates by name, in the order space, time, varying.

    `x, y, t = coordinates("x y", time="t")`; a single name gives the coordinate itself.

    Args:
        space: Names of the spatial coordinates, separated by blanks or commas. Differential operators
            (`grad`, `laplacian`, …) act on these.
        time: Name of the time coordinate.
        varying: Names of the axes of a parametric family.
        unit: The unit of the spatial coordinates, `"mm"`; numbers in regions and positions are in it.
        units: Units by name, `{"x": "mm", "t": "s"}`. A coordinate without a unit is dimensionless.

    Raises:
        DeclarationError: A name is no identifier or occurs twice, there is none, or a unit is not known.
        ImportError: Units are given and pint is not installed.
    """
    named = [
        (name, role)
        for names, role in ((space, "space"), (time, "time"), (varying, "varying"))
        for name in names.replace(",", " ").split()
    ]
    written = f"coordinates({space!r}, time={time!r}, varying={varying!r})"
    if not named:
        message = f"`{written}` names no coordinate. Write for example `coordinates('x y', time='t')`."
        raise DeclarationError(message)
    if len(time.replace(",", " ").split()) > 1:
        message = f"`{written}`: there can be one time coordinate. Make the others `varying=`."
        raise DeclarationError(message)
    seen: set[str] = set()
    for name, _ in named:
        if not name.isidentifier():
            message = f"`{written}`: {name!r} is not a name. Use letters, digits and underscores."
            raise DeclarationError(message)
        if name in seen:
            message = f"`{written}` names {name!r} twice. Every coordinate needs a name of its own."
            raise DeclarationError(message)
        seen.add(name)
    texts = _units_by_name(named, unit, units or {}, written)
    declared = tuple(Coordinate(name, cast(Role, role), texts.get(name)) for name, role in named)
    return declared[0] if len(declared) == 1 else declared


ASSUMPTIONS = ("real", "positive", "nonnegative", "negative", "nonzero", "integer", "rational", "complex", "finite")


def namesakes(name: str) -> frozenset[sympy.Symbol]:
    """The symbols that a reader could mistake for a coordinate of this name."""
    return _namesakes(name, frozenset(_UNITS.get(name, ())))


@lru_cache(maxsize=1024)
def _namesakes(name: str, units: frozenset[str]) -> frozenset[sympy.Symbol]:
    plain = (sympy.Symbol(name), *(sympy.Symbol(name, **{assumed: True}) for assumed in ASSUMPTIONS))
    return frozenset((*plain, *(Coordinate(name, role, unit) for role in ROLES for unit in (None, *units))))


def _units_by_name(
    named: list[tuple[str, str]], unit: str | None, units: Mapping[str, str], written: str
) -> dict[str, str | None]:
    names = [name for name, _ in named]
    for name in units:
        if name not in names:
            message = f"`{written}`: there is a unit for {name!r}, which is none of {', '.join(names)}."
            raise DeclarationError(message)
    given = {name: unit for name, role in named if role == "space" and unit is not None} | dict(units)
    return {name: unit_text(text, written=f"coordinates(…, {name} in {text!r})") for name, text in given.items()}
