"""A sum of squares from a function that computes its rows alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from pinr.optimizers.autograd_objective import AutogradObjective
from pinr.optimizers.autograd_products import AutogradProducts
from pinr.optimizers.matrix_block import MatrixBlock
from pinr.optimizers.vector import Vector


@final
@dataclass(frozen=True)
class RowsObjective:
    """`L(θ) = |r(θ)|²` with `r` as written, its Jacobian by autograd, one reverse sweep for each row.

    Attributes:
        rows: `r`.
        blocks: matrices of layers in `θ`, where there are any.
    """

    rows: Callable[[Vector], Tensor]
    blocks: Sequence[MatrixBlock] = ()

    def function(self, theta: Vector) -> Tensor:
        """`L(θ)`, differentiable."""
        return self.rows(theta).square().sum()

    def value(self, theta: Vector) -> Tensor:
        """`L(θ)` alone."""
        with torch.no_grad():
            return self.function(theta)

    def value_and_gradient(self, theta: Vector) -> tuple[Tensor, Vector]:
        """`L(θ)`, a scalar tensor, and `∇L(θ)`."""
        return AutogradObjective(self.function).value_and_gradient(theta)

    def normal_equations(self, theta: Vector, *, is_coarse: bool = False) -> tuple[Vector, Tensor]:
        """`Jᵀr` and `JᵀJ`, always in the precision of `theta`."""
        rows, jacobian = self.linearized(theta, is_coarse=is_coarse)
        return jacobian.t() @ rows, jacobian.t() @ jacobian

    def row_count(self, theta: Vector) -> int:
        """How many rows there are, by evaluating them."""
        with torch.no_grad():
            return self.rows(theta).numel()

    def linearized(self, theta: Vector, *, is_coarse: bool = False) -> tuple[Vector, Tensor]:
        """`r` and `J`, always in the precision of `theta`."""
        del is_coarse
        theta = theta.detach()
        return self.rows(theta), torch.autograd.functional.jacobian(self.rows, theta)

    def products(self, theta: Vector, *, is_coarse: bool = False) -> AutogradProducts:
        """Products with `J`, always in the precision of `theta`."""
        del is_coarse
        return AutogradProducts([self.rows], theta)
