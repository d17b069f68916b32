"""Points of a region, with what is known at them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

import numpy as np
from numpy.typing import NDArray

from pinr.errors import GeometryError

Values = NDArray[np.float64]
Points = Mapping[str, Values]
Mask = NDArray[np.bool_]


@final
@dataclass(frozen=True, eq=False)
class Samples:
    """Points by coordinate name and columns by key, all of them arrays `(N,)`.

    Args:
        points: Coordinate name → positions.
        columns: Key → values at the points, such as `normal.x` on a boundary.
    """

    points: Points
    columns: Points = field(default_factory=dict)

    def __post_init__(self) -> None:
        shapes = {name: np.shape(values) for name, values in (*self.points.items(), *self.columns.items())}
        if len(set(shapes.values())) > 1 or any(len(shape) != 1 for shape in shapes.values()):
            message = f"`Samples` of the shapes {shapes}: give one array `(N,)` per name, all of one length."
            raise GeometryError(message)

    @property
    def count(self) -> int:
        """Number of points."""
        return next((len(values) for values in self.points.values()), 0)

    def restrict(self, mask: Mask | slice) -> "Samples":
        """The points where the mask is true, or a range of them."""
        return Samples(
            {name: values[mask] for name, values in self.points.items()},
            {key: values[mask] for key, values in self.columns.items()},
        )

    def head(self, count: int) -> "Samples":
        """The first `count` points."""
        return self.restrict(slice(count))

    @staticmethod
    def concatenate(parts: "Sequence[Samples]") -> "Samples":
        """All points of the parts, in order; the parts have the same coordinates and columns.

        Raises:
            GeometryError: There are no parts, or their names differ.
        """
        if not parts:
            message = "`Samples.concatenate([])`: without parts there are no coordinates. Give at least one."
            raise GeometryError(message)
        first = parts[0]
        for other in parts:
            if other.points.keys() != first.points.keys() or other.columns.keys() != first.columns.keys():
                message = (
                    f"`Samples.concatenate`: the parts hold {_names(first)} and {_names(other)}. "
                    "Only samples with the same coordinates and columns can be joined."
                )
                raise GeometryError(message)
        return Samples(
            {name: np.concatenate([part.points[name] for part in parts]) for name in first.points},
            {key: np.concatenate([part.columns[key] for part in parts]) for key in first.columns},
        )


def _names(samples: Samples) -> str:
    return "(" + ", ".join((*samples.points, *samples.columns)) + ")"
