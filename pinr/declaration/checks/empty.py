"""Regions without points."""

from typing import TYPE_CHECKING

from pinr.declaration.checks.check import Remark, Remarks
from pinr.declaration.checks.points import points_and_special_ones
from pinr.errors import PinrError

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem


def empty_regions(problem: "Problem") -> Remarks:
    """A region in which no points are found."""
    for name, constraint in problem.named_constraints.items():
        try:
            points_and_special_ones(constraint.region)
        except PinrError as error:
            yield Remark(name, str(error))
