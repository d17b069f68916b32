"""Constants that nothing determines."""

from typing import TYPE_CHECKING

from pinr.declaration.checks.boundary_conditions import constraint_without_boundary_condition
from pinr.declaration.checks.check import Remark, Remarks
from pinr.declaration.checks.initial_conditions import missing_initial_condition
from pinr.declaration.checks.places import first_use, orders

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem


def free_constants(problem: "Problem") -> Remarks:
    """An unknown that occurs only differentiated is determined up to a constant."""
    for unknown in problem.unknowns:
        if constraint_without_boundary_condition(problem, unknown) or missing_initial_condition(problem, unknown):
            continue  # the condition that is missing may determine the constant
        for label in unknown.labels:
            found = [o for c in problem.constraints for r in c.components for o in orders(r, [label])]
            if found and min(found) > 0:
                message = (
                    f"`{label.text}` occurs through its derivatives only (pure Neumann conditions, or gradient data), "
                    "so it is determined up to a constant. Fix it at a point or on part of the boundary."
                )
                yield Remark(first_use(problem, unknown), message)
