"""Boxes around regions, as plain numbers by coordinate name."""

import itertools
from collections.abc import Iterator, Mapping

import numpy as np

Bounds = Mapping[str, tuple[float, float]]


def are_apart(first: Bounds, second: Bounds) -> bool:
    """Whether two boxes have no common point, by the coordinates that both have."""
    return any(first[n][1] < second[n][0] or second[n][1] < first[n][0] for n in first if n in second)


def overlap(first: Bounds, second: Bounds) -> Bounds:
    """The common part of two boxes; empty where a lower bound exceeds the upper."""
    names = [*first, *(name for name in second if name not in first)]
    both = {n: [box[n] for box in (first, second) if n in box] for n in names}
    return {n: (max(low for low, _ in b), min(high for _, high in b)) for n, b in both.items()}


def hull(first: Bounds, second: Bounds) -> Bounds:
    """The smallest box around two boxes of the same coordinates."""
    return {n: (min(low, second[n][0]), max(high, second[n][1])) for n, (low, high) in first.items()}


def widened(bounds: Bounds, margin: float) -> Bounds:
    """The box, larger by a margin on every side."""
    return {name: (low - margin, high + margin) for name, (low, high) in bounds.items()}


def largest_extent(bounds: Bounds) -> float:
    """Length of the longest edge."""
    return float(max(np.max(high - low) for low, high in bounds.values()))


def corners(bounds: Bounds) -> Iterator[dict[str, float]]:
    """The corners of a box; constant coordinates count once."""
    ends = [(low,) if np.array_equal(low, high) else (low, high) for low, high in bounds.values()]
    return (dict(zip(bounds, corner, strict=True)) for corner in itertools.product(*ends))
