"""The gradient of a `Piecewise` is that of the branch taken, whatever the other branches do there.

Every branch is computed at every point, and what is not taken is multiplied by 0 on the way back: of `sqrt(u)` at
`u < 0` that would be 0 · NaN. So the trained inputs of a branch are *guarded*: their values stay, and their gradient is
cut where the branch is not taken. What is known in a branch (sources, coefficients) is replaced by 0 there.
"""

from collections.abc import Callable, Sequence
from typing import ClassVar, final

import sympy
import torch
from sympy.functions.elementary.piecewise import ExprCondPair
from torch import Tensor

BranchChange = Callable[[sympy.Expr, sympy.Basic], sympy.Basic]
"""The expression of a branch and the condition that it is taken → the expression in its place."""


@final
class Guarded(sympy.Function):
    """`Guarded(s, taken)` is `s`, with the gradient of `s` where `taken` holds and none elsewhere."""

    is_real: ClassVar[bool] = True


def guarded_branches(components: Sequence[sympy.Expr], dynamic: frozenset[sympy.Symbol]) -> tuple[sympy.Expr, ...]:
    """The expressions with the dynamic symbols guarded in every branch that could have an infinite derivative.

    Before common subexpressions are sought: `sqrt(u)` of one branch must not become that of another.
    """

    def guarded(expression: sympy.Expr, taken: sympy.Basic) -> sympy.Basic:
        used = expression.free_symbols & dynamic
        if not used or expression.is_polynomial(*used) or taken in (sympy.true, sympy.false):
            return expression
        return expression.xreplace({symbol: Guarded(symbol, taken) for symbol in used})

    return tuple(_with_branches(component, dynamic, guarded) for component in components)


def masked_branches(components: Sequence[sympy.Expr], dynamic: frozenset[sympy.Symbol]) -> tuple[sympy.Expr, ...]:
    """The expressions with 0 for what is known in a branch, where a known condition says that it is not taken.

    Before known parts become columns, which must be finite everywhere: `sqrt(x)` need not be, where `x > 0` is asked.
    """

    def masked(node: sympy.Basic, taken: sympy.Basic) -> sympy.Basic:
        if node.free_symbols & dynamic:
            return node.func(*(masked(a, taken) for a in node.args)) if node.args else node
        if not isinstance(node, sympy.Expr) or node.is_polynomial():
            return node
        return sympy.Piecewise((node, taken), (0, True))

    def of_branch(expression: sympy.Expr, taken: sympy.Basic) -> sympy.Basic:
        return expression if taken.free_symbols & dynamic else masked(expression, taken)

    return tuple(_with_branches(component, dynamic, of_branch) for component in components)


def pass_where_taken(values: Tensor, taken: Tensor) -> Tensor:
    """The values, differentiable where the mask holds: a NaN that comes back elsewhere is replaced by 0, not scaled."""
    return torch.where(taken.bool(), values, values.detach())


def _with_branches(node: sympy.Basic, dynamic: frozenset[sympy.Symbol], change: BranchChange) -> sympy.Basic:
    """An expression with every branch of what is trained changed, inner ones first."""
    if not node.has(sympy.Piecewise) or not node.free_symbols & dynamic:
        return node
    if not isinstance(node, sympy.Piecewise):
        return node.func(*(_with_branches(a, dynamic, change) for a in node.args))
    pairs, earlier = [], sympy.false
    for pair in (p for p in node.args if isinstance(p, ExprCondPair)):
        expression, condition = (_with_branches(a, dynamic, change) for a in pair.args)
        pairs.append((change(expression, sympy.And(condition, sympy.Not(earlier))), condition))
        earlier = sympy.Or(earlier, condition)
    return sympy.Piecewise(*pairs, evaluate=False)
