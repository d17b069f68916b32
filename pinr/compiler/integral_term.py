"""Integrals in a block: one inner block for each region, evaluated at the nodes of a quadrature."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

import numpy as np
import sympy
import torch
from torch import Tensor, nn

from pinr.compiler.collect import IntegralAtom
from pinr.geometry.samples import Samples
from pinr.language.integrals import RegionIntegral

if TYPE_CHECKING:
    from pinr.compiler.block import Block, PointSet


@final
@dataclass(frozen=True)
class IntegralPoints:
    """The nodes of a quadrature with what is known there, `(rows · nodes)` of them, and the weights `(nodes,)`."""

    points: "PointSet"
    weights: Tensor

    def to(self, dtype: torch.dtype) -> "IntegralPoints":
        """The same nodes in another precision."""
        return IntegralPoints(self.points.to(dtype), self.weights.to(dtype))


@final
@dataclass(frozen=True)
class IntegralTerm:
    """Integrals over one region with the same free coordinates: `∫ f_k ≈ Σ_q w_q f_k(x_q)`.

    Attributes:
        block: The integrands.
        domain: The region.
        nodes: Nodes along each axis.
        free: Names of the coordinates that are not integrated over; without them the values are numbers.
        outputs: By symbol, the column of the block with its integrand, or None for the imaginary part of a real one.
    """

    block: "Block"
    domain: Any
    nodes: int
    free: tuple[str, ...]
    outputs: Mapping[sympy.Symbol, int | None]

    @property
    def node_count(self) -> int:
        """About how many nodes the region has."""
        return self.nodes**self.domain.dimension

    def point_set(self, samples: Samples, seed: Sequence[int], **options: Any) -> IntegralPoints:
        """The nodes: once if nothing is free, else for every point of the samples."""
        rule = self.domain.quadrature(self.nodes, seed=seed)
        weights = torch.as_tensor(rule.columns["weight"], dtype=options["dtype"], device=options["device"])
        rows = samples.count if self.free else 1
        points = {name: np.tile(values, rows) for name, values in rule.points.items()}
        points |= {name: np.repeat(samples.points[name], rule.count) for name in self.free}
        columns = {key: np.tile(values, rows) for key, values in rule.columns.items()}
        return IntegralPoints(self.block.point_set(Samples(points, columns), seed=seed, **options), weights)

    def values(
        self, networks: Mapping[str, nn.Module], parameters: Mapping[str, Tensor], at: IntegralPoints
    ) -> dict[sympy.Symbol, Tensor]:
        """The integrals by symbol: numbers, or `(rows,)` where coordinates are free."""
        integrands = self.block.values(networks, parameters, at.points)
        totals = torch.einsum("rqk,q->rk", integrands.reshape(-1, len(at.weights), self.block.size), at.weights)
        totals = totals if self.free else totals[0]
        zero = totals.new_zeros(())
        return {symbol: zero if column is None else totals[..., column] for symbol, column in self.outputs.items()}


def evaluations_per_point(block: "Block") -> int:
    """How many points integrals make of one."""
    free = (t.node_count * evaluations_per_point(t.block) for t in block.integrals if t.free)
    return max(free, default=1)


def grouped(integrals: Mapping[sympy.Symbol, IntegralAtom]) -> list[dict[sympy.Symbol, IntegralAtom]]:
    """Integrals that share their nodes: same region, same order, same free coordinates."""
    together: dict[Any, dict[sympy.Symbol, IntegralAtom]] = {}
    for symbol, atom in integrals.items():
        key = (*atom.integral.args[1:], atom.integral.free)
        together.setdefault(key, {})[symbol] = atom
    return list(together.values())


def integrands_of(group: Mapping[sympy.Symbol, IntegralAtom]) -> list[RegionIntegral]:
    """The integrals of a group, each once."""
    return list(dict.fromkeys(atom.integral for atom in group.values()))
