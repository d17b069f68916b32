"""What is left between measurements and the solution, and whether it looks like noise."""

from collections.abc import Mapping
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from torch import Tensor

from pinr.compiler.loss import point_losses
from pinr.compiler.program import Program
from pinr.geometry.sampling.low_discrepancy import Sobol

FEWEST, MOST = 30, 3000  # points: fewer tell nothing, more are a signal to fit
NEIGHBOURS = 6
TRIALS = 99
DEVIATIONS = 2.0  # of the correlation under random signs, within which values pass for unrelated


@final
class Misfit:
    """The residuals of measured constraints at all of their points.

    What a solution still lacks is alike at points that are near each other; noise is not, and once it is being fitted,
    neighbours are unlike. To go on then is to follow the noise, which coefficient fields do first.
    """

    def __init__(self, program: Program) -> None:
        self.program, self.sets = program, {}
        for name, constraint in program.trained.items():
            region = constraint.region
            if region.dimension != 0 or not FEWEST <= region.measure <= MOST or not constraint.is_pointwise:
                continue
            samples = region.sample(int(region.measure), sampler=Sobol(), seed=0)
            points = program.blocks[name].point_set(samples, dtype=program.dtype, device=program.device)
            places = np.stack([samples.points[axis] / _length(samples.points[axis]) for axis in region.names], axis=1)
            self.sets[name] = points, cKDTree(places).query(places, k=NEIGHBOURS + 1)[1][:, 1:]

    def is_noise(self, parameters: Mapping[str, Tensor], weights: Mapping[str, float | Tensor], others: float) -> bool:
        """Whether the measurements make the loss, and what is left of them is unrelated from neighbour to neighbour.

        Args:
            parameters: Of the networks.
            weights: Of the constraints.
            others: The weighted loss of everything that is not measured.
        """
        losses = 0.0
        for name, (points, near) in self.sets.items():
            with torch.no_grad():
                residuals = self.program.residuals(parameters, {name: points})[name]
                kind = self.program.problem.named_constraints[name].loss
                own = point_losses(residuals, kind, self.program.scales[name])
            losses += float(weights[name]) * float(own.mean())
            if any(is_related(column, near) for column in residuals.double().cpu().numpy().T):
                return False
        return losses > others


def is_related(values: NDArray[np.float64], near: NDArray[np.intp]) -> bool:
    """Whether values are more like those of their neighbours than with random signs: Moran's I, about zero.

    Signs, and not places, are exchanged, so that an error common to all points is seen.

    Args:
        values: One per point, `(N,)`.
        near: The neighbours of each, `(N, k)`.

    Reference: Moran, Biometrika 37, 1950.
    """
    if not values.any():
        return False
    random = np.random.default_rng(0)
    signs = 2.0 * random.integers(0, 2, (TRIALS, len(values))) - 1
    unrelated = [_correlation(some * values, near) for some in signs]
    return bool(_correlation(values, near) > DEVIATIONS * np.std(unrelated))


def _correlation(values: NDArray[np.float64], near: NDArray[np.intp]) -> float:
    return float((values[:, None] * values[near]).mean() / np.square(values).mean())


def _length(values: NDArray[np.float64]) -> float:
    return float(np.ptp(values)) or 1.0
