"""Weights that stay."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from torch import Tensor
from typing_extensions import override

from pinr.training.balance.rule import AbstractBalance
from pinr.training.objective import ProgramObjective


@final
@dataclass(frozen=True)
class FixedWeights(AbstractBalance):
    """Conditions on boundaries, slices and integrals weigh `conditions` times as much as equations inside.

    An equation inside has its error smoothed by the inverse operator, a condition has not. The value was chosen
    by measurement, see `docs/decisions/0006-balance.md` and, under Gauss–Newton, `0016-points-and-balance.md`.
    """

    conditions: float = 10.0

    @override
    def weights(self, objective: ProgramObjective, theta: Tensor, previous: Mapping[str, float]) -> dict[str, float]:
        constraints = objective.program.problem.named_constraints
        largest = objective.program.problem.dimension
        inside = {n for n, c in constraints.items() if c.region.dimension == largest and c.is_pointwise}
        return {name: 1.0 if name in inside else self.conditions for name in constraints}
