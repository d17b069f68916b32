"""The unknown and its derivatives as symbols, in which equations and conditions are rewritten."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import sympy

from pinr.compiler.collect import Atom, collect
from pinr.declaration.unknowns import UnknownField
from pinr.language.coordinates import Coordinate
from pinr.language.normals import NormalComponent
from pinr.verification.formula import Formula
from pinr.verification.unverifiable import UnverifiableError


@final
@dataclass(frozen=True, eq=False)
class State:
    """`u`, `∂u/∂x_i`, `∂²u/∂x_i∂x_j`, `∂u/∂t` and the outward normal `n` as real symbols.

    Args:
        unknown: The scalar field.
        space: Its coordinates of space.
        time: Its time coordinate, if it has one.
    """

    unknown: UnknownField
    space: tuple[Coordinate, ...]
    time: Coordinate | None
    value: sympy.Symbol
    rate: sympy.Symbol
    gradient: tuple[sympy.Symbol, ...]
    hessian: Mapping[tuple[int, int], sympy.Symbol]
    normal: tuple[sympy.Symbol, ...]

    @staticmethod
    def of(unknown: UnknownField) -> "State":
        space = tuple(c for c in unknown.coordinates if c.role == "space")
        time = next((c for c in unknown.coordinates if c.role == "time"), None)
        d, name = range(len(space)), unknown.name
        return State(
            unknown, space, time, _real(name), _real(f"{name}_t"),
            gradient=tuple(_real(f"{name}_{c}") for c in space),
            hessian={(i, j): _real(f"{name}_{space[i]}{space[j]}") for i in d for j in d if i <= j},
            normal=tuple(_real(f"n_{c}") for c in space),
        )  # fmt: skip

    def rewrite(self, component: sympy.Expr, *, written: str) -> Formula:
        """A residual in terms of the symbols of the state.

        Raises:
            UnverifiableError: It has derivatives or evaluations that no reference solve knows.
        """
        collected = collect((component,))
        known = {s: a for s, a in collected.atoms.items() if not (a.is_unknown or issubclass(a.kind, NormalComponent))}
        replaced = {s: self._symbol(a, written) for s, a in collected.atoms.items() if s not in known}
        return Formula(collected.components[0].xreplace(replaced), known)

    def _symbol(self, atom: Atom, written: str) -> sympy.Symbol:
        if issubclass(atom.kind, NormalComponent):
            names = [c.name for c in self.space]
            return self.normal[names.index(atom.label.name.removeprefix("normal."))]
        if atom.arguments != self.unknown.coordinates:
            message = f"{written} evaluates `{atom.label.text}` at another place than the point itself."
            raise UnverifiableError(message)
        counts = dict(zip(self.unknown.coordinates, atom.index, strict=True))
        in_time = 0 if self.time is None else counts[self.time]
        along = [i for i, c in enumerate(self.space) for _ in range(counts[c])]
        if in_time > 1:
            message = f"{written} is of order {in_time} in time; references exist for order 1."
            raise UnverifiableError(message)
        if len(along) > 2:
            message = f"{written} is of order {len(along)} in space; references exist for order 2."
            raise UnverifiableError(message)
        if in_time and along:
            message = f"{written} has mixed derivatives in time and space."
            raise UnverifiableError(message)
        if in_time:
            return self.rate
        if len(along) == 2:
            return self.hessian[along[0], along[1]]
        return self.gradient[along[0]] if along else self.value


def _real(name: str) -> sympy.Symbol:
    return sympy.Dummy(name, real=True)
