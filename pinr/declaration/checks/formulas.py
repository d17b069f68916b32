"""Known parts of equations, tried at points of their regions."""

from typing import TYPE_CHECKING

import numpy as np
import sympy

from pinr.declaration.checks.check import Remark, Remarks
from pinr.declaration.checks.coefficients import coefficient_values
from pinr.declaration.checks.points import place, points_if_any
from pinr.declaration.constraint import Constraint
from pinr.errors import DeclarationError
from pinr.language.coordinates import Coordinate
from pinr.language.evaluation import evaluate
from pinr.language.fields import Field
from pinr.language.operators import DifferentialOperator

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem


def formulas_without_a_rule(problem: "Problem") -> Remarks:
    """Functions of the coordinates that nothing here can evaluate."""
    for name, constraint in problem.named_constraints.items():
        points = points_if_any(constraint.region)
        if points is None:
            continue
        for part in _known_parts(constraint):
            try:
                evaluate(part, points)
            except DeclarationError as error:
                yield Remark(name, str(error))


def formulas_that_are_not_finite(problem: "Problem") -> Remarks:
    """Sources and coefficients that are infinite or no number somewhere, with the first such point."""
    for name, constraint in problem.named_constraints.items():
        points = points_if_any(constraint.region)
        if points is None:
            continue
        tried = []
        for part in _known_parts(constraint):
            try:
                tried.append((part, evaluate(part, points)))
            except DeclarationError:
                continue  # another check speaks of it
        tried += list(coefficient_values(constraint, points).items())
        for part, values in tried:
            values = np.broadcast_to(values, next(iter(points.values())).shape)
            bad = np.flatnonzero(~np.isfinite(values))
            if bad.size:
                message = (
                    f"`{part}` is {values[bad[0]]} at {place(points, bad[0])}. Rewrite it so that it is finite in the "
                    "whole region, with `Piecewise` where needed."
                )
                yield Remark(name, message)


def _known_parts(constraint: Constraint) -> list[sympy.Expr]:
    """Sums and factors of the residuals that are formulas in bound coordinates alone."""
    bound = set(constraint.region.names)
    parts: dict[sympy.Expr, None] = {}

    def is_formula(node: sympy.Basic) -> bool:
        opaque = any(isinstance(n, Field | sympy.Subs | sympy.Derivative) for n in sympy.preorder_traversal(node))
        symbols = node.atoms(sympy.Symbol)
        return not opaque and bool(symbols) and all(isinstance(s, Coordinate) and s.name in bound for s in symbols)

    def visit(node: sympy.Basic) -> None:
        if not isinstance(node, sympy.Expr) or isinstance(node, Field | DifferentialOperator):
            return
        if is_formula(node):
            if node.args:
                parts[node] = None
            return
        if isinstance(node, sympy.Add | sympy.Mul):
            formulas = [a for a in node.args if is_formula(a)]
            if formulas and any(a.args for a in formulas):
                parts[node.func(*formulas)] = None
            for child in node.args:
                if child not in formulas:
                    visit(child)
            return
        if not isinstance(node, sympy.Piecewise):
            for child in node.args:
                visit(child)

    for component in constraint.components:
        visit(component)
    return list(parts)
