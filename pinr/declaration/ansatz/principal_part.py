"""Whether the highest derivatives of an equation are those of the Laplacian."""

from typing import TYPE_CHECKING

import sympy

from pinr.language.coordinates import Coordinate
from pinr.language.fields import Label, Unknown
from pinr.language.operators import DifferentialOperator

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem


def has_laplacian(problem: "Problem", label: Label, coordinates: tuple[Coordinate, ...]) -> bool:
    """Whether the only equation inside with second derivatives of a component is `k Δu + …`.

    The rest may have the values and first derivatives of the component, and the values of other unknowns: derivatives
    of others, as the pressure in Stokes' equations, change the exponents at corners.
    """
    names = {c.name for c in coordinates}
    inside = [
        residual
        for c in problem.constraints
        if c.region.dimension == len(c.region.names) and set(c.region.names) == names
        for residual in c.components
        if residual.has(DifferentialOperator, sympy.Derivative)
        and any(f.label == label for f in residual.atoms(Unknown))
    ]
    return len(inside) == 1 and _is_laplacian(inside[0], label, coordinates)


def _is_laplacian(residual: sympy.Expr, label: Label, coordinates: tuple[Coordinate, ...]) -> bool:
    expanded = residual.replace(lambda n: isinstance(n, DifferentialOperator), lambda n: n.doit())
    slopes = {}
    for derivative in expanded.atoms(sympy.Derivative):
        if not isinstance(derivative.expr, Unknown) or derivative.expr.label != label or not derivative.expr.is_at_home:
            return False
        place = sympy.Dummy()
        slopes[derivative.variable_count] = expanded.xreplace({derivative: place}).diff(place)
    orders = {counts: sum(int(n) for _, n in counts) for counts in slopes}
    leading = [counts for counts, order in orders.items() if order >= 2]
    pure = {sympy.Tuple(sympy.Tuple(c, 2)) for c in coordinates}
    if max(orders.values(), default=0) != 2 or {sympy.Tuple(*counts) for counts in leading} != pure:
        return False
    first, *others = (slopes[counts] for counts in leading)
    return first != 0 and all(sympy.expand(first - other) == 0 for other in others)
