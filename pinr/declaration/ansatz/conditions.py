"""Conditions that prescribe a value or a derivative of one component of an unknown."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import sympy

from pinr.declaration.constraint import Constraint
from pinr.geometry.region import AbstractRegion
from pinr.language.coordinates import Coordinate
from pinr.language.fields import Label, Unknown
from pinr.language.integrals import RegionIntegral
from pinr.language.operators import DifferentialOperator

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem


@final
@dataclass(frozen=True)
class Condition:
    """`∂^order u/∂along^order = value` on a region; `along` is None of a condition on the value itself.

    Attributes:
        constraint: Its name.
        number: Which component of the constraint it is.
        demanded: What the user said about meeting it exactly: True, False, or None for nothing.
    """

    constraint: str
    number: int
    region: AbstractRegion
    label: Label
    value: sympy.Expr
    along: Coordinate | None
    order: int
    demanded: bool | None


def conditions_of(problem: "Problem") -> Iterator[Condition]:
    """Every component of a constraint that can be solved for one unknown, or one derivative of it, at points."""
    for name, constraint in problem.named_constraints.items():
        if constraint.region.dimension < len(constraint.region.names):
            for number, residual in enumerate(constraint.components):
                found = _condition(name, number, constraint, residual)
                if found is not None:
                    yield found


def _condition(name: str, number: int, constraint: Constraint, residual: sympy.Expr) -> Condition | None:
    if residual.has(DifferentialOperator, RegionIntegral, sympy.Subs):
        return None
    fields = residual.atoms(Unknown)
    derivatives = residual.atoms(sympy.Derivative)
    if len(fields) != 1 or len(derivatives) > 1:
        return None
    (field,) = fields
    if not field.is_at_home:
        return None
    along, order, node = None, 0, field
    if derivatives:
        (node,) = derivatives
        if node.expr != field or len(node.variable_count) != 1:
            return None
        ((along, order),) = node.variable_count
    place = sympy.Dummy("value", real=True)
    affine = residual.xreplace({node: place})
    slope = affine.diff(place)
    if not slope.is_number or slope == 0:
        return None
    value = -affine.xreplace({place: sympy.S.Zero}) / slope
    return Condition(name, number, constraint.region, field.label, value, along, int(order), demanded_of(constraint))


def demanded_of(constraint: Constraint) -> bool | None:
    """What the user said about meeting it exactly: whoever weighs a condition wants it in the loss."""
    if constraint.exact is None and (constraint.weight is not None or constraint.loss != "l2"):
        return False
    return constraint.exact
