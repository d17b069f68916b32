"""What every rule for the points of a run does."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

import sympy
from torch import Tensor

from pinr.compiler.program import Batch, Program
from pinr.errors import DeclarationError
from pinr.optimizers import AbstractOptimizer
from pinr.training.sampling.draw import Draw, Kept
from pinr.training.sampling.more_points import MorePoints


class AbstractSampling(ABC):
    """A rule for the points of a run. The points are a function of the arguments alone, so that a run can resume.

    Attributes:
        every: Steps on the same points; None takes what the stage usually has.
        more: How the number of points grows where they are over-fitted; None leaves it.
    """

    every: int | None
    more: MorePoints | None

    @abstractmethod
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
        """The points of the draw of this number, given the parameters at which it is made and what was kept.

        There are `factor` times as many as usual.
        """

    def kept(self, program: Program, parameters: Mapping[str, Tensor], batch: Batch) -> Kept:
        """What the next draw takes over of the present points, given the parameters: usually nothing."""
        del program, parameters, batch
        return {}

    def is_due(self, stage: AbstractOptimizer, steps: int) -> bool:
        """Whether points are drawn anew before the step of this number."""
        return steps > 0 and steps % (self.every or stage.usual_draw) == 0


def check_rule(sampling: AbstractSampling, density: sympy.Expr | None) -> None:
    """Refuse what no rule can use.

    Raises:
        DeclarationError: `every` is no number of steps, or the density no expression.
    """
    if sampling.every is not None and (not isinstance(sampling.every, int) or sampling.every < 1):
        message = f"`{sampling}`: `every` must be a whole number of at least 1, or None."
        raise DeclarationError(message)
    if density is not None and not isinstance(density, sympy.Expr):
        message = f"`{sampling}`: `density` must be a SymPy expression in the coordinates, or None."
        raise DeclarationError(message)
