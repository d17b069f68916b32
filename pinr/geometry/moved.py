"""Regions that were shifted, turned or enlarged."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import Any, final

import numpy as np
import sympy
from numpy.typing import NDArray
from sympy.logic.boolalg import Boolean
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.geometry.bounds import Bounds, corners
from pinr.geometry.chart import Chart
from pinr.geometry.face import Face
from pinr.geometry.motion import AbstractMotion, Position, Rotation, Scaling, Translation
from pinr.geometry.number import Number, float_number, is_open, number_from
from pinr.geometry.region import AbstractRegion, operand
from pinr.geometry.samples import Mask, Points, Samples
from pinr.geometry.section import Section
from pinr.geometry.substitution import coordinates_of_numbers
from pinr.geometry.suggestion import did_you_mean


@final
@dataclass(frozen=True, repr=False)
class Moved(AbstractRegion):
    """A region after a motion, `Box(x=(0, 1), y=(0, 1)).rotate(pi / 4)`; its parts keep their names.

    After a rotation the bounds are those of the turned box around the region, which may be wider than the region, and
    slices across the plane of the rotation are sampled by rejection.

    Args:
        region: What is moved.
        motion: How.

    Raises:
        GeometryError: The region lacks a coordinate of the motion, or it is fixed or periodic there.
    """

    region: AbstractRegion
    motion: AbstractMotion

    def __post_init__(self) -> None:
        about = getattr(self.motion, "about", ())
        for name in (*self.motion.names, *(name for name, _ in about)):
            if name not in self.region.names:
                message = (
                    f"`{self!r}`: the region has no coordinate {name!r}.{did_you_mean(name, self.region.names)} "
                    f"It has {', '.join(self.region.names)}."
                )
                raise GeometryError(message)
        if self.region.measured():
            message = (
                f"`{self!r}`: measured points stay where they were made. Change their coordinates before they become a "
                "region; clouds can be `fitted` into a box."
            )
            raise GeometryError(message)
        varying = [name for name in coordinates_of_numbers(self.motion) if name in self.region.names]
        if varying:
            message = (
                f"`{self!r}`: the motion depends on {', '.join(varying)}, which the region has. Move it before it is "
                f"multiplied, `region.{self.motion} * Box({varying[0]}=(low, high))`."
            )
            raise GeometryError(message)
        is_rotation = isinstance(self.motion, Rotation) and not self.region.unbound
        turned = self.motion.names if is_rotation else ()
        fixed = [name for name in turned if np.array_equal(*self.region.bounds[name])]
        stuck = [*fixed, *(name for name in turned if name in self.region.periodic)]
        if stuck or self.region.carried_normal() is not None:
            reason = f"{stuck[0]} is fixed or periodic" if stuck else "a boundary moves with its region"
            message = f"`{self!r}`: {reason}. Move the region first, then slice it or take its boundary."
            raise GeometryError(message)

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return self.region.names

    @cached_property
    @override
    def bounds(self) -> Bounds:
        if coordinates_of_numbers(self.motion):
            self.require_closed(".bounds")
        return _box_around(self.region.bounds, self.motion.names, self.motion.forward)

    @cached_property
    @override
    def charts(self) -> tuple[Chart, ...]:
        if coordinates_of_numbers(self.motion):
            self.require_closed(".charts")
        return tuple(self._chart(chart, self.region.bounds) for chart in self.region.charts)

    @override
    def encloses(self, points: Points) -> Mask:
        return self.region.encloses(self.motion.backward(points))

    @override
    def surrounds(self, points: Points) -> Mask:
        return self.region.surrounds(self.motion.backward(points))

    @override
    def located(self, points: Points) -> tuple[Mask, Mask]:
        return self.region.located(self.motion.backward(points))

    @override
    def covers(self, bounds: Bounds) -> bool | None:
        return self.region.covers(_box_around(bounds, self.motion.names, self.motion.backward))

    @property
    @override
    def periodic(self) -> tuple[str, ...]:
        return self.region.periodic

    @property
    @override
    def extends(self) -> bool:
        return self.region.extends

    @override
    def within(self, bounds: Bounds) -> "Moved":
        return replace(self, region=self.region.within(_box_around(bounds, self.motion.names, self.motion.backward)))

    @override
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        return tuple(self._face(face) for face in self.region.faces(space))

    @override
    def pinned(self, values: Mapping[str, Number]) -> AbstractRegion:
        return Section.of(self, values)

    @override
    def crosscut(self, values: Mapping[str, Number]) -> "AbstractRegion | None":
        if isinstance(self.motion, Rotation) and not set(values).isdisjoint(self.motion.names):
            return None
        before = self.motion.backward({name: number.value for name, number in values.items()})
        rest = self.region.crosscut({name: float_number(value) for name, value in before.items()})
        motion = _restricted(self.motion, values)
        return rest if rest is None or motion is None else Moved(rest, motion)

    @override
    def membership(self, values: Mapping[str, sympy.Expr]) -> Boolean:
        return self.region.membership(self.motion.backward(values))

    @override
    def record(self) -> dict[str, Any]:
        return {"type": "Moved", "region": self.region.record(), **self.motion.record()}

    @override
    def __repr__(self) -> str:
        return f"{operand(self.region)}.{self.motion}"

    def _chart(self, chart: Chart, bounds: Bounds) -> Chart:
        still = [n for n, (low, high) in bounds.items() if np.any(low < high) and n not in self.motion.names]
        moving = chart.dimension - chart.choices - len(still) if np.any(self.motion.stretch != 1) else 0

        def place(unit: NDArray[np.float64]) -> Samples:
            samples = chart.place(unit)
            return Samples(self.motion.forward(samples.points), samples.columns)

        keep = chart.keep
        return replace(
            chart,
            extent=chart.extent * self.motion.stretch**moving,
            place=place,
            keep=None if keep is None else lambda points: keep(self.motion.backward(points)),
            known_share=None,
            factors=(chart,),
        )

    def _face(self, face: Face) -> Face:
        return Face(
            name=face.name,
            bounds=_box_around(face.bounds, self.motion.names, self.motion.forward),
            charts=tuple(self._chart(chart, face.bounds) for chart in face.charts),
            encloses=lambda points: face.encloses(self.motion.backward(points)),
            normal=lambda points: self.motion.turned(face.normal(self.motion.backward(points))),
        )


def translated(region: AbstractRegion, shift: Mapping[str, Any]) -> Moved:
    """The region, shifted by name."""
    if not shift:
        message = f"`{operand(region)}.translate()` moves nothing. Write for example `.translate({region.names[0]}=1)`."
        raise GeometryError(message)
    return Moved(region, Translation(_position(shift, "translate")))


def rotated(
    region: AbstractRegion, angle: Any, axis: str | None, about: Mapping[str, Any], space: tuple[str, ...]
) -> Moved:
    """The region, turned in its plane of space or about an axis of space.

    Raises:
        GeometryError: The plane is not determined.
    """
    number = number_from(angle, f"rotate({angle})", may_vary=True)
    if (axis is None and len(space) == 2) or (axis in space and len(space) == 3):
        at = 0 if axis is None else space.index(axis) + 1
        plane = space if axis is None else ((*space, *space)[at], (*space, *space)[at + 1])
        return Moved(region, Rotation(number, (plane[0], plane[1]), _position(about, "rotate"), axis))
    message = (
        f"`{operand(region)}.rotate({angle}, axis={axis!r})`: the coordinates of space are {', '.join(space)}. "
        'In two a rotation has no axis, in three it has one of them, `axis="z"`.'
    )
    raise GeometryError(message)


def scaled(region: AbstractRegion, factor: Any, about: Mapping[str, Any], space: tuple[str, ...]) -> Moved:
    """The region, enlarged in space.

    Raises:
        GeometryError: The factor is not positive.
    """
    number = number_from(factor, f"scale({factor})", may_vary=True)
    if not is_open(number) and not number.value > 0:
        message = f"`{operand(region)}.scale({factor})`: the factor must be positive."
        raise GeometryError(message)
    return Moved(region, Scaling(number, space, _position(about, "scale")))


def _position(written: Mapping[str, Any], call: str) -> Position:
    return tuple(
        (name, number_from(value, f"{call}({name}={value})", may_vary=True)) for name, value in written.items()
    )


def _restricted(motion: AbstractMotion, fixed: Mapping[str, Number]) -> AbstractMotion | None:
    """The motion in the coordinates that are left."""
    if isinstance(motion, Translation):
        shift = tuple((name, number) for name, number in motion.shift if name not in fixed)
        return Translation(shift) if shift else None
    about = tuple((name, number) for name, number in getattr(motion, "about", ()) if name not in fixed)
    if isinstance(motion, Scaling):
        space = tuple(name for name in motion.space if name not in fixed)
        return Scaling(motion.factor, space, about) if space else None
    return replace(motion, about=about) if isinstance(motion, Rotation) else None


def _box_around(bounds: Bounds, names: tuple[str, ...], move: Any) -> Bounds:
    """The box around a moved box; infinite along all moved coordinates where the box is in any."""
    moving = {name: bounds[name] for name in names if name in bounds}
    if not all(np.isfinite(end).all() for pair in moving.values() for end in pair):
        return {**bounds, **dict.fromkeys(moving, (-math.inf, math.inf))}
    ends = [move(corner) for corner in corners(moving)]
    lowest, highest = ({n: reduce(pick, (end[n] for end in ends)) for n in moving} for pick in (np.minimum, np.maximum))
    return {**bounds, **{name: (lowest[name], highest[name]) for name in moving}}
