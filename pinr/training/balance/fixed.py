"""Weights that stay."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from torch import Tensor
from typing_extensions import override

from pinr.geometry.measurements import Measurements
from pinr.training.balance.rule import AbstractBalance
from pinr.training.objective import ProgramObjective


@final
@dataclass(frozen=True)
class FixedWeights(AbstractBalance):
    """Conditions on boundaries, slices and integrals weigh `conditions` times as much as equations inside.

    An equation inside has its error smoothed by the inverse operator, a condition has not. Measurements weigh `data`
    times as much, which is little: data with noise cannot be met better than to their noise, and a network bends its
    equations to come nearer if that is worth its while; then what is identified is wrong by more than the noise
    explains. The values were chosen by measurement, see
    `docs/decisions/0006-balance.md`, `0016-points-and-balance.md` and `0018-autopilot.md`.
    Where there is nothing but measurements, they weigh 1.
    """

    conditions: float = 10.0
    data: float = 0.1

    @override
    def weights(self, objective: ProgramObjective, theta: Tensor, previous: Mapping[str, float]) -> dict[str, float]:
        constraints = objective.program.trained
        largest = objective.program.problem.dimension
        measured = {n for n, c in constraints.items() if isinstance(c.region, Measurements)}
        if len(measured) == len(constraints):
            return dict.fromkeys(constraints, 1.0)
        inside = {n for n, c in constraints.items() if c.region.dimension == largest and c.is_pointwise}
        found = {name: 1.0 if name in inside else self.conditions for name in constraints}
        return found | dict.fromkeys(measured, self.data)
