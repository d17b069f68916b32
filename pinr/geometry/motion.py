"""Ways to move a region: shifts, rotations and enlargements."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, final

import numpy as np
import sympy
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.geometry.number import Number

# Points by coordinate name: arrays, plain numbers, or SymPy expressions; motions act on all of them alike.
Value = TypeVar("Value")
Position = tuple[tuple[str, Number], ...]


class AbstractMotion(ABC):
    """A similarity of space: keeps angles and multiplies lengths by `stretch`."""

    @property
    def stretch(self) -> float:
        """The factor of lengths."""
        return 1.0

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """The coordinates that it changes."""

    @abstractmethod
    def forward(self, points: Mapping[str, Any]) -> dict[str, Any]:
        """Where points come to lie."""

    @abstractmethod
    def backward(self, points: Mapping[str, Any]) -> dict[str, Any]:
        """Where points came from."""

    def turned(self, vector: Mapping[str, Any]) -> Mapping[str, Any]:
        """A unit vector after the motion."""
        return vector

    @abstractmethod
    def record(self) -> dict[str, Any]:
        """The motion as plain JSON."""


@final
@dataclass(frozen=True)
class Translation(AbstractMotion):
    """`x → x + shift`."""

    shift: Position

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.shift)

    @override
    def forward(self, points: Mapping[str, Any]) -> dict[str, Any]:
        return {**points, **{name: points[name] + s.content for name, s in self.shift if name in points}}

    @override
    def backward(self, points: Mapping[str, Any]) -> dict[str, Any]:
        return {**points, **{name: points[name] - s.content for name, s in self.shift if name in points}}

    @override
    def record(self) -> dict[str, Any]:
        return {"motion": "translate", "shift": _position_record(self.shift)}

    @override
    def __str__(self) -> str:
        return f"translate({_position_text(self.shift)})"


@final
@dataclass(frozen=True)
class Rotation(AbstractMotion):
    """Counterclockwise by an angle in a plane, from its first axis to its second, about a fixed point.

    Args:
        angle: In radians.
        plane: Two coordinates.
        about: The fixed point; the origin where it says nothing.
        axis: The third coordinate of space, where the rotation was written by it.
    """

    angle: Number
    plane: tuple[str, str]
    about: Position = ()
    axis: str | None = None

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return self.plane

    @override
    def forward(self, points: Mapping[str, Any]) -> dict[str, Any]:
        return self._turn(points, self._center, self.angle.content)

    @override
    def backward(self, points: Mapping[str, Any]) -> dict[str, Any]:
        return self._turn(points, self._center, -self.angle.content)

    @override
    def turned(self, vector: Mapping[str, Any]) -> Mapping[str, Any]:
        if not any(name in vector for name in self.plane):
            return vector
        zero = 0 * next(iter(vector.values()))
        return self._turn({**dict.fromkeys(self.plane, zero), **vector}, (0.0, 0.0), self.angle.content)

    @override
    def record(self) -> dict[str, Any]:
        about = _position_record(self.about)
        return {
            "motion": "rotate", "angle": self.angle.record(), "plane": list(self.plane), "about": about,
            "axis": self.axis,
        }  # fmt: skip

    @override
    def __str__(self) -> str:
        axis = "" if self.axis is None else f', axis="{self.axis}"'
        return f"rotate({self.angle}{axis}{_about_text(self.about)})"

    @cached_property
    def _center(self) -> tuple[Any, Any]:
        given = {name: number.content for name, number in self.about}
        return given.get(self.plane[0], 0.0), given.get(self.plane[1], 0.0)

    def _turn(self, points: Mapping[str, Any], center: tuple[Any, Any], angle: Any) -> dict[str, Any]:
        cosine, sine = _cosine_and_sine(angle)
        first, second = (points[name] - c for name, c in zip(self.plane, center, strict=True))
        turned = (cosine * first - sine * second + center[0], sine * first + cosine * second + center[1])
        return {**points, **dict(zip(self.plane, turned, strict=True))}


@final
@dataclass(frozen=True)
class Scaling(AbstractMotion):
    """`x → c + factor · (x − c)` for the coordinates of space, with a fixed point `c`, by default the origin."""

    factor: Number
    space: tuple[str, ...]
    about: Position = ()

    def check_numbers(self) -> None:
        """Raise an error where the factor is not positive."""
        if not np.all(self.factor.value > 0):
            message = f"`scale({self.factor})`: the factor must be positive."
            raise GeometryError(message)

    @property
    @override
    def stretch(self) -> float:
        return self.factor.content

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return self.space

    @override
    def forward(self, points: Mapping[str, Any]) -> dict[str, Any]:
        return self._scaled(points, self.factor.content)

    @override
    def backward(self, points: Mapping[str, Any]) -> dict[str, Any]:
        return self._scaled(points, 1 / self.factor.content)

    @override
    def record(self) -> dict[str, Any]:
        about = _position_record(self.about)
        return {"motion": "scale", "factor": self.factor.record(), "space": list(self.space), "about": about}

    @override
    def __str__(self) -> str:
        return f"scale({self.factor}{_about_text(self.about)})"

    def _scaled(self, points: Mapping[str, Any], factor: Any) -> dict[str, Any]:
        center = {name: number.content for name, number in self.about}
        moved = {n: center.get(n, 0.0) + factor * (points[n] - center.get(n, 0.0)) for n in self.space if n in points}
        return {**points, **moved}


def _cosine_and_sine(angle: Any) -> tuple[Any, Any]:
    if isinstance(angle, sympy.Expr):
        return sympy.cos(angle), sympy.sin(angle)
    return (np.cos(angle), np.sin(angle)) if np.ndim(angle) else (math.cos(angle), math.sin(angle))


def _position_record(position: Position) -> list[list[Any]]:
    return [[name, number.record()] for name, number in position]


def _position_text(position: Position) -> str:
    return ", ".join(f"{name}={number}" for name, number in position)


def _about_text(about: Position) -> str:
    places = ", ".join(f'"{name}": {number}' for name, number in about)
    return f", about={{{places}}}" if about else ""
