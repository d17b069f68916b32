"""Regions of data that can be moved and scaled into a box."""

from abc import abstractmethod
from typing import Self

from pinr.geometry.bounds import Bounds
from pinr.geometry.placement import USUAL_MARGIN, fitted_text, unit_box
from pinr.geometry.region import AbstractRegion


class AbstractPlaced(AbstractRegion):
    """A cloud, surface or solid: its `placement` says how its points came from where they were."""

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
