"""Balance: the weights of constraints that the user leaves open."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from torch import Tensor
from typing_extensions import override

from pinr.training.objective import ProgramObjective


class AbstractBalance(ABC):
    """A rule for the weights; residuals are already divided by the size of their terms."""

    @abstractmethod
    def weights(self, objective: ProgramObjective, theta: Tensor, previous: Mapping[str, float]) -> dict[str, float]:
        """New weights of all constraints, given the present parameters and the weights so far."""


@final
@dataclass(frozen=True)
class FixedWeights(AbstractBalance):
    """Conditions on boundaries, slices and integrals weigh `conditions` times as much as equations inside.

    An equation inside has its error smoothed by the inverse operator, a condition has not. The value was chosen
    by measurement, see `docs/decisions/0006-balance.md`.
    """

    conditions: float = 10.0

    @override
    def weights(self, objective: ProgramObjective, theta: Tensor, previous: Mapping[str, float]) -> dict[str, float]:
        constraints = objective.program.trained
        largest = objective.program.problem.dimension
        inside = {n for n, c in constraints.items() if c.region.dimension == largest and c.is_pointwise}
        return {name: 1.0 if name in inside else self.conditions for name in constraints}


@final
@dataclass(frozen=True)
class GradientNorm(AbstractBalance):
    """`λ_k ∝ 1/‖∇L_k‖`, so that every constraint pulls equally; smoothed over updates.

    Reference: Wang, Teng, Perdikaris, SIAM J. Sci. Comput. 43, 2021; in the form of jaxpi
    (Wang et al., arXiv:2308.08468, sec. 5.1).
    """

    memory: float = 0.9

    @override
    def weights(self, objective: ProgramObjective, theta: Tensor, previous: Mapping[str, float]) -> dict[str, float]:
        norms = {name: float(g.norm()) for name, g in objective.gradients(theta).items()}
        mean = sum(norms.values()) / len(norms)
        fresh = {name: mean / norm if norm > 0 else 1.0 for name, norm in norms.items()}
        if not previous:
            return fresh
        return {n: self.memory * previous[n] + (1 - self.memory) * w for n, w in fresh.items()}
