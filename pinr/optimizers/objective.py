"""What an optimizer minimises."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from torch import Tensor

from pinr.optimizers.matrix_block import MatrixBlock
from pinr.optimizers.vector import Vector


class Objective(Protocol):
    """A differentiable function `L(θ)` of one flat vector.

    Between two calls of `reset` on the optimizer's state it is the same function: same points, same weights.
    """

    def value_and_gradient(self, theta: Vector) -> tuple[Tensor, Vector]:
        """`L(θ)`, a scalar tensor, and `∇L(θ)`."""


class Products(Protocol):
    """Rows `r` at some `θ`, and products with their Jacobian `J`, which need not be formed."""

    @property
    def rows(self) -> Vector:
        """`r(θ)`."""

    def moved(self, d: Vector) -> Vector:
        """`r(θ + d)`; rows reweighted by the factors of `θ`."""

    def pull(self, w: Vector) -> Vector:
        """`Jᵀw`."""

    def normal(self, v: Vector) -> Vector:
        """`JᵀJ v`."""


@runtime_checkable
class LeastSquares(Objective, Protocol):
    """A sum of squares `L(θ) = |r(θ)|²` whose rows are known one by one.

    For losses that are no squares, rows are those whose squares touch the loss at `θ`. With `is_coarse` single
    precision suffices for the answer.
    """

    def value(self, theta: Vector) -> Tensor:
        """`L(θ)` alone."""

    def normal_equations(self, theta: Vector, *, is_coarse: bool = False) -> tuple[Vector, Tensor]:
        """`Jᵀr` (half of the gradient) and the lower triangle of `JᵀJ`, with the Jacobian `J` of the rows."""

    def row_count(self, theta: Vector) -> int:
        """How many rows there are."""

    def linearized(self, theta: Vector, *, is_coarse: bool = False) -> tuple[Vector, Tensor]:
        """`r` and `J` `(rows, weights)`: for few rows."""

    def products(self, theta: Vector, *, is_coarse: bool = False) -> Products:
        """`r`, and products with `J`: for many weights; the rows in the order of `linearized`."""


@runtime_checkable
class Layered(Objective, Protocol):
    """A function of the layers of networks that says where their matrices lie in the vector."""

    @property
    def blocks(self) -> Sequence[MatrixBlock]:
        """The matrices, which do not overlap; the rest are numbers and vectors."""


def evaluate(objective: Objective, theta: Vector) -> tuple[float, Vector]:
    """`L(θ)` as a plain number and `∇L(θ)` outside every graph."""
    loss, gradient = objective.value_and_gradient(theta)
    return float(loss.detach()), gradient.detach()
