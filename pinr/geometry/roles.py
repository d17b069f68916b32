"""Roles of coordinates before a constraint declares them."""

from collections.abc import Mapping

from pinr.errors import GeometryError
from pinr.language.coordinates import Role

TIME_NAMES = ("t", "time")

Roles = tuple[tuple[str, Role], ...]


def guessed_roles(names: tuple[str, ...]) -> Roles:
    """A coordinate named `t` or `time` is time, any other is space; `resolve` replaces this by the truth."""
    return tuple((name, "time" if name in TIME_NAMES else "space") for name in names)


def declared_roles(names: tuple[str, ...], roles: Mapping[str, Role], written: str) -> Roles:
    """The roles of these coordinates, in their order.

    Raises:
        GeometryError: A coordinate of the region has no role.
    """
    missing = [name for name in names if name not in roles]
    if missing:
        message = (
            f"`{written}` binds {', '.join(missing)}, of which the equations know nothing. "
            f"Declare it with `coordinates({' '.join(missing)!r})` or drop it from the region."
        )
        raise GeometryError(message)
    return tuple((name, roles[name]) for name in names)
