"""What an optimizer minimises."""

from typing import Protocol, runtime_checkable

from torch import Tensor

from pinr.optimizers.vector import Vector


class Objective(Protocol):
    """A differentiable function `L(θ)` of one flat vector.

    Between two calls of `reset` on the optimizer's state it is the same function: same points, same weights.
    """

    def value_and_gradient(self, theta: Vector) -> tuple[Tensor, Vector]:
        """`L(θ)`, a scalar tensor, and `∇L(θ)`."""


@runtime_checkable
class LeastSquares(Objective, Protocol):
    """A sum of squares `L(θ) = |r(θ)|²` whose rows are known one by one."""

    def value(self, theta: Vector) -> Tensor:
        """`L(θ)` alone."""

    def normal_equations(self, theta: Vector) -> tuple[float, Vector, Tensor]:
        """`L(θ)`, `Jᵀr` (half of the gradient) and the lower triangle of `JᵀJ`, with the Jacobian `J` of the rows."""


def evaluate(objective: Objective, theta: Vector) -> tuple[float, Vector]:
    """`L(θ)` as a plain number and `∇L(θ)` outside every graph."""
    loss, gradient = objective.value_and_gradient(theta)
    return float(loss.detach()), gradient.detach()
