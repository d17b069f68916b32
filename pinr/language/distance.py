"""Distances to data, as they stand in equations."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pinr.errors import DeclarationError
from pinr.language.coefficients import Coefficient
from pinr.language.coordinates import Coordinate
from pinr.language.fields import Label
from pinr.language.known import AbstractKnown, Array


class Distance(Coefficient):
    """The distance to a cloud, surface or solid, `Eq(phi, solid.distance)`; called with points, its values there."""

    def __call__(self, points: Mapping[str, Any]) -> Array:
        """The values at points.

        Args:
            points: Coordinate name → array or number; they broadcast as in NumPy.

        Raises:
            DeclarationError: A coordinate is missing.
        """
        names = self.label.coordinates
        missing = [name for name in names if name not in points]
        if missing:
            message = f"`{self.label.name}(…)` lacks {', '.join(missing)}. Give the positions along every coordinate."
            raise DeclarationError(message)
        arrays = np.broadcast_arrays(*(np.asarray(points[name], dtype=np.float64) for name in names))
        places = {name: values.ravel() for name, values in zip(names, arrays, strict=True)}
        found: Array = self.label.payload.at(places, dict.fromkeys(names, 0), name=self.label.name)
        return found.reshape(arrays[0].shape)


def distance_field(name: str, data: AbstractKnown, coordinates: tuple[Coordinate, ...]) -> Distance:
    """The distance that data know, as a field of these coordinates."""
    return Distance(Label(name, tuple(c.name for c in coordinates), payload=data), *coordinates)
