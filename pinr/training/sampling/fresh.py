"""Points that are new in every draw."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

import sympy
from torch import Tensor
from typing_extensions import override

from pinr.compiler.program import Program
from pinr.geometry.sampling.low_discrepancy import Sobol
from pinr.geometry.sampling.sampler import AbstractSampler
from pinr.training.sampling.assembled import assembled
from pinr.training.sampling.counts import shared_counts
from pinr.training.sampling.density import spread
from pinr.training.sampling.draw import Draw, Kept
from pinr.training.sampling.more_points import MorePoints
from pinr.training.sampling.rule import AbstractSampling, check_rule


@final
@dataclass(frozen=True)
class FreshPoints(AbstractSampling):
    """New points, spread evenly or by a density, every so many steps of a stage.

    Args:
        every: Steps on the same points; None takes what the stage usually has.
        sampler: How points are spread.
        density: How dense they are inside, an expression in the coordinates up to a factor, for example
            `Piecewise((4, layer.inside), (1, True))`; None is even. The loss is the mean over the points, so that
            dense places also count more.
        more: How the number of points grows where they are over-fitted; None leaves it.
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
        samples = {
            names: [
                spread(program, names[0], count, sampler=self.sampler, density=self.density, seed=(seed, k, number))
            ]
            for k, names, count in shared_counts(program, factor)
        }
        return assembled(program, samples, seed=seed, number=number)
