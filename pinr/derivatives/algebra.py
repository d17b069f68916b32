"""The truncated Taylor algebra in which jets are multiplied and composed.

A jet holds the derivatives `y_α = ∂^α y` for a set of multi-indices closed under division, and after
them the groups `y_G = Σ w_α ∂^α y`. The rules are Leibniz' and Faà di Bruno's; a group obeys them through
its members, whose own top derivatives cancel out of everything but the term linear in them:

    (f∘y)_G = f'(y) y_G + Σ_α w_α Σ_{r ≥ 2} f⁽ʳ⁾(y) B_{α,r}(y)

with the partial Bell polynomials B. That is why a group costs one channel however many derivatives it sums
(collapsed Taylor mode: Dangel et al. 2025, arXiv:2505.13644; forward Laplacian: Li et al. 2024).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, reduce
from math import comb, prod
from typing import final

import torch
from torch import Tensor

from pinr.derivatives.request import Group, MultiIndex, Request, below, order_of

Weight = float | Tensor
Weights = tuple[tuple[Weight, ...], ...]
Monomial = tuple[int, ...]
"""Channel numbers that are multiplied."""


@final
@dataclass(frozen=True)
class Term:
    """`coefficient · [weight of a group's member] · Π channels`, one term of a polynomial in a jet."""

    coefficient: float
    channels: Monomial
    member: int | None = None


@final
@dataclass(frozen=True)
class Algebra:
    """Tables of the algebra for one set of channels; all of them are pure bookkeeping."""

    channels: tuple[MultiIndex, ...]
    groups: tuple[Group, ...]

    @property
    def size(self) -> int:
        return len(self.channels) + len(self.groups)

    @cached_property
    def order(self) -> int:
        indices = self.channels + tuple(i for g in self.groups for i in g.indices)
        return max(sum(i) for i in indices)

    @cached_property
    def number(self) -> dict[MultiIndex, int]:
        return {index: i for i, index in enumerate(self.channels)}

    @cached_property
    def living(self) -> tuple[int, ...]:
        """The channels that need not vanish before the first nonlinearity: the value and what has first derivatives."""
        plain = [c for c, index in enumerate(self.channels) if order_of(index) <= 1]
        grouped = [n for n, group in enumerate(self.groups) if any(order_of(index) == 1 for index in group.indices)]
        return (*plain, *(len(self.channels) + n for n in grouped))

    @cached_property
    def compositions(self) -> tuple[tuple[tuple[Term, ...], ...], ...]:
        """`compositions[c][r]`: the polynomial that multiplies f⁽ʳ⁾(y), r ≥ 2, in channel c of f∘y."""
        plain = [tuple(self._bell(index, r, member=None) for r in range(self.order + 1)) for index in self.channels]
        grouped = [
            tuple(
                tuple(
                    term for member, index in enumerate(group.indices) for term in self._bell(index, r, member=member)
                )
                for r in range(self.order + 1)
            )
            for group in self.groups
        ]
        return tuple(plain + grouped)

    def _bell(self, index: MultiIndex, power: int, *, member: int | None) -> tuple[Term, ...]:
        if power < 2 or power > sum(index):
            return ()
        return tuple(
            Term(coefficient, tuple(self.number[factor] for factor in monomial), member)
            for monomial, coefficient in bell_polynomial(index, power).items()
        )

    @cached_property
    def products(self) -> tuple[tuple[Term, ...], ...]:
        """`products[c]`: pairs of channels (a, b) with Leibniz' coefficients in channel c of a product."""
        plain = [self._leibniz(index, member=None) for index in self.channels]
        grouped = []
        for offset, group in enumerate(self.groups):
            whole = len(self.channels) + offset
            terms = [Term(1.0, (whole, 0)), Term(1.0, (0, whole))]
            for member, index in enumerate(group.indices):
                terms += self._leibniz(index, member=member, proper=True)
            grouped.append(tuple(terms))
        return tuple(plain + grouped)

    def _leibniz(self, index: MultiIndex, *, member: int | None, proper: bool = False) -> tuple[Term, ...]:
        terms = []
        for part in below(index):
            rest = tuple(a - b for a, b in zip(index, part, strict=True))
            if proper and (not any(part) or not any(rest)):
                continue
            coefficient = float(prod(comb(a, b) for a, b in zip(index, part, strict=True)))
            terms.append(Term(coefficient, (self.number[part], self.number[rest]), member))
        return tuple(terms)


def channels_of(request: Request) -> list[int]:
    """The channels of its algebra that a request asks for, in the order of the answer."""
    algebra = algebra_of(request)
    return [*(algebra.number[index] for index in request.partials), *range(len(algebra.channels), algebra.size)]


@lru_cache(maxsize=256)
def algebra_of(request: Request) -> Algebra:
    """The smallest algebra that answers a request."""
    return Algebra(request.channels, request.groups)


@lru_cache(maxsize=4096)
def bell_polynomial(index: MultiIndex, power: int) -> dict[tuple[MultiIndex, ...], float]:
    """Partial Bell polynomial `B_{α,r}`: monomials (sorted multi-indices) with their coefficients.

    `∂^α f(y) = Σ_r f⁽ʳ⁾(y) B_{α,r}`; recursion over the partition block that contains the first
    derivative (Constantine and Savits, Trans. AMS 348, 1996).
    """
    if not any(index):
        return {(): 1.0} if power == 0 else {}
    if power == 0:
        return {}
    first = next(i for i, a in enumerate(index) if a)
    rest = tuple(a - (i == first) for i, a in enumerate(index))
    polynomial: dict[tuple[MultiIndex, ...], float] = {}
    for part in below(rest):
        block = tuple(b + (i == first) for i, b in enumerate(part))
        remaining = tuple(a - b for a, b in zip(rest, part, strict=True))
        coefficient = prod(comb(a, b) for a, b in zip(rest, part, strict=True))
        for monomial, factor in bell_polynomial(remaining, power - 1).items():
            key = tuple(sorted((*monomial, block)))
            polynomial[key] = polynomial.get(key, 0.0) + coefficient * factor
    return polynomial


def weighted_sum(weights: Sequence[Weight], parts: Iterable[Tensor]) -> Tensor:
    """`Σ w_i p_i` of tensors `(N, components)` or rows; a weight `(N,)` multiplies the points' rows."""
    columns = (w.reshape(-1, 1) if isinstance(w, Tensor) else w for w in weights)
    return reduce(torch.add, (column * part for column, part in zip(columns, parts, strict=True)))


def weights_of(groups: Sequence[Group], tensors: Sequence[Tensor]) -> Weights:
    """Numbers and tensors of all groups' members; the tensors fill the places marked None in order."""
    given = iter(tensors)
    return tuple(tuple(next(given) if weight is None else weight for weight in group.weights) for group in groups)
