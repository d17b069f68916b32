"""Values that are known wherever they are asked for: what stands behind a coefficient that is no callable."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class AbstractKnown(ABC):
    """A known function of named coordinates, given by data. Immutable; equal by value."""

    @property
    @abstractmethod
    def digest(self) -> str:
        """The fingerprint of the data."""

    @abstractmethod
    def at(self, places: Mapping[str, Array], orders: Mapping[str, int], *, name: str) -> Array:
        """The values at places by name, or the derivative of these orders.

        Args:
            places: Coordinate name → positions `(N,)`.
            orders: Coordinate name → how often it is differentiated by it.
            name: What errors call the function.

        Raises:
            DeclarationError: Nothing is known there, or not of that order.
        """

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AbstractKnown) and type(self) is type(other) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)
