"""What is early in time is learnt first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from typing_extensions import override

from pinr.compiler.program import Batch
from pinr.errors import DeclarationError
from pinr.training.balance.fixed import FixedWeights
from pinr.training.balance.rule import AbstractBalance
from pinr.training.objective import ProgramObjective
from pinr.training.sampling.counts import is_inside


@final
@dataclass(frozen=True)
class Causal(AbstractBalance):
    """Equations inside count at the time t as `w(t) = exp(−ε/T ∫₀ᵗ L(s) ds)`: little before what is earlier is learnt.

    `L(s)` is the mean loss of all equations inside at the time s, found in slabs, and T the length of time. Once the
    mean loss over time is below `1/ε`, all times count, so that a small ε stops acting soon. The weights fall
    in time from 1 at the beginning. Conditions keep theirs.

    Args:
        epsilon: `ε`, in units of one over a loss.
        slabs: Into how many parts time is divided.
        between: Rule for the weights of the constraints against one another.

    Reference: Wang, Sankaran, Perdikaris, Comput. Methods Appl. Mech. Eng. 421, 2024 (arXiv:2203.07404), with a mean
    over the slabs in place of their sum, so that ε means the same for any number of them.
    """

    epsilon: float = 5.0
    slabs: int = 32
    between: AbstractBalance = field(default_factory=FixedWeights)

    def __post_init__(self) -> None:
        if not (self.epsilon > 0 and self.slabs >= 2):
            message = f"`{self}`: `epsilon` must be positive, and there must be at least 2 slabs."
            raise DeclarationError(message)

    @override
    def weights(self, objective: ProgramObjective, theta: Tensor, previous: Mapping[str, float]) -> dict[str, float]:
        return self.between.weights(objective, theta, previous)

    @override
    def factors(self, objective: ProgramObjective, theta: Tensor, before: Batch | None) -> dict[str, Tensor]:
        problem = objective.program.problem
        time = next((c.name for u in problem.unknowns for c in u.coordinates if c.role == "time"), None)
        if time is None:
            message = (
                f'`balance={self}`: {problem.name} has no time. Declare it with `coordinates(..., time="t")`, '
                "or choose another rule, `FixedWeights()` for example."
            )
            raise DeclarationError(message)
        inside = [name for name in objective.batch if is_inside(objective.program, name)]
        losses = objective.point_losses(theta)
        edges = np.linspace(*problem.bounds[time], self.slabs + 1)
        times = {
            n: objective.batch[n].samples.points[time] for n in inside if time in objective.batch[n].samples.points
        }
        by_slab = sum(
            (slab_means(at, losses[name].double().cpu().numpy(), edges) for name, at in times.items()),
            start=np.zeros(self.slabs),
        )
        return {
            name: losses[name].new_tensor(causal_weights(at, by_slab, edges, self.epsilon))
            for name, at in times.items()
        }


def slab_means(
    times: NDArray[np.float64], losses: NDArray[np.float64], edges: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The mean loss of the points in each slab of time; 0 where there are none."""
    slab = np.clip(np.searchsorted(edges, times, side="right") - 1, 0, len(edges) - 2)
    sums = np.bincount(slab, losses, minlength=len(edges) - 1)
    return sums / np.maximum(np.bincount(slab, minlength=len(edges) - 1), 1)


def causal_weights(
    times: NDArray[np.float64], by_slab: NDArray[np.float64], edges: NDArray[np.float64], epsilon: float
) -> NDArray[np.float64]:
    """`exp(−ε/T ∫ L)` at the times, with the integral of a loss that is constant in each slab."""
    earlier = np.concatenate([[0.0], np.cumsum(by_slab)]) / len(by_slab)
    return np.exp(-epsilon * np.interp(times, edges, earlier))
