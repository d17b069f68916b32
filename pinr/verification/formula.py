"""Scalar formulas in the coordinates, the state and known fields, evaluated at points."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

import numpy as np
import sympy
from numpy.typing import NDArray

from pinr.compiler.collect import Atom, collect
from pinr.compiler.known_values import known_values
from pinr.geometry.samples import Samples
from pinr.language.coordinates import Coordinate
from pinr.language.evaluation import evaluate

Array = NDArray[np.float64]
Values = Mapping[sympy.Symbol, Array]


@final
@dataclass(frozen=True, eq=False)
class Formula:
    """An expression in coordinates, state symbols, and atoms that stand for known fields."""

    expression: sympy.Expr
    atoms: Mapping[sympy.Symbol, Atom] = field(default_factory=dict)

    def __call__(self, points: Mapping[str, Array], values: Values) -> Array:
        """The values at all points, `(N,)`.

        Args:
            points: Coordinate name → positions `(N,)`.
            values: State symbol → its values `(N,)`.
        """
        count = len(next(iter(points.values())))
        named: dict[str, Array] = dict(points)
        renamed: dict[sympy.Basic, sympy.Symbol] = {}
        for symbol in self.expression.free_symbols:
            if not isinstance(symbol, sympy.Dummy):
                continue
            renamed[symbol] = sympy.Symbol(f"{symbol.name} #{symbol.dummy_index}")
            known = symbol in self.atoms
            named[renamed[symbol].name] = (
                known_values((symbol,), Samples(points), self.atoms)[0] if known else values[symbol]
            )
        result = evaluate(self.expression.xreplace(renamed), named)
        return np.broadcast_to(np.asarray(result, dtype=float), (count,))

    def depends_on(self, *symbols: sympy.Symbol) -> bool:
        """Whether any of the symbols occurs, in the arguments of known fields too."""
        return not self.symbols.isdisjoint(symbols)

    @property
    def symbols(self) -> set[sympy.Symbol]:
        """All symbols, those in the arguments of known fields too; the atoms themselves left out."""
        free = set(self.expression.free_symbols)
        inner = [self.atoms[s].arguments for s in free if s in self.atoms]
        return {s for s in free if s not in self.atoms} | {s for a in inner for e in a for s in e.free_symbols}

    def derivative(self, symbol: sympy.Symbol) -> "Formula":
        """The partial derivative by a state symbol."""
        return Formula(self.expression.diff(symbol), self.atoms)

    def spatial_derivative(self, coordinate: Coordinate) -> "Formula":
        """The partial derivative by a coordinate at fixed state; known fields are differentiated as well."""
        written_out = {symbol: _field_of(atom) for symbol, atom in self.atoms.items()}
        collected = collect((self.expression.xreplace(written_out).diff(coordinate),))
        return Formula(collected.components[0], collected.atoms)


def combined(expression: sympy.Expr, *formulas: Formula) -> Formula:
    """An expression made of the expressions of several formulas."""
    return Formula(expression, {s: a for f in formulas for s, a in f.atoms.items()})


def _field_of(atom: Atom) -> sympy.Expr:
    """The derivative of a field that an atom stands for."""
    expression = atom.kind(atom.label, *atom.arguments)
    for argument, count in zip(atom.arguments, atom.index, strict=True):
        expression = expression.diff(argument, count) if count else expression
    return expression
