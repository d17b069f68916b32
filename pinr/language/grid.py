"""Known values on a tensor grid with named axes: what gridded and stored data have in common."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from pinr.errors import DeclarationError
from pinr.language.known import AbstractKnown, Array

SLACK = 1e-9  # of the extent: what lies further out is outside
NEAR = 1e-6  # of the distance of two positions: what is nearer is the position


class AbstractGrid(AbstractKnown):
    """Values on a tensor grid, with an interpolation between them.

    Attributes:
        axes: Name → positions, two or more and increasing, in the order of the values' axes.
    """

    axes: Mapping[str, Array]

    @abstractmethod
    def at_nodes(self, nodes: Sequence[NDArray[np.intp]]) -> Array:
        """The values under these indices, one array per axis: nothing is interpolated."""

    @abstractmethod
    def between(self, places: Sequence[Array], orders: Sequence[int]) -> Array:
        """The interpolation at places within the extent, or its derivative of these orders."""

    @override
    def at(self, places: Mapping[str, Array], orders: Mapping[str, int], *, name: str) -> Array:
        """The interpolation at places by name, or its derivative of these orders; at positions the values themselves.

        Raises:
            DeclarationError: A place is outside the data.
        """
        within = []
        for axis, positions in self.axes.items():
            slack = SLACK * (positions[-1] - positions[0])
            outside = (places[axis] < positions[0] - slack) | (places[axis] > positions[-1] + slack)
            if outside.any():
                message = (
                    f"The coefficient `{name}` is asked at {axis} = {places[axis][outside][0]:g}, outside its data "
                    f"({positions[0]:g} to {positions[-1]:g}). Extend the data or shrink the region."
                )
                raise DeclarationError(message)
            within.append(np.clip(places[axis], positions[0], positions[-1]))
        if not any(orders[axis] for axis in self.axes):
            nodes = [_nodes(positions, values) for positions, values in zip(self.axes.values(), within, strict=True)]
            found = [n for n in nodes if n is not None]
            if len(found) == len(nodes):
                return self.at_nodes(found)
        return self.between(within, [orders[axis] for axis in self.axes])


def _nodes(positions: Array, values: Array) -> NDArray[np.intp] | None:
    """The index of every value among the positions, None if one is not among them."""
    above = np.clip(np.searchsorted(positions, values), 1, len(positions) - 1)
    low, high = positions[above - 1], positions[above]
    nearest = np.where(values - low < high - values, above - 1, above)
    is_one = np.abs(positions[nearest] - values) <= NEAR * (high - low)
    return nearest if is_one.all() else None
