"""When points are drawn anew."""

from dataclasses import dataclass, field
from typing import final

from pinr.errors import DeclarationError
from pinr.geometry.sampling.low_discrepancy import Sobol
from pinr.geometry.sampling.sampler import AbstractSampler
from pinr.optimizers import LBFGS, AbstractOptimizer

# Fixed points are over-fitted sooner the better the optimizer is; a new draw costs L-BFGS its curvature pairs.
STEPS_OF_LBFGS = 500
STEPS_OF_OTHERS = 50


@final
@dataclass(frozen=True)
class FreshPoints:
    """New points every so many steps of a stage.

    Args:
        every: Steps on the same points; None takes 50, and 500 for L-BFGS, which drops its pairs.
        sampler: How points are spread.
    """

    every: int | None = None
    sampler: AbstractSampler = field(default_factory=Sobol)

    def __post_init__(self) -> None:
        if self.every is not None and (not isinstance(self.every, int) or self.every < 1):
            message = f"`FreshPoints(every={self.every!r})`: it must be a whole number of at least 1, or None."
            raise DeclarationError(message)

    def is_due(self, stage: AbstractOptimizer, steps: int) -> bool:
        """Whether points are drawn anew before the step of this number."""
        every = self.every or (STEPS_OF_LBFGS if isinstance(stage, LBFGS) else STEPS_OF_OTHERS)
        return steps > 0 and steps % every == 0
