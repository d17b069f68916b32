"""The tables of the algebra as text: sums of products of named numbers, which C and Python read alike.

The channels of a jet are called `y1, y2, …`, the levels of a tower at its value `f0, f1, …`, the jet of a slope
`F0, F1, …`, a cotangent `g0, g1, …` and the weights that differ from point to point `w0, w1, …`.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import final

from pinr.derivatives.algebra import Algebra, Term

Channels = tuple[int, ...]
Number = Callable[[float], str]
"""How a language writes a constant."""


@final
class Printer:
    """Compositions and products of jets, in the channels that do not vanish."""

    def __init__(self, algebra: Algebra, living: Channels, number: Number, first_level: int = 0) -> None:
        self.algebra, self.living, self.number, self.first_level = algebra, living, number, first_level
        self.weights = {place: f"w{n}" for n, place in enumerate(point_weight_places(algebra))}

    def composed(self, channel: int, shift: int = 0) -> str:
        """`f'(y) y_c + Σ_r f⁽ʳ⁾(y) P_{c,r}`, of the derivative of f of the order `shift`."""
        shift += self.first_level
        if channel == 0:
            return f"f{shift}"
        parts = [f"f{1 + shift}*y{channel}"] if channel in self.living else []
        for power, terms in enumerate(self.algebra.compositions[channel]):
            living = [t for t in terms if all(c in self.living for c in t.channels)]
            if living:
                inner = self._sum(self._factor(t, channel) + "*".join(f"y{c}" for c in t.channels) for t in living)
                parts.append(f"f{power + shift}*({inner})")
        return self._sum(parts)

    def transposed_slopes(self, wanted: Channels) -> dict[int, str]:
        """`ȳ_b = Σ_{c = a + b} C(c, b) F_a h̄_c` for the living channels b, with F the jet of f'."""
        sums: dict[int, list[str]] = {c: [] for c in self.living}
        for channel in wanted:
            for term in self.algebra.products[channel]:
                a, b = term.channels
                if b in sums:
                    sums[b].append(f"{self._factor(term, channel)}F{a}*g{channel}")
        return {c: self._sum(terms) for c, terms in sums.items()}

    def leibniz(self, channel: int) -> str:
        """A channel of the product of the jets y and x."""
        terms = self.algebra.products[channel]
        return self._sum(f"{self._factor(t, channel)}y{t.channels[0]}*x{t.channels[1]}" for t in terms)

    def transposed_products(self, wanted: Channels) -> tuple[list[str], list[str]]:
        """The gradients of a product by its factors y and x."""
        first: list[list[str]] = [[] for _ in range(self.algebra.size)]
        second: list[list[str]] = [[] for _ in range(self.algebra.size)]
        for channel in wanted:
            for term in self.algebra.products[channel]:
                a, b = term.channels
                first[a].append(f"{self._factor(term, channel)}g{channel}*x{b}")
                second[b].append(f"{self._factor(term, channel)}g{channel}*y{a}")
        return [self._sum(terms) for terms in first], [self._sum(terms) for terms in second]

    def _factor(self, term: Term, channel: int) -> str:
        """The coefficient and the weight of a group's member, with a sign of multiplication after them."""
        value, symbol = term.coefficient, ""
        if term.member is not None:
            group = channel - len(self.algebra.channels)
            weight = self.algebra.groups[group].weights[term.member]
            if weight is None:
                symbol = self.weights[group, term.member] + "*"
            else:
                value *= weight
        return (f"{self.number(value)}*" if value != 1.0 else "") + symbol

    def _sum(self, terms: Iterable[str]) -> str:
        return " + ".join(terms) or self.number(0.0)


def point_weight_places(algebra: Algebra) -> list[tuple[int, int]]:
    """Group and member of the weights that differ from point to point, in the order in which kernels get them."""
    return [(n, m) for n, group in enumerate(algebra.groups) for m, w in enumerate(group.weights) if w is None]


def horner(coefficients: Sequence[float], variable: str, number: Number) -> str:
    """A polynomial in ascending powers."""
    text = number(coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        text = f"({text}*{variable}+{number(coefficient)})"
    return text
