"""Points count more where the residual has long been large."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import KDTree
from torch import Tensor
from typing_extensions import override

from pinr.compiler.block import PointSet
from pinr.compiler.program import Batch
from pinr.errors import DeclarationError
from pinr.training.balance.fixed import FixedWeights
from pinr.training.balance.rule import AbstractBalance
from pinr.training.objective import ProgramObjective


@final
@dataclass(frozen=True)
class SelfAdaptive(AbstractBalance):
    """Every point has a weight of its own, which grows where its residual is large: residual-based attention.

    The factor of a point in the loss is `a = m a_before + (1 − m) √ℓ / mean √ℓ`, with `ℓ` the loss of the point; the
    factors of a constraint have the mean 1. A new point takes `a_before` of the nearest point of the draw before, so
    that attention belongs to places and outlives the points; without a draw before it is 1.

    Where McClenny and Braga-Neto let such weights climb along the gradient of the loss at fixed points, these follow a
    recursion that needs no gradient, is bounded, and fits methods that need their objective to stay for some steps.

    Args:
        memory: Weight of what was before, at each draw.
        between: Rule for the weights of the constraints against one another.

    References: McClenny, Braga-Neto, J. Comput. Phys. 474, 2023; Anagnostopoulos, Toscano, Stergiopulos, Karniadakis,
    Comput. Methods Appl. Mech. Eng. 421, 2024.
    """

    memory: float = 0.9
    between: AbstractBalance = field(default_factory=FixedWeights)

    def __post_init__(self) -> None:
        if not 0 <= self.memory < 1:
            message = f"`{self}`: `memory` must be from 0 on and below 1."
            raise DeclarationError(message)

    @override
    def weights(self, objective: ProgramObjective, theta: Tensor, previous: Mapping[str, float]) -> dict[str, float]:
        return self.between.weights(objective, theta, previous)

    @override
    def factors(self, objective: ProgramObjective, theta: Tensor, before: Batch | None) -> dict[str, Tensor]:
        found = {}
        for name, losses in objective.point_losses(theta).items():
            size = losses.sqrt()
            mean = size.mean()
            fresh = size / mean if mean > 0 else torch.ones_like(size)
            old = None if before is None else before.get(name)
            kept = torch.ones_like(size) if old is None else self._nearest(objective, old, objective.batch[name])
            attention = self.memory * kept + (1 - self.memory) * fresh
            found[name] = attention / attention.mean()
        return found

    def _nearest(self, objective: ProgramObjective, old: PointSet, new: PointSet) -> Tensor:
        """The factors of the nearest old points, distances measured in units of the problem's extent."""
        if old.factors is None:
            return torch.ones_like(new.like)
        bounds = objective.program.problem.bounds
        _, places = KDTree(_positions(old, bounds)).query(_positions(new, bounds))
        return old.factors[torch.as_tensor(places, device=old.factors.device)]


def _positions(points: PointSet, bounds: Mapping[str, tuple[float, float]]) -> NDArray[np.float64]:
    columns = [p / ((bounds[name][1] - bounds[name][0]) or 1.0) for name, p in points.samples.points.items()]
    return np.stack(columns, axis=1)
