"""Conditions at places where nothing else holds."""

from typing import TYPE_CHECKING

import numpy as np

from pinr.declaration.checks.check import Remark, Remarks
from pinr.declaration.checks.places import constraints_inside, uses
from pinr.declaration.checks.points import points_if_any

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem


def conditions_outside_the_region(problem: "Problem") -> Remarks:
    """A condition, or a measured point, that lies outside the regions where the unknown's equations hold.

    Networks are scaled to all points that a problem names: one in other units ruins the scaling for all.
    """
    for unknown in problem.unknowns:
        inside = constraints_inside(problem, unknown)
        regions = [c.region for c in inside.values()]
        for name, constraint in problem.named_constraints.items():
            if not regions or name in inside or not uses(constraint, unknown) or not constraint.is_pointwise:
                continue
            if not any(f.is_at_home for f in constraint.unknowns if f.label in unknown.labels):
                continue
            points = points_if_any(constraint.region)
            if points is None or any(set(region.names) - set(points) for region in regions):
                continue
            outside = ~np.logical_or.reduce([region.contains(points) for region in regions])
            if outside.any():
                place = ", ".join(f"{n} = {values[outside][0]:g}" for n, values in points.items())
                message = (
                    f"it says something about `{unknown.name}` at {place}, outside "
                    f"`{' and '.join(map(repr, regions))}`, where the equations of `{unknown.name}` hold. Check its "
                    "coordinates and their units, or enlarge the region."
                )
                yield Remark(name, message)
                break
