"""Weights for data that may be noisy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from torch import Tensor
from typing_extensions import override

from pinr.geometry.measurements import Measurements
from pinr.training.balance.fixed import FixedWeights
from pinr.training.balance.rule import AbstractBalance
from pinr.training.objective import ProgramObjective

LEAST, MOST = 1e-4, 10.0
QUICKEST = 3.0  # factor from one draw to the next: the optimizer should know its objective again


@final
@dataclass(frozen=True)
class DataShare(AbstractBalance):
    """Measurements weigh so much that their loss is a share of what all equations and conditions have together.

    Data with noise cannot be met better than to their noise. With a fixed weight the network bends the equations to
    come nearer, and what is identified is wrong by more than the noise explains. Here the weight falls with the
    residuals of the equations, `w = share · Σ w_k L_k / L_data`, so that in the end the equations hold and the data
    choose among their solutions: the estimate of maximum likelihood. Data without noise keep their weight. Without
    measurements, these are `FixedWeights`.

    Args:
        conditions: Weight of conditions, as in `FixedWeights`.
        share: Weighted loss of the data by that of all else. Where the equations bend to the data, the latter grows with
            the square of the weight: with a large share, a weight that is too high would justify itself.
    """

    conditions: float = 10.0
    share: float = 0.1

    @override
    def weights(self, objective: ProgramObjective, theta: Tensor, previous: Mapping[str, float]) -> dict[str, float]:
        found = FixedWeights(self.conditions).weights(objective, theta, previous)
        constraints = objective.program.trained
        measured = [name for name in found if isinstance(constraints[name].region, Measurements)]
        if not measured or len(measured) == len(found):
            return found
        losses = {name: float(loss.mean()) for name, loss in objective.point_losses(theta).items()}
        given = {name: float(w) for name, w in objective.program.weights(found).items()}
        others = sum(given[name] * losses[name] for name in found if name not in measured)
        for name in measured:
            before = previous.get(name, 1.0)
            wanted = self.share * others / (len(measured) * max(losses[name], 1e-300))
            nearer = min(max(wanted, before / QUICKEST), before * QUICKEST)
            found[name] = min(max(nearer, LEAST), MOST)
        return found
