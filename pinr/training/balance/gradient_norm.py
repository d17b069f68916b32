"""Weights by the gradients of the losses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from torch import Tensor
from typing_extensions import override

from pinr.training.balance.rule import AbstractBalance, smoothed
from pinr.training.objective import ProgramObjective


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
        return smoothed(fresh, previous, self.memory)
