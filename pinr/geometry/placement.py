"""Where a shape was put: a change of scale and position that can be undone."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from pinr.errors import GeometryError
from pinr.geometry.bounds import Bounds

USUAL_MARGIN = 0.1


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
    def into(cls, bounds: Bounds, box: Bounds, margin: float, written: str) -> "Placement":
        """What fits one box into the middle of another, by one factor for all axes.

        Args:
            bounds: The box around a shape.
            box: Of the same coordinates.
            margin: What stays free on every side, as a fraction of half of the box's extent.
            written: What the user wrote, for errors.

        Raises:
            GeometryError: The box has no extent along a coordinate, or the margin leaves nothing.
        """
        missing = [name for name in bounds if name not in box or not np.isfinite(box[name]).all()]
        if missing or not 0 <= margin < 1:
            reason = f"the box has no extent along {missing[0]}" if missing else "the margin must be in [0, 1)"
            message = f"`{written}`: {reason}. Write for example `.normalized(margin=0.1)`."
            raise GeometryError(message)
        centre, target = (tuple((b[n][0] + b[n][1]) / 2 for n in bounds) for b in (bounds, box))
        ratios = [(box[n][1] - box[n][0]) / (high - low) for n, (low, high) in bounds.items() if high > low]
        return cls(centre, (1 - margin) * min(ratios, default=1.0), target)

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

    def record(self) -> dict[str, Any]:
        """As plain JSON."""
        return {key: list(part) if isinstance(part, tuple) else part for key, part in asdict(self).items()}


def unit_box(names: Iterable[str]) -> Bounds:
    """`[−1, 1]` along all coordinates."""
    return dict.fromkeys(names, (-1.0, 1.0))


def fitted_text(shape: str, box: str, margin: float) -> str:
    """How a fitted shape is written; without a box, a normalized one."""
    arguments = [box] if box else []
    if margin != USUAL_MARGIN:
        arguments.append(f"margin={margin}")
    return f"{shape}.{'fitted' if box else 'normalized'}({', '.join(arguments)})"
