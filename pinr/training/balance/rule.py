"""What every rule for weights does."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from torch import Tensor

from pinr.compiler.program import Batch
from pinr.training.objective import ProgramObjective


class AbstractBalance(ABC):
    """A rule for the weights; residuals are already divided by the size of their terms.

    Weights change with the points and stay between two draws, so that a stage sees one function: secant pairs and
    damping would mean nothing across two.
    """

    @abstractmethod
    def weights(self, objective: ProgramObjective, theta: Tensor, previous: Mapping[str, float]) -> dict[str, float]:
        """New weights of all constraints, given the present parameters and the weights so far."""

    def factors(self, objective: ProgramObjective, theta: Tensor, before: Batch | None) -> dict[str, Tensor]:
        """How much every point counts in the mean loss of its constraint, `(N,)`: where nothing is said, all the same.

        Given are the objective at the new points, all counting the same, the parameters, and the points of the draw
        before with their factors, if the stage had one.
        """
        del objective, theta, before
        return {}


def smoothed(fresh: Mapping[str, float], previous: Mapping[str, float], memory: float) -> dict[str, float]:
    """`m w_before + (1 − m) w`, or the fresh weights where there are none before."""
    if not previous:
        return dict(fresh)
    return {name: memory * previous[name] + (1 - memory) * weight for name, weight in fresh.items()}
