"""Along which coordinates a network must be periodic, and with which period."""

import math
from collections.abc import Mapping
from dataclasses import fields

import torch
from torch import nn

from pinr.compiler.fields import Assignment
from pinr.declaration.problem import Problem
from pinr.errors import DeclarationError
from pinr.geometry.region import AbstractRegion

Interval = tuple[float, float]
CHECKED_POINTS = 8
TOLERANCE = 1e-8  # relative, in float64: rounding of sines and cosines of a few multiples of 2π is far below


def periodic_intervals(problem: Problem, assignment: Assignment) -> dict[str, Interval]:
    """One period along every coordinate in which a region of the network's unknowns is periodic.

    Raises:
        DeclarationError: Two regions have different periods.
    """
    own = {u.name for u in assignment.unknowns}
    found: dict[str, Interval] = {}
    for constraint in problem.constraints:
        if own.isdisjoint(u.label.name for u in constraint.unknowns):
            continue
        for name in constraint.region.periodic:
            if name not in assignment.inputs:
                continue
            low, high = _period(constraint.region, name)
            before = found.setdefault(name, (low, high))
            if not math.isclose(high - low, before[1] - before[0], rel_tol=1e-12):
                message = (
                    f"{constraint.described}: its region has the period {high - low:g} along {name}, another region of "
                    f"{', '.join(sorted(own))} has {before[1] - before[0]:g}. Give them the same period, or unknowns "
                    "of their own with a network for each."
                )
                raise DeclarationError(message)
    return found


def _period(region: AbstractRegion, name: str) -> Interval:
    """The interval of the box that goes around; what is cut out of it may have narrower bounds, and the same period."""
    for field in fields(region):  # type: ignore[arg-type]
        value = getattr(region, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, AbstractRegion) and name in part.periodic:
                return _period(part, name)
    return region.bounds[name]


def check_periodic(
    assignment: Assignment,
    module: nn.Module,
    bounds: Mapping[str, Interval],
    periodic: Mapping[str, Interval],
) -> None:
    """Compare a module, in float64, at both ends of every period.

    Raises:
        DeclarationError: It is not periodic. A recipe always is; a user's own module must see to it.
    """
    generator = torch.Generator().manual_seed(0)
    low, high = torch.tensor([bounds[name] for name in assignment.inputs], dtype=torch.float64).unbind(1)
    drawn = torch.rand(CHECKED_POINTS, len(low), generator=generator, dtype=torch.float64)
    points = low + (high - low) * drawn
    for name, interval in periodic.items():
        column = assignment.inputs.index(name)
        ends = points.repeat(2, 1)
        ends[:, column] = torch.tensor(interval, dtype=torch.float64).repeat_interleave(CHECKED_POINTS)
        with torch.no_grad():
            first, last = module(ends).chunk(2)
        if not torch.allclose(first, last, rtol=TOLERANCE, atol=TOLERANCE):
            message = (
                f"The region is periodic in {name}, and the module of `{assignment.name}` is not: it differs at "
                f"{name} = {interval[0]:g} and {name} = {interval[1]:g}. Let it see {name} only through "
                f"cos(2π({name} − low)/L) and sin(2π({name} − low)/L), or give a recipe, which does so by itself."
            )
            raise DeclarationError(message)
