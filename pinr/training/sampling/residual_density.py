"""Points where the residual is large."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

import numpy as np
import sympy
from torch import Tensor
from typing_extensions import override

from pinr.compiler.program import Program
from pinr.errors import DeclarationError
from pinr.geometry.samples import Samples
from pinr.geometry.sampling.low_discrepancy import Sobol
from pinr.geometry.sampling.sampler import AbstractSampler
from pinr.training.sampling.assembled import assembled
from pinr.training.sampling.counts import is_exhausted, is_inside, shared_counts
from pinr.training.sampling.density import density_values, spread, thinned
from pinr.training.sampling.draw import Draw, Kept
from pinr.training.sampling.more_points import MorePoints
from pinr.training.sampling.residual_size import residual_size
from pinr.training.sampling.rule import AbstractSampling, check_rule


@final
@dataclass(frozen=True)
class ResidualDensity(AbstractSampling):
    """Inside the region, a share of the points where the residual is large; all others are fresh.

    From `candidates` times as many points, the share is drawn without replacement with a probability proportional to
    `|r|/mean |r| + 1`, with `r` the scaled residual.

    Args:
        every: Steps on the same points; None takes what the stage usually has.
        share: Part of the points inside that follows the residual.
        candidates: How many times as many points are looked at.
        sampler: How points are spread.
        density: How dense they are inside, up to a factor, as in `FreshPoints`; the residual comes on top.
        more: How the number of points grows where they are over-fitted; None leaves it.

    Reference: Wu, Zhu, Tan, Kartha, Lu, Comput. Methods Appl. Mech. Eng. 403, 2023 (RAD with k = c = 1).
    """

    every: int | None = None
    share: float = 0.5
    candidates: int = 10
    sampler: AbstractSampler = field(default_factory=Sobol)
    density: sympy.Expr | None = None
    more: MorePoints | None = field(default_factory=MorePoints)

    def __post_init__(self) -> None:
        check_rule(self, self.density)
        if not 0 < self.share < 1 or self.candidates < 2:
            message = f"`{self}`: the share must be between 0 and 1, and there must be at least 2 candidates a point."
            raise DeclarationError(message)

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
            is_chosen = is_inside(program, names[0]) and not is_exhausted(program, names[0], count)
            followed = round(self.share * count) if is_chosen else 0
            followed = followed if followed < count else 0
            key = (seed, k, number)
            samples[names] = [
                spread(program, names[0], count - followed, sampler=self.sampler, density=self.density, seed=key)
            ]
            if followed:
                samples[names].append(self._followed(program, names, parameters, followed, key))
        return assembled(program, samples, seed=seed, number=number)

    def _followed(
        self,
        program: Program,
        names: tuple[str, ...],
        parameters: Mapping[str, Tensor],
        count: int,
        key: tuple[int, ...],
    ) -> Samples:
        """So many points of constraints in one region, denser where their residuals are large."""
        region = program.problem.named_constraints[names[0]].region
        wide = region.sample(self.candidates * count, sampler=self.sampler, seed=(*key, 1))
        # In single precision: rounding only makes the density more even where residuals are as small as that.
        rough = program.in_single
        batch = {name: rough.blocks[name].point_set(wide, dtype=rough.dtype, device=rough.device) for name in names}
        size = residual_size(rough, {n: p.to(rough.dtype) for n, p in parameters.items()}, batch)
        mean = size.mean()
        weight = size / mean + 1.0 if np.isfinite(mean) and mean > 0 else np.ones_like(size)
        if self.density is not None:
            weight = weight * density_values(self.density, wide)
        return thinned(wide, weight, count, seed=(*key, 2))
