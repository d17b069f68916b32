"""Level functions: a condition such as `phi < 0` as a function of points that is negative where it holds."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Protocol, final

import numpy as np
import sympy
from numpy.typing import NDArray
from sympy.core.relational import GreaterThan, LessThan, StrictGreaterThan, StrictLessThan
from sympy.logic.boolalg import Boolean

from pinr.errors import GeometryError
from pinr.geometry.samples import Points, Values
from pinr.language.evaluation import evaluate
from pinr.language.integrals import written_symbols

Array = NDArray[np.float64]
Tree = int | tuple[Callable[..., Array], tuple["Tree", ...]]


class Evaluator(Protocol):
    """What gives values to the expressions of a condition."""

    @property
    def digest(self) -> str:
        """What tells two evaluators apart; empty if the expressions themselves say everything."""

    def __call__(self, expressions: Sequence[sympy.Expr], points: Points) -> Array:
        """The values `(N, expressions)` at points by coordinate name."""


@final
class Formulas:
    """The evaluator of expressions in the coordinates alone."""

    digest = ""

    def __call__(self, expressions: Sequence[sympy.Expr], points: Points) -> Array:
        count = len(next(iter(points.values())))
        each = [np.broadcast_to(evaluate(expression, points), (count,)) for expression in expressions]
        return np.stack(each, axis=1).astype(np.float64)


@final
class Level:
    """A function that is negative where a condition holds, with its gradient.

    `a < b` becomes `a − b`, `a > b` becomes `b − a`; where conditions are joined by `&` and `|` the larger and the
    smaller of their functions counts, with its own gradient.

    Args:
        condition: Comparisons, joined by `&`, `|` and `~`.
        names: The coordinates of the points.
        evaluator: Gives the values of the expressions.

    Raises:
        GeometryError: Something in the condition is no comparison of this kind.
    """

    def __init__(self, condition: Boolean, names: tuple[str, ...], evaluator: Evaluator) -> None:
        self.condition, self.names, self.evaluator = condition, names, evaluator
        self.leaves: list[sympy.Expr] = []
        self._tree = self._planted(sympy.to_nnf(condition, simplify=False))
        # Of what might be complex SymPy has no plain derivatives, `Abs(x).diff(x)`.
        complex_symbols = {s for s in written_symbols(condition) if not s.is_real}
        real = {s: sympy.Symbol(s.name, real=True) for s in complex_symbols}
        self.leaves = [leaf.xreplace(real) for leaf in self.leaves]

    def values(self, points: Array) -> Values:
        """The values at points `(N, d)`."""
        return self._chosen(points)[0]

    def gradient(self, points: Array) -> Array:
        """The gradients `(N, d)`."""
        leaf = 0 if len(self.leaves) == 1 else self._chosen(points)[1]
        slopes = self.evaluator(self._slopes, self._named(points)).reshape(
            len(points), len(self.leaves), len(self.names)
        )
        return slopes[np.arange(len(points)), leaf]

    def _planted(self, condition: Boolean) -> Tree:
        if isinstance(condition, sympy.And | sympy.Or):
            join = np.argmax if isinstance(condition, sympy.And) else np.argmin
            return join, tuple(self._planted(part) for part in sorted(condition.args, key=str))
        if isinstance(condition, LessThan | StrictLessThan):
            self.leaves.append(condition.lhs - condition.rhs)
        elif isinstance(condition, GreaterThan | StrictGreaterThan):
            self.leaves.append(condition.rhs - condition.lhs)
        else:
            message = (
                f"`{self.condition}`: `{condition}` does not say on which side of a surface the region lies. Write "
                "comparisons such as `phi < 0`, joined by `&` and `|`."
            )
            raise GeometryError(message)
        return len(self.leaves) - 1

    @cached_property
    def _slopes(self) -> list[sympy.Expr]:
        """The derivatives of all leaves along all coordinates."""
        symbols = {s.name: s for leaf in self.leaves for s in written_symbols(leaf)}
        along = [symbols.get(name, sympy.Dummy(name)) for name in self.names]
        return [leaf.diff(symbol) for leaf in self.leaves for symbol in along]

    def _chosen(self, points: Array) -> tuple[Values, NDArray[np.int64]]:
        """The value and the number of the leaf that counts."""
        each = self.evaluator(self.leaves, self._named(points))
        leaf = _choose(self._tree, each)
        return each[np.arange(len(points)), leaf], leaf

    def _named(self, points: Array) -> Points:
        return {name: points[:, k] for k, name in enumerate(self.names)}


def _choose(tree: Tree, each: Array) -> NDArray[np.int64]:
    if isinstance(tree, int):
        return np.full(len(each), tree)
    join, parts = tree
    leaves = np.stack([_choose(part, each) for part in parts], axis=1)
    rows = np.arange(len(each))
    return leaves[rows, join(each[rows[:, None], leaves], axis=1)]
