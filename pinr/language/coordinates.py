"""Coordinates: the independent variables of a problem, each with a role."""

from functools import lru_cache
from typing import Any, ClassVar, Literal, NoReturn, cast, final

import sympy

from pinr.errors import DeclarationError

Role = Literal["space", "time", "varying"]
ROLES: tuple[Role, ...] = ("space", "time", "varying")


@final
class Coordinate(sympy.Symbol):
    """A real independent variable with a role: space, time, or an axis of a parametric family.

    Two coordinates are equal when name and role agree; a coordinate never equals a plain
    `sympy.Symbol` of the same name.
    """

    role: Role
    _iterable: ClassVar[bool] = False  # what SymPy asks before it tries

    def __new__(cls, name: str, role: Role = "space") -> "Coordinate":
        if role not in ROLES:
            message = f"`Coordinate({name!r}, {role!r})`: the role must be one of {', '.join(ROLES)}."
            raise DeclarationError(message)
        # Symbol's own constructor caches by name and assumptions, which would merge the roles.
        symbol = sympy.Symbol.__xnew__(cls, name, real=True)
        symbol.role = role
        return symbol

    def __getnewargs_ex__(self) -> tuple[tuple[str, Role], dict[str, Any]]:
        return (self.name, self.role), {}

    def __getstate__(self) -> None:
        return None

    @classmethod
    def class_key(cls) -> tuple[int, int, str]:
        # Sorted among plain symbols, or `sin(πx)` would print as `sin(xπ)`.
        return sympy.Symbol.class_key()

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.role)

    def __getitem__(self, index: Any) -> NoReturn:
        # By this, and not by `__iter__`, with which SymPy would take a coordinate for a sequence.
        message = (
            f"The coordinate `{self.name}` is one symbol, not several: of a single name `coordinates(...)` gives the "
            f"coordinate itself. Write `{self.name} = coordinates({self.name!r})`, without a comma or an index."
        )
        raise DeclarationError(message)


def coordinates(space: str = "", *, time: str = "", varying: str = "") -> Coordinate | tuple[Coordinate, ...]:
    """Declare coordinates by name, in the order space, time, varying.

    `x, y, t = coordinates("x y", time="t")`; a single name gives the coordinate itself.

    Args:
        space: Names of the spatial coordinates, separated by blanks or commas. Differential operators
            (`grad`, `laplacian`, …) act on these.
        time: Name of the time coordinate.
        varying: Names of the axes of a parametric family.

    Raises:
        DeclarationError: A name is no identifier or occurs twice, or there is none.
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
    declared = tuple(Coordinate(name, cast(Role, role)) for name, role in named)
    return declared[0] if len(declared) == 1 else declared


ASSUMPTIONS = ("real", "positive", "nonnegative", "negative", "nonzero", "integer", "rational", "complex", "finite")


@lru_cache(maxsize=1024)
def namesakes(name: str) -> frozenset[sympy.Symbol]:
    """The symbols that a reader could mistake for a coordinate of this name."""
    plain = (sympy.Symbol(name), *(sympy.Symbol(name, **{assumed: True}) for assumed in ASSUMPTIONS))
    return frozenset((*plain, *(Coordinate(name, role) for role in ROLES)))
