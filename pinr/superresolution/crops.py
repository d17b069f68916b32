"""Pieces of space and time, coarse and fine, drawn at random."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Values = NDArray[np.float32]


@final
@dataclass(frozen=True)
class Crops:
    """Pieces with their coarse values and the fine ones that they stand for, standardised.

    Attributes:
        fields: The names of the components.
        axes: The names of the last dimensions of values.
        coarse: `(crops, fields, *coarse counts)`.
        fine: `(crops, fields, *fine counts)`.
        coarse_places: The positions of coarse values by axis, `(crops, count)`, in the units of the file. Along a
            periodic axis they go on increasing beyond the period.
        fine_places: The same of fine values.
    """

    fields: tuple[str, ...]
    axes: tuple[str, ...]
    coarse: Values
    fine: Values
    coarse_places: Mapping[str, Array]
    fine_places: Mapping[str, Array]

    def __len__(self) -> int:
        return len(self.coarse)

    def samples(self, count: int, generator: np.random.Generator) -> tuple[dict[str, Array], Values]:
        """So many points of the fine grid of every crop, and the values there: nothing is interpolated.

        Returns:
            Positions by axis, `(crops, count)`, and values, `(crops, fields, count)`.
        """
        rows: Any = np.arange(len(self))[:, None]
        places = {a: generator.integers(self.fine_places[a].shape[1], size=(len(self), count)) for a in self.axes}
        chosen: tuple[Any, ...] = (rows, slice(None), *places.values())
        values = self.fine[chosen]  # (crops, count, fields)
        return {axis: self.fine_places[axis][rows, index] for axis, index in places.items()}, values.swapaxes(1, 2)
