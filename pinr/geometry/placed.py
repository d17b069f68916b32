"""Regions of data that can be moved and scaled into a box."""

from abc import abstractmethod
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pinr.geometry.bounds import Bounds
from pinr.geometry.distance_to import DistanceTo
from pinr.geometry.placement import USUAL_MARGIN, fitted_text, unit_box
from pinr.geometry.region import AbstractRegion
from pinr.geometry.samples import Values
from pinr.language.coordinates import Coordinate
from pinr.language.distance import Distance, distance_field

Vectors = NDArray[np.float64]


class AbstractPlaced(AbstractRegion):
    """A cloud, surface or solid: its `placement` says how its points came from where they were."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What its distance is called after."""

    @abstractmethod
    def distances(self, rows: Vectors) -> tuple[Values, Vectors]:
        """The distances of points `(N, d)`, of a solid negative inside, and their gradients `(N, d)`."""

    @cached_property
    def distance(self) -> Distance:
        """How far the region is, of a solid negative inside: a function of its coordinates, `Eq(phi, solid.distance)`.

        It is exact wherever it is asked, and so is its gradient; second derivatives are refused. Called with points by
        name, `solid.distance({"x": 0, "y": 0, "z": [1, 2]})`, it gives its values there.
        """
        coordinates = tuple(Coordinate(name, role) for name, role in self.coordinate_roles)
        return distance_field(f"{self.title}.distance", DistanceTo(self), coordinates)

    @abstractmethod
    def _fitted(self, box: Bounds, margin: float, written: str) -> Self:
        """The same in the middle of a box, under this text."""

    def fitted(self, box: AbstractRegion, *, margin: float = USUAL_MARGIN) -> Self:
        """The same, moved and scaled alike along all axes into the middle of a box.

        `placement` remembers how: `scan.placement.restore(vertices)` maps results back.

        Args:
            box: Any region of the same coordinates; the box around it counts.
            margin: What stays free on every side, as a fraction of half of the box's extent.

        Raises:
            GeometryError: The box has other coordinates, or the margin leaves nothing.
        """
        return self._fitted(box.bounds, margin, fitted_text(repr(self), repr(box), margin))

    def normalized(self, *, margin: float = USUAL_MARGIN) -> Self:
        """The same, fitted into `[−1, 1]` along all axes, see `fitted`."""
        return self._fitted(unit_box(self.names), margin, fitted_text(repr(self), "", margin))


def directions(rows: Vectors, places: Vectors, distances: Values) -> Vectors:
    """The unit vectors from places to points, 0 where both are the same."""
    lengths = distances[:, None]
    found: Vectors = np.divide(rows - places, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return found
