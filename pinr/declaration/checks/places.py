"""Where an unknown is constrained: inside its region, on the boundary, at the initial time."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import sympy

from pinr.declaration.constraint import Constraint
from pinr.declaration.unknowns import UnknownField
from pinr.language.fields import Label, Unknown
from pinr.language.operators import DifferentialOperator

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem


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
    """Whether the values of the unknown are given inside, as in an inverse problem."""
    constraints = constraints_inside(problem, unknown).values()
    return any(max(orders(r, unknown.labels), default=-1) == 0 for c in constraints for r in c.components)


def names_of_role(unknown: UnknownField, role: str) -> tuple[str, ...]:
    """The unknown's coordinates of a role."""
    return tuple(c.name for c in unknown.coordinates if c.role == role)


def orders(
    expression: sympy.Basic, labels: Collection[Label], coordinates: Collection[str] | None = None
) -> tuple[int, ...]:
    """The orders in which some components are differentiated, by these coordinates or in all, once per place."""
    if isinstance(expression, DifferentialOperator):
        return orders(expression.doit(), labels, coordinates)
    if isinstance(expression, sympy.Derivative) and isinstance(expression.expr, Unknown):
        counts = (int(n) for v, n in expression.variable_count if coordinates is None or v.name in coordinates)
        return (sum(counts),) if expression.expr.label in labels else ()
    if isinstance(expression, Unknown):
        return (0,) if expression.label in labels else ()
    return tuple(order for child in expression.args for order in orders(child, labels, coordinates))
