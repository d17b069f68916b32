"""Points that stay as long as their residual is large."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

import sympy
from torch import Tensor
from typing_extensions import override

from pinr.compiler.companions import on_same_points
from pinr.compiler.program import Batch, Program
from pinr.geometry.samples import Samples
from pinr.geometry.sampling.low_discrepancy import Sobol
from pinr.geometry.sampling.sampler import AbstractSampler
from pinr.training.sampling.assembled import assembled
from pinr.training.sampling.counts import is_inside, shared_counts
from pinr.training.sampling.density import spread
from pinr.training.sampling.draw import Draw, Kept
from pinr.training.sampling.more_points import MorePoints
from pinr.training.sampling.residual_size import residual_size
from pinr.training.sampling.rule import AbstractSampling, check_rule


@final
@dataclass(frozen=True)
class R3(AbstractSampling):
    """Retain, resample, release: a draw keeps the points inside whose residual is above the mean, and renews the rest.

    Points gather where the residual stays large and leave once it has fallen; no candidates are looked at, so that a
    draw costs one evaluation of the present points.

    Args:
        every: Steps on the same points; None takes what the stage usually has.
        sampler: How fresh points are spread.
        density: How dense fresh points are inside, up to a factor, as in `FreshPoints`.
        more: How the number of points grows where they are over-fitted; None leaves it.

    Reference: Daw, Bu, Wang, Perdikaris, Karpatne, ICML 2023 (arXiv:2207.02338), algorithm 1.
    """

    every: int | None = None
    sampler: AbstractSampler = field(default_factory=Sobol)
    density: sympy.Expr | None = None
    more: MorePoints | None = field(default_factory=MorePoints)

    def __post_init__(self) -> None:
        check_rule(self, self.density)

    @override
    def draw(
        self,
        program: Program,
        parameters: Mapping[str, Tensor],
        *,
        seed: int,
        number: int,
        factor: float = 1.0,
        kept: Kept | None = None,
    ) -> Draw:
        samples: dict[tuple[str, ...], list[Samples]] = {}
        for k, names, count in shared_counts(program, factor):
            retained = [kept[names[0]]] if kept and names[0] in kept else []
            missing = max(1, count - sum(some.count for some in retained))
            fresh = spread(
                program, names[0], missing, sampler=self.sampler, density=self.density, seed=(seed, k, number)
            )
            samples[names] = [fresh, *retained]
        return assembled(program, samples, seed=seed, number=number)

    @override
    def kept(self, program: Program, parameters: Mapping[str, Tensor], batch: Batch) -> Kept:
        found = {}
        for names in on_same_points(batch):
            if is_inside(program, names[0]):
                size = residual_size(program, parameters, {name: batch[name] for name in names})
                is_large = size > size.mean()
                if is_large.any():
                    found[names[0]] = batch[names[0]].samples.restrict(is_large)
        return found
