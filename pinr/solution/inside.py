"""Where the fields of a solution live."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pinr.declaration.problem import Problem
from pinr.geometry.region import AbstractRegion
from pinr.geometry.sampling.low_discrepancy import Sobol

SHADOW_POINTS = 32


def regions_of(problem: Problem, unknown: str) -> tuple[AbstractRegion, ...]:
    """The regions on which an unknown is solved for: those of the highest dimension whose equations contain it.

    An unknown that has no region of the dimension of its coordinates is taken to live wherever the problem does.
    """
    own = [c.region for c in problem.constraints if any(f.label.name == unknown for f in c.unknowns)]
    dimension = next(len(u.coordinates) for u in problem.unknowns if u.name == unknown)
    full = tuple(dict.fromkeys(r for r in own if r.dimension == dimension))
    return full or problem.regions


def is_inside(
    problem: Problem, unknowns: Sequence[str], points: Mapping[str, NDArray[np.float64]]
) -> NDArray[np.bool_]:
    """Which points `(N,)` lie in the regions of all these unknowns, or in those of the problem where none is named.

    A region with coordinates that the points do not have counts by its shadow: a point is inside if it is for some
    value of the others.
    """
    count = len(next(iter(points.values()))) if points else 1
    wanted = [regions_of(problem, name) for name in unknowns] or [problem.regions]
    masks = [np.logical_or.reduce([in_shadow(r, points, count) for r in regions]) for regions in wanted]
    return np.logical_and.reduce(masks)


def in_shadow(region: AbstractRegion, points: Mapping[str, NDArray[np.float64]], count: int) -> NDArray[np.bool_]:
    """Which points lie in a region, or do for some value of those of its coordinates that they do not have."""
    own = {name: values for name, values in points.items() if name in region.names}
    missing = [name for name in region.names if name not in points]
    if not own:
        return np.ones(count, dtype=bool)
    if not missing:
        return region.contains(own)
    samples = region.sample(SHADOW_POINTS, sampler=Sobol(), seed=0)
    found = np.zeros(count, dtype=bool)
    for number in range(samples.count):
        if found.all():
            break
        found |= region.contains({**own, **{name: samples.points[name][number] for name in missing}})
    return found
