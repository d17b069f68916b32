"""What every sampler does."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

Seed = int | Sequence[int]


class AbstractSampler(ABC):
    """A way to spread points over the unit cube.

    `gives_exact_count` says whether a draw has exactly the number of points asked for, so that points lost to
    rejection can be made up by further draws.
    """

    gives_exact_count: ClassVar[bool] = True

    @abstractmethod
    def draw(self, dimension: int, count: int, seed: Seed) -> NDArray[np.float64]:
        """Points `(count, dimension)` in `[0, 1)`, a function of the arguments alone; dimension 0 is a point."""


def generator(seed: Seed) -> np.random.Generator:
    """The random numbers that belong to a seed; sequences that differ anywhere give independent ones."""
    return np.random.default_rng(np.random.SeedSequence(seed))
