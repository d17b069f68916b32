"""Regions without points."""

from typing import TYPE_CHECKING

from pinr.declaration.checks.check import Remark, Remarks
from pinr.declaration.checks.points import sought_points
from pinr.errors import PinrError

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem


def empty_regions(problem: "Problem") -> Remarks:
    """A region in which no points are found."""
    for name, constraint in problem.named_constraints.items():
        found = sought_points(constraint.region)
        if isinstance(found, PinrError):
            yield Remark(name, str(found))
