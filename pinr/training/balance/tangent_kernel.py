"""Weights by the neural tangent kernel."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor
from typing_extensions import override

from pinr.errors import DeclarationError
from pinr.training.balance.rule import AbstractBalance, smoothed
from pinr.training.objective import ProgramObjective


@final
@dataclass(frozen=True)
class NeuralTangentKernel(AbstractBalance):
    """`λ_k ∝ 1/τ_k` with `τ_k = tr(J_k J_kᵀ)/N_k`, so that the residuals of all constraints fall at one rate.

    Along a gradient flow the residuals obey `dr/dt = −K r` with the kernel `K = J Jᵀ` of their Jacobian `J`; the trace
    is the sum of its rates. It is estimated without forming `J`, from `E ‖Jᵀ v‖²` for random signs `v`, one backward
    pass each; with four the estimate is off by tens of per cent, which the memory smooths. The mean of the `λ_k τ_k`
    is that of the `τ_k`.

    Args:
        memory: Weight of what was before, at each update.
        probes: How many vectors of random signs.

    References: Wang, Yu, Perdikaris, J. Comput. Phys. 449, 2022, eq. 6.5, with means over points in place of sums;
    Hutchinson, Commun. Stat. Simul. 18, 1989.
    """

    memory: float = 0.9
    probes: int = 4

    def __post_init__(self) -> None:
        if not (0 <= self.memory < 1 and self.probes >= 1):
            message = f"`{self}`: `memory` must be from 0 on and below 1, and there must be at least one probe."
            raise DeclarationError(message)

    @override
    def weights(self, objective: ProgramObjective, theta: Tensor, previous: Mapping[str, float]) -> dict[str, float]:
        generator = torch.Generator().manual_seed(0)
        traces = dict.fromkeys(objective.batch, 0.0)
        for _ in range(self.probes):
            for name, pull in objective.pulls(theta, generator).items():
                traces[name] += float(pull.square().sum()) / objective.batch[name].count / self.probes
        mean = sum(traces.values()) / len(traces)
        fresh = {name: mean / trace if trace > 0 else 1.0 for name, trace in traces.items()}
        return smoothed(fresh, previous, self.memory)
