"""Unknown fields as wholes: a vector is one unknown, though its components stand apart in equations."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import final

import sympy

from pinr.language.coordinates import Coordinate
from pinr.language.fields import Label, Unknown
from pinr.language.operators import Expression


@final
@dataclass(frozen=True)
class UnknownField:
    """An unknown as the user declared it: its name, coordinates and number of components."""

    name: str
    coordinates: tuple[Coordinate, ...]
    size: int | None

    @property
    def expression(self) -> Expression:
        """What `unknown(...)` returned."""
        names = tuple(c.name for c in self.coordinates)
        if self.size is None:
            return Unknown(Label(self.name, names), *self.coordinates)
        return sympy.ImmutableMatrix([Unknown(label, *self.coordinates) for label in self.labels])

    @property
    def labels(self) -> tuple[Label, ...]:
        """The labels of the components."""
        names = tuple(c.name for c in self.coordinates)
        if self.size is None:
            return (Label(self.name, names),)
        return tuple(Label(self.name, names, index=i, size=self.size) for i in range(self.size))


def unknowns_of(fields: Iterable[Unknown]) -> tuple[UnknownField, ...]:
    """The whole unknowns behind the components, in order of appearance.

    Arguments elsewhere (`u(0, y)`) say nothing about roles, so fields at home come first.
    """
    fields = tuple(fields)
    coordinates: dict[str, Coordinate] = {}
    for field in fields:
        for name, argument in zip(field.label.coordinates, field.arguments, strict=True):
            if isinstance(argument, Coordinate) and argument.name == name:
                coordinates.setdefault(name, argument)
    found: dict[tuple[str, tuple[str, ...], int | None], UnknownField] = {}
    for field in fields:
        label = field.label
        own = tuple(coordinates.get(name, Coordinate(name)) for name in label.coordinates)
        size = None if label.index is None else label.size
        found.setdefault((label.name, label.coordinates, size), UnknownField(label.name, own, size))
    return tuple(found.values())
