"""Where an unknown is constrained: inside its region, on the boundary, at the initial time."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import sympy

from pinr.declaration.constraint import Constraint
from pinr.declaration.unknowns import UnknownField
from pinr.language.fields import Label, Unknown
from pinr.language.operators import DifferentialOperator, Divergence, Laplacian

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem

ORDER_OF: Mapping[type[DifferentialOperator], int] = {Laplacian: 2, Divergence: 1}


def uses(constraint: Constraint, unknown: UnknownField) -> bool:
    """Whether the unknown, or a component of it, stands in the equations."""
    return any(field.label in unknown.labels for field in constraint.unknowns)


def first_use(problem: "Problem", unknown: UnknownField) -> str:
    """The first constraint in which the unknown stands."""
    return next(name for name, c in problem.named_constraints.items() if uses(c, unknown))


def constraints_inside(problem: "Problem", unknown: UnknownField) -> Mapping[str, Constraint]:
    """The constraints on the unknown that hold on regions of full dimension: not on boundaries, slices or points."""
    dimension = min(problem.dimension, len(unknown.coordinates))
    named = problem.named_constraints.items()
    return {name: c for name, c in named if c.region.dimension >= dimension and uses(c, unknown)}


def has_values_inside(problem: "Problem", unknown: UnknownField) -> bool:
    """Whether the values of the unknown are given inside or at measured points, as in an inverse problem."""
    constraints = [
        *constraints_inside(problem, unknown).values(),
        *(c for c in problem.constraints if c.region.measured()),
    ]
    return any(highest_order(r, unknown.labels) == 0 for c in constraints for r in c.components)


def names_of_role(unknown: UnknownField, role: str) -> tuple[str, ...]:
    """The unknown's coordinates of a role."""
    return tuple(c.name for c in unknown.coordinates if c.role == role)


def highest_order(
    expression: sympy.Basic, labels: Collection[Label], coordinates: Collection[str] | None = None
) -> int:
    """The highest order in which some components are differentiated, by these coordinates or in all; −1 without them.

    Operators are not expanded, which takes seconds for the stress of a large deformation.
    """
    if isinstance(expression, DifferentialOperator):
        inner = highest_order(expression.operand, labels, coordinates)
        acts = coordinates is None or any(c.name in coordinates for c in expression.coordinates)
        return inner + ORDER_OF[type(expression)] if acts and inner >= 0 else inner
    if isinstance(expression, sympy.Derivative) and isinstance(expression.expr, Unknown):
        counts = (int(n) for v, n in expression.variable_count if coordinates is None or v.name in coordinates)
        return sum(counts) if expression.expr.label in labels else -1
    if isinstance(expression, Unknown):
        return 0 if expression.label in labels else -1
    return max((highest_order(child, labels, coordinates) for child in expression.args), default=-1)
