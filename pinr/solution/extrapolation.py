"""Places at which fields are asked for, but were not trained: whatever networks give there is no part of a solution."""

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import sympy
from numpy.typing import NDArray

from pinr.declaration.problem import Problem
from pinr.geometry.region import AbstractRegion
from pinr.language.fields import Unknown, fields_in
from pinr.language.integrals import RegionIntegral
from pinr.language.operators import Expression
from pinr.solution.inside import in_shadow, regions_of

Array = NDArray[np.float64]
Points = Mapping[str, Array]

MARGIN = 1e-3  # of the region's size: vertices of meshes and rounded numbers are that near, smooth fields do not mind
ROUNDING = 1e-9  # of a coordinate: where a region has no extent


class ExtrapolationWarning(UserWarning):
    """A field is asked for outside the regions on which it was trained."""


def warn_of_extrapolation(
    problem: Problem, unknowns: Sequence[str], points: Points, written: str, *, depth: int
) -> None:
    """Say how many of the points `(N,)` are outside, and where the first is.

    Args:
        problem: What was solved.
        unknowns: The names of what is asked for.
        points: Where, by coordinate.
        written: What the user wrote.
        depth: How many calls up the user is, as `warnings.warn` counts.
    """
    for unknown in unknowns if points else ():
        beyond = is_beyond(problem, unknown, points)
        if beyond.any():
            first = np.flatnonzero(beyond)[0]
            place = ", ".join(f"{name} = {values[first]:g}" for name, values in points.items())
            several = f"{np.count_nonzero(beyond)} of {beyond.size} points lie" if beyond.size > 1 else "the point lies"
            message = (
                f"{written}: {several} outside the regions on which `{unknown}` was trained"
                f"{', the first' if beyond.size > 1 else ''} at {place}. What is given there means nothing: leave such "
                "points out, or take `grid(...)`, which has NaN there."
            )
            warnings.warn(message, ExtrapolationWarning, stacklevel=depth)
            return


def is_here(expression: Expression) -> bool:
    """Whether unknowns are meant at the points themselves, not at other arguments or under an integral."""
    unknowns = [field for field in fields_in(expression) if isinstance(field, Unknown)]
    return not expression.has(sympy.Subs, RegionIntegral) and all(field.is_at_home for field in unknowns)


def is_beyond(problem: Problem, unknown: str, points: Points) -> NDArray[np.bool_]:
    """Which points `(N,)` are farther outside the regions of an unknown than a small part of their size.

    Between points of measurements, a scan, or on a boundary alone, a field is wanted: such regions count as their box.
    """
    count = len(next(iter(points.values())))
    beyond = np.ones(count, dtype=bool)
    for region in regions_of(problem, unknown):
        asked = np.flatnonzero(beyond)
        beyond[asked] = ~_is_near(region, {name: values[asked] for name, values in points.items()})
    return beyond


def _is_near(region: AbstractRegion, points: Points) -> NDArray[np.bool_]:
    """Which points are in a region, or would be after a short way along an axis."""
    bounds = region.bounds
    found = np.ones(len(next(iter(points.values()))), dtype=bool)
    own: dict[str, Array] = {}
    margins = {}
    for name in (n for n in region.names if n in points):
        low, high = bounds[name]
        margins[name] = MARGIN * (high - low)
        values = low + np.mod(points[name] - low, high - low) if name in region.periodic else points[name]
        own[name] = np.clip(values, low, high)
        found &= np.abs(own[name] - values) <= margins[name] + ROUNDING * max(abs(low), abs(high))
    if not own or region.dimension < len(region.names):
        return found
    ways = [{}, *({name: sign * margin} for name, margin in margins.items() for sign in (-1.0, 1.0))]
    open_to = np.flatnonzero(found)
    found[open_to] = False
    for way in ways:
        if not open_to.size:
            break
        there = {n: np.clip(values[open_to] + way.get(n, 0.0), *bounds[n]) for n, values in own.items()}
        found[open_to] = in_shadow(region, there, open_to.size)
        open_to = open_to[~found[open_to]]
    return found
