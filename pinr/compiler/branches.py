"""The gradient of a `Piecewise` is that of the branch taken, whatever the other branches do there.

Every branch is computed at every point, and what is not taken is multiplied by 0 on the way back: of `sqrt(u)` at
`u < 0` that would be 0 · NaN. So the trained inputs of a branch are *guarded*: their values stay, and their gradient is
cut where the branch is not taken.
"""

from collections.abc import Sequence
from typing import ClassVar, final

import sympy
import torch
from sympy.functions.elementary.piecewise import ExprCondPair
from torch import Tensor


@final
class Guarded(sympy.Function):
    """`Guarded(s, taken)` is `s`, with the gradient of `s` where `taken` holds and none elsewhere."""

    is_real: ClassVar[bool] = True


def guarded_branches(components: Sequence[sympy.Expr], dynamic: frozenset[sympy.Symbol]) -> tuple[sympy.Expr, ...]:
    """The expressions with the dynamic symbols guarded in every branch that could have an infinite derivative.

    Before common subexpressions are sought: `sqrt(u)` of one branch must not become that of another.
    """
    return tuple(_rewritten(component, dynamic) for component in components)


def pass_where_taken(values: Tensor, taken: Tensor) -> Tensor:
    """The values, differentiable where the mask holds: a NaN that comes back elsewhere is replaced by 0, not scaled."""
    return torch.where(taken.bool(), values, values.detach())


def _rewritten(node: sympy.Basic, dynamic: frozenset[sympy.Symbol]) -> sympy.Basic:
    if not node.has(sympy.Piecewise):
        return node
    if not isinstance(node, sympy.Piecewise):
        return node.func(*(_rewritten(a, dynamic) for a in node.args))
    pairs, earlier = [], sympy.false
    for pair in (p for p in node.args if isinstance(p, ExprCondPair)):
        condition = _rewritten(pair.cond, dynamic)
        taken = sympy.And(condition, sympy.Not(earlier))
        pairs.append((_branch(_rewritten(pair.expr, dynamic), taken, dynamic), condition))
        earlier = sympy.Or(earlier, condition)
    return sympy.Piecewise(*pairs, evaluate=False)


def _branch(expression: sympy.Expr, taken: sympy.Basic, dynamic: frozenset[sympy.Symbol]) -> sympy.Expr:
    used = expression.free_symbols & dynamic
    if not used or expression.is_polynomial(*used) or taken in (sympy.true, sympy.false):
        return expression
    return expression.xreplace({symbol: Guarded(symbol, taken) for symbol in used})
