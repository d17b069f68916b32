"""More points where the present ones are over-fitted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from pinr.errors import DeclarationError


@final
@dataclass(frozen=True)
class MorePoints:
    """When the loss at new points is far above that at the old ones, repeatedly, there are more from then on.

    The weighted losses at the fresh points of two draws in a row are compared at the same parameters, when the second
    draw is not trained on yet. Their ratio is 1 where the problem is fitted, and grows as the points are.

    Args:
        above: The ratio from which on points count as over-fitted.
        draws: How many draws in a row must be.
        by: Factor by which the number of points grows.
        most: The number never grows beyond this factor.
    """

    above: float = 3.0
    draws: int = 2
    by: float = 1.5
    most: float = 10.0

    def __post_init__(self) -> None:
        if not (self.above > 1 and self.draws >= 1 and self.by > 1 and self.most >= 1):
            message = f"`{self}`: `above` and `by` must be above 1, `draws` and `most` at least 1."
            raise DeclarationError(message)

    def is_overfitted(
        self, seen: Mapping[str, float], held_out: Mapping[str, float], weights: Mapping[str, float]
    ) -> bool:
        """Whether the losses of a draw are far below those of the next one."""

        def total(losses: Mapping[str, float]) -> float:
            return sum(weights.get(name, 1.0) * loss for name, loss in losses.items())

        return total(held_out) > self.above * total(seen)

    def grown(self, growth: float, overfitted_draws: int) -> tuple[float, int]:
        """The factor for the next draw, and the count of over-fitted draws to go on from."""
        if overfitted_draws < self.draws or growth >= self.most:
            return growth, overfitted_draws
        return min(self.by * growth, self.most), 0
