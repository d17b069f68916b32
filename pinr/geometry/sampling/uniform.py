"""Independent uniform points."""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from pinr.geometry.sampling.sampler import AbstractSampler, Seed, generator


@final
@dataclass(frozen=True)
class Uniform(AbstractSampler):
    """Independent points, uniform in the unit cube: errors of means decay as `1/√N`.

    To choose when draws must be independent (unbiased squares of integrals); otherwise `Sobol` fills better.
    """

    @override
    def draw(self, dimension: int, count: int, seed: Seed) -> NDArray[np.float64]:
        return generator(seed).random((count, dimension))
