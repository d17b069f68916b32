"""What looks at a run while it goes on: whether it is good enough, and whether it still gets better."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import final

from torch import Tensor

STALL_SHARE = 0.3  # of the time since the network has its size …
STALL_SECONDS = 6.0  # … but at least so many
STALL_FACTOR = 0.5  # by which the loss must have fallen in that time
ROUNDING = 1e-15  # losses of residuals divided by the size of their terms; below is rounding
KEPT = 400  # solutions
FALL = 16.0  # the loss must have fallen so far between two solutions whose difference tells the error


@final
@dataclass
class Watch:
    """Follows the loss at fresh points, and how much the solution still changes.

    Attributes:
        tolerance: Relative error at which to stop, or None.
        grows: Whether a run that gets no better stops, so that its network can grow.
        estimate: Estimated relative L² error of the unknown that is worst, NaN before there is one.
        end: Why the whole run is done, or None.
    """

    tolerance: float | None = None
    grows: bool = False
    estimate: float = math.nan
    end: str | None = None
    losses: list[tuple[float, float]] = field(default_factory=list)
    values: list[tuple[float, Tensor]] = field(default_factory=list)

    def reason(
        self, seconds: float, loss: float, values: Tensor, is_noise: Callable[[], bool] = lambda: False
    ) -> str | None:
        """Why the run should stop here, for good or so that its network can grow, or None.

        Args:
            seconds: Time spent.
            loss: Weighted loss at points that are not trained on yet.
            values: The unknowns at fixed points, `(unknowns, points)`.
            is_noise: Tells whether what is left of measurements is noise; asked where the loss has stopped falling.
        """
        self.losses.append((seconds, loss))
        self._estimated(loss, values)
        if self.tolerance is not None and self.estimate <= self.tolerance:
            self.end = f"the estimated error {self.estimate:.1e} is within the tolerance {self.tolerance:g}"
        elif self._has_stalled():
            if is_noise():
                self.end = "the loss at new points has stopped falling, and what is left of the measurements is noise"
            elif self.grows:
                return "the loss at new points has stopped falling"
        return self.end

    def _estimated(self, loss: float, values: Tensor) -> None:
        """The error is about a constant times the root of the loss: what changed while that fell tells the constant."""
        earlier = [(old, v) for old, v in self.values if old >= FALL * loss > 0]
        if earlier:
            before, old_values = earlier[-1]
            size = values.norm(dim=1).clamp_min(1e-300)
            change = float(((values - old_values).norm(dim=1) / size).max())
            ratio = math.sqrt(loss / before)
            self.estimate = change * ratio / (1 - ratio)
        self.values.append((loss, values))
        del self.values[:-KEPT]

    def _has_stalled(self) -> bool:
        start, now = self.losses[0][0], self.losses[-1][0]
        since = now - max(STALL_SECONDS, STALL_SHARE * (now - start))
        earlier = [loss for seconds, loss in self.losses if seconds <= since]
        later = [loss for seconds, loss in self.losses if seconds > since]
        if not earlier or not later or min(earlier) < ROUNDING:
            return False
        return _median(later[-5:]) > STALL_FACTOR * _median(earlier[-5:])


def _median(numbers: list[float]) -> float:
    return sorted(numbers)[len(numbers) // 2]
