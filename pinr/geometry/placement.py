"""Where a shape was put: a change of scale and position that can be undone."""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from pinr.geometry.bounds import Bounds


@final
@dataclass(frozen=True)
class Placement:
    """`p = target + (q − centre) · factor`: how the points `q` of a shape became those of a fitted one.

    Args:
        centre: The middle of the box around the shape.
        factor: Of lengths.
        target: The middle of the box into which it was fitted.
    """

    centre: tuple[float, ...]
    factor: float
    target: tuple[float, ...]

    @classmethod
    def into(cls, bounds: Bounds, box: Bounds, margin: float) -> "Placement":
        """What fits one box into another, with a margin on every side as a fraction of half of its extent."""
        middles = [tuple((low + high) / 2 for low, high in b.values()) for b in (bounds, {n: box[n] for n in bounds})]
        ratios = [(box[name][1] - box[name][0]) / (high - low) for name, (low, high) in bounds.items() if high > low]
        return cls(middles[0], (1 - margin) * min(ratios, default=1.0), middles[1])

    def place(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """From the shape's own points `(N, d)` to the fitted ones."""
        return np.asarray(self.target) + (points - np.asarray(self.centre)) * self.factor

    def restore(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """From fitted points `(N, d)`, such as the vertices of a result, back to the shape's own."""
        return np.asarray(self.centre) + (points - np.asarray(self.target)) / self.factor

    def after(self, first: "Placement | None") -> "Placement":
        """Both, one after the other, as one."""
        if first is None:
            return self
        own = first.restore(np.array([self.centre]))[0]
        return Placement(tuple(map(float, own)), first.factor * self.factor, self.target)
