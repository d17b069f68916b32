"""Values for the coordinates on which the numbers of a region depend."""

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import sympy

from pinr.errors import GeometryError
from pinr.geometry.number import Number

Thing = TypeVar("Thing")


def coordinates_of_numbers(thing: Any) -> dict[str, sympy.Symbol]:
    """The coordinates in all numbers of a region, by name."""
    if isinstance(thing, Number):
        return thing.coordinates
    found: dict[str, sympy.Symbol] = {}
    for part in _parts(thing).values():
        found |= coordinates_of_numbers(part)
    return found


def substituted(thing: Thing, values: Mapping[str, Any], *, checked: bool = False) -> Thing:
    """A region with values for coordinates in its numbers; what does not depend on them is the same object.

    Args:
        thing: A region, a motion, a number, or a tuple of such.
        values: Coordinate name → number, array with one value per point, or expression. With arrays the result is one
            region per point, good for membership, charts and faces at as many points, and for nothing else.
        checked: Whether numbers that do not fit are an error.

    Raises:
        GeometryError: Numbers do not fit where they are checked.
    """
    if isinstance(thing, Number):
        return _given(thing, values, checked)  # type: ignore[return-value]
    parts = _parts(thing)
    changed = {key: substituted(part, values, checked=checked) for key, part in parts.items()}
    if all(changed[key] is part for key, part in parts.items()):
        return thing
    if isinstance(thing, tuple):
        return tuple(changed.values())  # type: ignore[return-value]
    # The constructors take what the user writes, and check it; here are the parts of what was checked once.
    copy = object.__new__(type(thing))
    for key, part in changed.items():
        object.__setattr__(copy, key, part)
    if checked and hasattr(copy, "check_numbers") and not coordinates_of_numbers(copy):
        copy.check_numbers()
    return copy


def _given(number: Number, values: Mapping[str, Any], checked: bool) -> Number:
    found = number.given(values)
    if checked and not isinstance(found.content, sympy.Expr) and not np.isfinite(found.content).all():
        message = f"`{number}` is not a finite number."
        raise GeometryError(message)
    return found


def _parts(thing: Any) -> dict[Any, Any]:
    if isinstance(thing, tuple):
        return dict(enumerate(thing))
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        return {field.name: getattr(thing, field.name) for field in dataclasses.fields(thing)}
    return {}
