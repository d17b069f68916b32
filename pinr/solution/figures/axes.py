"""Which coordinates a figure shows, and which it fixes."""

import numbers
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pinr.declaration.problem import Problem
from pinr.language.coordinates import Coordinate
from pinr.solution.axes import is_number

LINE_COUNT, IMAGE_COUNT, SNAPSHOT_COUNT = 401, 301, 161
SNAPSHOTS = 4
MOST_SNAPSHOTS = 6


def shown_axes(problem: Problem, coordinates: Sequence[Coordinate], written: Mapping[str, Any]) -> dict[str, Any]:
    """Axes for `grid` with at most three free ones, the last of which to be shown by a few snapshots.

    What is too much is fixed: a family in its middle, time of a solid at the end, further space in the middle.
    """
    chosen = {name: value for name, value in written.items() if any(c.name == name for c in coordinates)}
    free = [c for c in coordinates if not is_number(chosen.get(c.name))]
    for coordinate in _dispensable(free, chosen):
        low, high = problem.bounds[coordinate.name]
        chosen[coordinate.name] = high if coordinate.role == "time" else (low + high) / 2
        free.remove(coordinate)
    series = snapshot_coordinate(free)
    for coordinate in free:
        if coordinate == series:
            chosen[coordinate.name] = _few(problem, coordinate, chosen.get(coordinate.name))
        else:
            count = {1: LINE_COUNT, 2: IMAGE_COUNT}.get(len(free), SNAPSHOT_COUNT)
            chosen.setdefault(coordinate.name, count)
    return chosen


def snapshot_coordinate(free: Sequence[Coordinate]) -> Coordinate | None:
    """Of three or more coordinates the one along which snapshots follow: time, a family, or the last of space."""
    if len(free) < 3:
        return None
    return next((c for role in ("time", "varying") for c in free if c.role == role), free[-1])


def _dispensable(free: Sequence[Coordinate], written: Mapping[str, Any]) -> list[Coordinate]:
    """What to fix so that three are left, first to go first; what the user has written stays as long as it can."""
    space = [c for c in free if c.role == "space"]
    time = [c for c in free if c.role == "time"]
    varying = [c for c in free if c.role == "varying"]
    order = [*reversed(varying), *(time if len(space) > 2 else []), *reversed(space[2:])]
    order += [c for c in (*time, *reversed(space)) if c not in order]
    order.sort(key=lambda c: c.name in written)
    return order[: max(0, len(free) - 3)]


def _few(problem: Problem, coordinate: Coordinate, written: Any) -> Any:
    if written is None or isinstance(written, numbers.Integral):
        count = SNAPSHOTS if written is None else int(written)
        low, high = problem.bounds[coordinate.name]
        if coordinate.role == "space":  # slices inside, where there is more to see than on the faces
            return low + (high - low) * (np.arange(count) + 0.5) / count
        return np.linspace(low, high, count)
    positions = np.asarray(written, dtype=float)
    picked = np.unique(np.linspace(0, len(positions) - 1, min(len(positions), MOST_SNAPSHOTS)).round().astype(int))
    return positions[picked]
