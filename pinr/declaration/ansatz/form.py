"""The form of an unknown that meets conditions whatever the network gives: `u = g + D n + Σ E_β ∂^β n + Σ c_k s_k`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import sympy

from pinr.declaration.ansatz.partials import MultiIndex, derivative
from pinr.language.coordinates import Coordinate
from pinr.language.fields import Label
from pinr.language.parameters import Parameter

Factors = Mapping[MultiIndex, sympy.Expr]
"""By multi-index, what derivatives of a network are multiplied by in a sum."""


@final
@dataclass(frozen=True)
class Ansatz:
    """`u = g + D n + Σ E_β ∂^β n + Σ c_k s_k` of one component of an unknown, with known `g`, `D`, `E_β`, `s_k`.

    Attributes:
        coordinates: The unknown's own, in argument order.
        lift: `g`, which has the prescribed values.
        distance: `D`, which vanishes where values are prescribed, as often as derivatives are; its maximum is about 1.
        slopes: Multi-indices with the `E_β`, which make derivatives across sides what is prescribed; mostly none.
        singular: The trained factors `c_k` with the functions `s_k`.
    """

    coordinates: tuple[Coordinate, ...]
    lift: sympy.Expr = sympy.S.Zero
    distance: sympy.Expr = sympy.S.One
    slopes: tuple[tuple[MultiIndex, sympy.Expr], ...] = ()
    singular: tuple[tuple[Parameter, sympy.Expr], ...] = ()

    @property
    def factors(self) -> Factors:
        """What the network and its derivatives are multiplied by."""
        return {(0,) * len(self.coordinates): self.distance, **dict(self.slopes)}

    @property
    def known(self) -> sympy.Expr:
        """What is added to the network's part."""
        return self.lift + sympy.Add(*(c * s for c, s in self.singular))

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return tuple(c for c, _ in self.singular)

    def text(self, name: str) -> str:
        """The ansatz as a sentence of mathematics."""
        slopes = [(f"n_{self.order_text(index)}", f"E{number}", e) for number, (index, e) in enumerate(self.slopes, 1)]
        parts = [] if self.lift == 0 else ["g"]
        parts.append("n" if self.distance == 1 else "D n")
        parts += [f"{factor} {slope}" for slope, factor, _ in slopes]
        parts += [f"{c} s{number}" for number, (c, _) in enumerate(self.singular, start=1)]
        where = [f"g = {self.lift}"] * (self.lift != 0) + [f"D = {self.distance}"] * (self.distance != 1)
        where += [f"{factor} = {e}" for _, factor, e in slopes]
        where += [f"s{number} = {s}" for number, (_, s) in enumerate(self.singular, start=1)]
        return f"{name} = {' + '.join(parts)} with " + ", ".join(where)

    def order_text(self, index: MultiIndex) -> str:
        """A multi-index by the names of the coordinates, `xxy`."""
        return "".join(c.name * k for c, k in zip(self.coordinates, index, strict=True))


Ansaetze = Mapping[Label, Ansatz]


def differentiated(
    factors: Factors, coordinates: tuple[Coordinate, ...], along: Coordinate
) -> dict[MultiIndex, sympy.Expr]:
    """The derivative of `Σ E_β ∂^β n` along a coordinate, as such a sum."""
    place = coordinates.index(along)
    terms = [(index, derivative(e, along)) for index, e in factors.items()]
    terms += [(tuple(k + (n == place) for n, k in enumerate(index)), e) for index, e in factors.items()]
    return combined(terms)


def combined(terms: list[tuple[MultiIndex, sympy.Expr]]) -> dict[MultiIndex, sympy.Expr]:
    """A sum with one term for each multi-index."""
    found: dict[MultiIndex, sympy.Expr] = {}
    for index, e in terms:
        found[index] = found.get(index, sympy.S.Zero) + e
    return {index: e for index, e in found.items() if e != 0}
