"""When points are drawn anew, and where they fall."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

import numpy as np
import torch
from torch import Tensor
from typing_extensions import override

from pinr.compiler.counts import default_count
from pinr.compiler.program import Batch, Program
from pinr.errors import DeclarationError
from pinr.geometry.samples import Samples
from pinr.geometry.sampling.low_discrepancy import Sobol
from pinr.geometry.sampling.sampler import AbstractSampler
from pinr.optimizers import AbstractOptimizer


class AbstractSampling(ABC):
    """A rule for the points of a run. The points are a function of the arguments alone, so that a run can resume."""

    every: int | None

    @abstractmethod
    def batch(
        self, program: Program, parameters: Mapping[str, Tensor], *, seed: int, draw: int, factor: float = 1.0
    ) -> Batch:
        """The points of this draw, given the parameters at which it is made; `factor` times as many as usual."""

    def is_due(self, stage: AbstractOptimizer, steps: int) -> bool:
        """Whether points are drawn anew before the step of this number."""
        return steps > 0 and steps % (self.every or stage.usual_draw) == 0


@final
@dataclass(frozen=True)
class FreshPoints(AbstractSampling):
    """New points, spread evenly, every so many steps of a stage.

    Args:
        every: Steps on the same points; None takes what the stage usually has.
        sampler: How points are spread.
    """

    every: int | None = None
    sampler: AbstractSampler = field(default_factory=Sobol)

    def __post_init__(self) -> None:
        _check_every(self)

    @override
    def batch(
        self, program: Program, parameters: Mapping[str, Tensor], *, seed: int, draw: int, factor: float = 1.0
    ) -> Batch:
        counts = counts_of(program, factor)
        return program.batch(seed, draw=draw, sampler=self.sampler, points=counts, names=counts)


@final
@dataclass(frozen=True)
class ResidualDensity(AbstractSampling):
    """Inside the region, a share of the points where the residual is large; all others spread evenly.

    From `candidates` times as many points, the share is drawn without replacement with a probability proportional to
    `|r|/mean |r| + 1`, with `r` the scaled residual.

    Args:
        every: Steps on the same points; None takes what the stage usually has.
        share: Part of the points inside that follows the residual.
        candidates: How many times as many points are looked at.
        sampler: How points are spread.

    Reference: Wu, Zhu, Tan, Kartha, Lu, Comput. Methods Appl. Mech. Eng. 403, 2023 (RAD with k = c = 1).
    """

    every: int | None = None
    share: float = 0.5
    candidates: int = 20
    sampler: AbstractSampler = field(default_factory=Sobol)

    def __post_init__(self) -> None:
        _check_every(self)
        if not 0 < self.share < 1 or self.candidates < 2:
            message = f"`{self}`: the share must be between 0 and 1, and there must be at least 2 candidates a point."
            raise DeclarationError(message)

    @override
    def batch(
        self, program: Program, parameters: Mapping[str, Tensor], *, seed: int, draw: int, factor: float = 1.0
    ) -> Batch:
        counts = counts_of(program, factor)
        batch = dict(program.batch(seed, draw=draw, sampler=self.sampler, points=counts, names=counts))
        constraints = program.problem.named_constraints
        for number, (name, constraint) in enumerate(constraints.items()):
            if name not in batch:
                continue  # it is met exactly
            count = round(self.share * counts[name])
            is_inside = 0 < constraint.region.dimension == program.problem.dimension  # of points, all are used
            if is_inside and 0 < count < batch[name].count:
                wide = constraint.region.sample(
                    self.candidates * count, sampler=self.sampler, seed=(seed, number, draw, 1)
                )
                chosen = _by_residual(program, name, parameters, wide, count, seed=(seed, number, draw, 2))
                even = batch[name].samples.head(batch[name].count - count)
                batch[name] = program.blocks[name].point_set(
                    Samples.concatenate([even, chosen]),
                    dtype=program.dtype,
                    device=program.device,
                    seed=(seed, number, draw),
                )
        return batch


def counts_of(program: Program, factor: float = 1.0) -> dict[str, int]:
    """How many points every trained constraint gets: the declared or usual number, more of them by a factor.

    Measured points are as many as they are, and a condition on integrals is one row.
    """
    counts = {}
    for name, constraint in program.trained.items():
        usual = constraint.points or default_count(constraint)
        is_fixed = constraint.region.dimension == 0 or not constraint.is_pointwise
        counts[name] = usual if is_fixed else math.ceil(factor * usual)
    return counts


def _by_residual(
    program: Program,
    name: str,
    parameters: Mapping[str, Tensor],
    wide: Samples,
    count: int,
    *,
    seed: tuple[int, ...],
) -> Samples:
    """So many of the samples, denser where the scaled residual is large."""
    block = program.blocks[name]
    points = block.point_set(wide, dtype=program.dtype, device=program.device)
    with torch.no_grad():
        residual = block.values(program.networks, parameters, points) / program.scales[name]
    size = residual.norm(dim=1).double().cpu().numpy()
    mean = size.mean()
    density = size / mean + 1.0 if np.isfinite(mean) and mean > 0 else np.ones_like(size)
    chosen = np.random.default_rng(seed).choice(wide.count, size=count, replace=False, p=density / density.sum())
    mask = np.zeros(wide.count, dtype=bool)
    mask[chosen] = True
    return wide.restrict(mask)


def _check_every(sampling: AbstractSampling) -> None:
    if sampling.every is not None and (not isinstance(sampling.every, int) or sampling.every < 1):
        message = f"`{sampling}`: `every` must be a whole number of at least 1, or None."
        raise DeclarationError(message)
