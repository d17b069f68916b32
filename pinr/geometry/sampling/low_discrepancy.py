"""Low-discrepancy points."""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc
from typing_extensions import override

from pinr.geometry.sampling.sampler import AbstractSampler, Seed, generator


@final
@dataclass(frozen=True)
class Sobol(AbstractSampler):
    """The first points of a scrambled Sobol sequence: errors of means of smooth functions decay almost as `1/N`.

    Best balanced for powers of two: then every cell of every dyadic grid of that many cells holds one point (in
    one and two dimensions; nearly so in more).

    Reference: Owen, Scrambling Sobol' and Niederreiter–Xing points, J. Complexity 14 (1998).
    """

    @override
    def draw(self, dimension: int, count: int, seed: Seed) -> NDArray[np.float64]:
        if dimension == 0:
            return np.empty((count, 0))
        sequence = qmc.Sobol(dimension, scramble=True, rng=generator(seed))
        # Whole powers of two, then the head of them: SciPy warns of any other count.
        return sequence.random_base2((count - 1).bit_length())[:count]
