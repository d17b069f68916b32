"""Unknown fields as wholes: a vector is one unknown, though its components stand apart in equations."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, final

import sympy

from pinr.language.coordinates import Coordinate
from pinr.language.fields import Label, Unknown, axis_units
from pinr.language.operators import Expression


@final
@dataclass(frozen=True)
class UnknownField:
    """An unknown as the user declared it: its name, coordinates, number of components, kind of numbers and unit."""

    name: str
    coordinates: tuple[Coordinate, ...]
    size: int | None
    is_complex: bool = False
    unit: str | None = None

    @property
    def expression(self) -> Expression:
        """What `unknown(...)` returned."""
        fields = [Unknown(label, *self.coordinates) for label in self.labels]
        return fields[0] if self.size is None else sympy.ImmutableMatrix(fields)

    @property
    def labels(self) -> tuple[Label, ...]:
        """The labels of the components."""
        names = tuple(c.name for c in self.coordinates)
        shared: dict[str, Any] = {
            "is_complex_valued": self.is_complex,
            "unit": self.unit,
            "axes": axis_units(self.coordinates),
        }
        if self.size is None:
            return (Label(self.name, names, **shared),)
        return tuple(Label(self.name, names, index=i, size=self.size, **shared) for i in range(self.size))

    @property
    def real_components(self) -> tuple[str, ...]:
        """The names of the real numbers that make up a value: `u`; `re(u)` and `im(u)` of a complex one."""
        texts = [label.text for label in self.labels]
        return tuple(f"{part}({t})" for t in texts for part in ("re", "im")) if self.is_complex else tuple(texts)


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
    found: dict[tuple[Any, ...], UnknownField] = {}
    for field in fields:
        label = field.label
        units = label.axes or (None,) * len(label.coordinates)
        own = tuple(
            coordinates.get(name, Coordinate(name, unit=unit))
            for name, unit in zip(label.coordinates, units, strict=True)
        )
        size = None if label.index is None else label.size
        key = (label.name, label.coordinates, size, label.is_complex_valued, label.unit, label.axes)
        found.setdefault(key, UnknownField(label.name, own, size, label.is_complex_valued, label.unit))
    return tuple(found.values())
