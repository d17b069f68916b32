"""Constants that nothing determines."""

from typing import TYPE_CHECKING

import sympy

from pinr.declaration.checks.boundary_conditions import constraint_without_boundary_condition
from pinr.declaration.checks.check import Remark, Remarks
from pinr.declaration.checks.initial_conditions import missing_initial_condition
from pinr.declaration.checks.places import first_use
from pinr.language.fields import Label, Unknown
from pinr.language.operators import DifferentialOperator

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem


def free_constants(problem: "Problem") -> Remarks:
    """An unknown that occurs only differentiated is determined up to a constant."""
    for unknown in problem.unknowns:
        residuals = [r for c in problem.constraints for r in c.components]
        free = [label for label in unknown.labels if not any(_feels_a_constant(r, label) for r in residuals)]
        if not free or missing_initial_condition(problem, unknown):
            continue  # the condition that is missing may determine the constant
        if constraint_without_boundary_condition(problem, unknown):
            continue
        for label in free:
            message = (
                f"`{label.text}` occurs through its derivatives only (pure Neumann conditions, or gradient data), "
                "so it is determined up to a constant. Fix it at a point or on part of the boundary."
            )
            yield Remark(first_use(problem, unknown), message)


def _feels_a_constant(expression: sympy.Basic, label: Label) -> bool:
    """Whether a component stands in an expression undifferentiated, so that a constant added to it matters."""
    if isinstance(expression, Unknown):
        return expression.label == label
    if isinstance(expression, sympy.Derivative):
        return False
    inside = any(_feels_a_constant(child, label) for child in expression.args)
    if inside and isinstance(expression, DifferentialOperator):
        return _changes_under_the_operator(expression, label)
    return inside


def _changes_under_the_operator(operator: DifferentialOperator, label: Label) -> bool:
    """Whether `∂/∂c` of an operator on an expression in `u + c` is other than 0: not of `Δu`, but of `Δ(x² u)`."""
    derivatives = {d: sympy.Dummy() for d in operator.operand.atoms(sympy.Derivative)}
    masked = operator.operand.xreplace(derivatives)  # a constant changes none of these
    constant = sympy.Dummy("c", real=True)
    plain = {field: field + constant for field in masked.atoms(Unknown) if field.label == label}
    change = masked.xreplace(plain).diff(constant).subs(constant, 0)
    unmasked = change.xreplace({dummy: derivative for derivative, dummy in derivatives.items()})
    return operator.func(unmasked, operator.args[1]).doit() != 0
