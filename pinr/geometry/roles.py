"""Roles of coordinates before a constraint declares them."""

from collections.abc import Mapping

from pinr.language.coordinates import Role

TIME_NAMES = ("t", "time")

Roles = tuple[tuple[str, Role], ...]


def guessed_roles(names: tuple[str, ...]) -> Roles:
    """A coordinate named `t` or `time` is time, any other is space; `resolve` replaces this by the truth."""
    return tuple((name, "time" if name in TIME_NAMES else "space") for name in names)


def declared_roles(names: tuple[str, ...], roles: Mapping[str, Role]) -> Roles:
    """The roles of these coordinates, in their order: the declared ones, guessed where nothing is declared."""
    return tuple((name, roles.get(name, guess)) for name, guess in guessed_roles(names))
