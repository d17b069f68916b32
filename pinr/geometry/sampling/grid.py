"""Points on a regular grid."""

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from pinr.geometry.sampling.sampler import AbstractSampler, Seed


@final
@dataclass(frozen=True)
class Grid(AbstractSampler):
    """The centres of `n^d` equal cells, `x_i = (i + 1/2)/n` along each axis, first axis slowest.

    `n = max(1, round(count^(1/d)))`, so that there are *about* `count` points, and one in dimension 0. The seed
    changes nothing.
    """

    gives_exact_count: ClassVar[bool] = False

    @override
    def draw(self, dimension: int, count: int, seed: Seed) -> NDArray[np.float64]:
        if dimension == 0:
            return np.empty((1, 0))
        cells = max(1, round(count ** (1 / dimension)))
        centres = (np.arange(cells) + 0.5) / cells
        axes = np.meshgrid(*(centres,) * dimension, indexing="ij")
        return np.stack([axis.ravel() for axis in axes], axis=1)
