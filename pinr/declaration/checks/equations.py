"""Equations that determine nothing, and unknowns that nothing determines."""

from typing import TYPE_CHECKING

import sympy

from pinr.declaration.checks.check import Remark, Remarks
from pinr.declaration.checks.places import constraints_inside, first_use
from pinr.language.fields import Unknown
from pinr.language.parameters import Parameter

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem


def constraints_without_unknowns(problem: "Problem") -> Remarks:
    """An equation in which nothing is to be found."""
    for name, constraint in problem.named_constraints.items():
        for equation in constraint.equations:
            if not any(isinstance(node, Unknown | Parameter) for node in sympy.preorder_traversal(equation)):
                message = f"`{equation}` has no unknown in it, so nothing can make it true. Remove it."
                yield Remark(name, message)


def unknowns_without_an_equation_inside(problem: "Problem") -> Remarks:
    """An unknown that no constraint of full dimension determines."""
    for unknown in problem.unknowns:
        if not constraints_inside(problem, unknown):
            message = (
                f"`{unknown.name}` occurs in no equation inside the region, so it is not determined there. "
                "Add its equation, or remove it."
            )
            yield Remark(first_use(problem, unknown), message)


def unknowns_in_inequalities_only(problem: "Problem") -> Remarks:
    """An unknown that is only bounded: many functions satisfy inequalities."""
    for unknown in problem.unknowns:
        inside = constraints_inside(problem, unknown)
        equations = [(name, e) for name, c in inside.items() for e in c.equations if e.has(*unknown.labels)]
        if equations and not any(isinstance(e, sympy.Eq) or not e.is_Relational for _, e in equations):
            name, inequality = equations[0]
            message = (
                f"`{unknown.name}` occurs inside the region in inequalities only, such as `{inequality}`, which many "
                "functions satisfy. Add its equation."
            )
            yield Remark(name, message)
