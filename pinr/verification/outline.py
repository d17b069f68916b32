"""The outline of a plane region: curves with exact parametrisations, and the corners where they meet."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import final

import numpy as np
from numpy.typing import NDArray

from pinr.geometry.chart import Chart
from pinr.geometry.face import Face
from pinr.geometry.region import AbstractRegion
from pinr.verification.conditions import BoundaryCondition, Dirichlet
from pinr.verification.unverifiable import UnverifiableError

Array = NDArray[np.float64]
Places = Callable[[Array], Array]

SCAN = 2048  # positions along a curve at which changes are looked for; shorter parts are missed
SNAP = 1e-5  # of the diameter: ends of curves that are nearer are one corner
CORNER_RADIUS = 1e-3  # of the diameter: circle on which the interior angle is measured
DIRECTIONS = 720
STRAIGHT = 0.02  # in radians; a joint of curves that is this near to straight is none


@final
@dataclass(frozen=True, eq=False)
class Curve:
    """A piece of the outline on which one condition holds: `place` maps parameters in `[start, end]` to `(2, N)`."""

    place: Places
    start: float
    end: float
    condition: int

    def ends(self) -> Array:
        """Both ends, `(2, 2)`, one per column."""
        return self.place(np.array([self.start, self.end]))


@final
@dataclass(frozen=True, eq=False)
class Corner:
    """A point where curves meet, with the exponent `α` of the leading singularity `r^α`, infinite at a smooth joint."""

    position: Array
    exponent: float

    @property
    def is_singular(self) -> bool:
        """Whether the gradient is unbounded there, the tolerance of the measured angle left aside."""
        return self.exponent < 0.99


@final
@dataclass(frozen=True, eq=False)
class Outline:
    """The boundary curves of a plane region, ready to be meshed inside."""

    curves: tuple[Curve, ...]
    corners: tuple[Corner, ...]
    diameter: float


def outline_of(
    region: AbstractRegion,
    faces: Sequence[Face],
    names: tuple[str, str],
    conditions: Sequence[BoundaryCondition],
    when: Mapping[str, float],
) -> Outline:
    """The outline of a region with one condition on every curve.

    Args:
        region: A plane region; its time, if it has one, is fixed.
        faces: What bounds it.
        names: The two coordinates of space.
        conditions: What holds on the boundary.
        when: A time at which all of the conditions hold, by name.

    Raises:
        UnverifiableError: The boundary is no set of parametrised curves, does not close, or has a part without a
            condition, or with two.
    """
    curves: list[Curve] = []
    for face in faces:
        for chart in face.charts:
            curves += _curves_of(chart, names, conditions, when, face.name)
    lows, highs = np.array([region.bounds[n] for n in names]).T
    diameter = float(np.linalg.norm(highs - lows))
    corners = _corners(region, names, when, curves, conditions, diameter)
    return Outline(tuple(curves), corners, diameter)


def condition_at(points: Mapping[str, Array], conditions: Sequence[BoundaryCondition], part: str) -> NDArray[np.int_]:
    """The number of the condition that holds at each point of the boundary.

    Raises:
        UnverifiableError: There is none somewhere, or more than one.
    """
    masks = np.array([c.region.contains(points) for c in conditions], dtype=bool).reshape(len(conditions), -1)
    count = masks.sum(axis=0)
    if (count != 1).any():
        what = "no condition" if (count == 0).any() else "more than one condition"
        message = f"{what} holds on a piece of the boundary part {part!r}."
        raise UnverifiableError(message)
    return np.argmax(masks, axis=0)


def _curves_of(
    chart: Chart,
    names: tuple[str, str],
    conditions: Sequence[BoundaryCondition],
    when: Mapping[str, float],
    part: str,
) -> list[Curve]:
    if chart.dimension != 1:
        message = f"the boundary part {part!r} is no curve."
        raise UnverifiableError(message)

    def points(parameters: Array) -> dict[str, Array]:
        placed = chart.place(parameters[:, None]).points
        return {**placed, **{name: np.full(len(parameters), value) for name, value in when.items()}}

    def place(parameters: Array) -> Array:
        placed = chart.place(parameters[:, None]).points
        return np.stack([placed[name] for name in names])

    def signature(parameters: Array) -> NDArray[np.int_]:
        """A number that changes where the curve enters or leaves the region's boundary or a condition's part."""
        at = points(parameters)
        kept = np.ones(len(parameters), bool) if chart.keep is None else chart.keep(at)
        held = [c.region.contains(at) for c in conditions]
        return np.where(kept, 1 + sum(2**k * m for k, m in enumerate(held)), 0)

    centers = (np.arange(SCAN) + 0.5) / SCAN
    found = signature(centers)
    changes = np.flatnonzero(np.diff(found))
    breaks = [0.0, *(_bisected(signature, centers[k], centers[k + 1]) for k in changes), 1.0]
    curves = []
    for number, (start, end) in enumerate(pairwise(breaks)):
        middle = centers[changes[number]] if number < len(changes) else centers[-1]
        if signature(np.array([middle]))[0] > 0:
            holding = condition_at(points(np.array([middle])), conditions, part)
            curves.append(Curve(place, start, end, int(holding[0])))
    return curves


def _bisected(signature: Callable[[Array], NDArray[np.int_]], low: float, high: float) -> float:
    before = signature(np.array([low]))[0]
    for _ in range(60):
        middle = (low + high) / 2
        if signature(np.array([middle]))[0] == before:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _corners(
    region: AbstractRegion,
    names: tuple[str, str],
    when: Mapping[str, float],
    curves: list[Curve],
    conditions: Sequence[BoundaryCondition],
    diameter: float,
) -> tuple[Corner, ...]:
    places: list[Array] = []
    meeting: list[list[int]] = []
    for number, curve in enumerate(curves):
        for end in curve.ends().T:
            near = [k for k, p in enumerate(places) if np.linalg.norm(p - end) <= SNAP * diameter]
            if near:
                meeting[near[0]].append(number)
            else:
                places.append(end)
                meeting.append([number])
    corners = []
    for place, numbers in zip(places, meeting, strict=True):
        if len(numbers) % 2:
            where = ", ".join(f"{n} = {p:.4g}" for n, p in zip(names, place, strict=True))
            message = f"the boundary is not closed at {where} (is the region periodic?)."
            raise UnverifiableError(message)
        angle = _interior_angle(region, names, when, place, CORNER_RADIUS * diameter)
        kinds = {isinstance(conditions[curves[k].condition], Dirichlet) for k in numbers}
        joint = len(numbers) == 2 and len(kinds) == 1 and abs(angle - np.pi) < STRAIGHT
        exponent = np.inf if joint else np.pi / angle / len(kinds)
        corners.append(Corner(place, float(exponent)))
    return tuple(corners)


def _interior_angle(
    region: AbstractRegion, names: tuple[str, str], when: Mapping[str, float], place: Array, radius: float
) -> float:
    directions = 2 * np.pi * (np.arange(DIRECTIONS) + 0.5) / DIRECTIONS
    around = place[:, None] + radius * np.stack([np.cos(directions), np.sin(directions)])
    fixed = {name: np.full(DIRECTIONS, low) for name, (low, _) in region.bounds.items() if name not in names}
    inside = region.contains({**fixed, **dict(zip(names, around, strict=True))})
    return 2 * np.pi * max(float(inside.mean()), 1 / DIRECTIONS)
