"""A point tried by a line search."""

import math
from dataclasses import dataclass
from typing import final

from pinr.optimizers.vector import Vector


@final
@dataclass(frozen=True, eq=False)
class Trial:
    """A point `θ + t d` of the line: `t` is the length, `f(t) = L(θ + t d)` the loss, `f′(t) = ∇L·d` the slope."""

    length: float
    loss: float
    slope: float
    theta: Vector
    gradient: Vector

    @property
    def is_finite(self) -> bool:
        """Whether loss and slope are numbers; a gradient with a bad entry has a bad slope."""
        return math.isfinite(self.loss) and math.isfinite(self.slope)
