"""The form of an unknown that meets conditions whatever the network gives: `u = g + D n + Σ c_k s_k`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import sympy

from pinr.language.coordinates import Coordinate
from pinr.language.fields import Label
from pinr.language.parameters import Parameter


@final
@dataclass(frozen=True)
class Ansatz:
    """`u = g + D n + Σ c_k s_k` of one component of an unknown, with known `g`, `D`, `s_k` and a network `n`.

    Attributes:
        coordinates: The unknown's own, in argument order.
        lift: `g`, which has the prescribed values.
        distance: `D`, which vanishes where they are prescribed, as often as derivatives are; its maximum is about 1.
        singular: The trained factors `c_k` with the functions `s_k`.
    """

    coordinates: tuple[Coordinate, ...]
    lift: sympy.Expr = sympy.S.Zero
    distance: sympy.Expr = sympy.S.One
    singular: tuple[tuple[Parameter, sympy.Expr], ...] = ()

    @property
    def known(self) -> sympy.Expr:
        """What is added to the network's part."""
        return self.lift + sympy.Add(*(c * s for c, s in self.singular))

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return tuple(c for c, _ in self.singular)

    def text(self, name: str) -> str:
        """The ansatz as a sentence of mathematics."""
        parts = [] if self.lift == 0 else ["g"]
        parts.append("n" if self.distance == 1 else "D n")
        parts += [f"{c} s{number}" for number, (c, _) in enumerate(self.singular, start=1)]
        where = [f"g = {self.lift}"] * (self.lift != 0) + [f"D = {self.distance}"] * (self.distance != 1)
        where += [f"s{number} = {s}" for number, (_, s) in enumerate(self.singular, start=1)]
        return f"{name} = {' + '.join(parts)} with " + ", ".join(where)


Ansaetze = Mapping[Label, Ansatz]
