"""Coefficients that jump under a divergence."""

from typing import TYPE_CHECKING

import sympy

from pinr.declaration.checks.check import Remark, Remarks
from pinr.language.operators import Divergence

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem

JUMPING = (sympy.Piecewise, sympy.Heaviside, sympy.sign, sympy.floor, sympy.ceiling)


def jumps_under_a_divergence(problem: "Problem") -> Remarks:
    """A coefficient that jumps under `div`: its derivative would lose the jump of the flux."""
    for name, constraint in problem.named_constraints.items():
        nodes = (n for e in constraint.equations for n in sympy.preorder_traversal(e) if isinstance(n, Divergence))
        node = next((n for n in nodes if n.operand.atoms(*JUMPING)), None)
        if node is not None:
            jump = min(node.operand.atoms(*JUMPING), key=sympy.default_sort_key)
            message = (
                f"`{node}` has `{jump}` under the divergence. If it jumps, the flux condition across the jump is lost: "
                "declare an unknown on either side and an interface condition, `on(left.boundary & right.boundary, "
                "Eq(a, b), Eq(dot(ka * grad(a) - kb * grad(b), normal), 0))`. If it is continuous, write it with "
                "`Max`, `Min` or `Abs`."
            )
            yield Remark(name, message)
