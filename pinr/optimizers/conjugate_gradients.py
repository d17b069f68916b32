"""Linear equations from products alone."""

import math
from collections.abc import Callable

import torch

from pinr.optimizers.vector import Vector

Operator = Callable[[Vector], Vector]


def conjugate_gradients(
    operator: Operator, b: Vector, *, preconditioner: Operator, tolerance: float, iterations: int
) -> tuple[Vector, int]:
    """`x` with `A x ≈ b` for a symmetric positive definite `A`, from `x = 0`, and how many products it took.

    Every iterate lowers `½ xᵀAx − bᵀx`, so that one that is stopped early is a useful step all the same.

    Reference: Hestenes and Stiefel, J. Res. Natl. Bur. Stand. 49, 1952; preconditioned: Saad, Iterative methods for
    sparse linear systems, 2003, algorithm 9.1.

    Args:
        operator: `v ↦ A v`.
        b: The right-hand side.
        preconditioner: `v ↦ M⁻¹ v`, symmetric positive definite, near `A⁻¹` up to a factor.
        tolerance: `|b − A x| / |b|` at which to stop.
        iterations: Most products.
    """
    x, residual = torch.zeros_like(b), b.clone()
    z = preconditioner(residual)
    p, product = z, float(residual @ z)
    target = tolerance * float(b.norm())
    for count in range(iterations):
        if not float(residual.norm()) > target:
            return x, count
        image = operator(p)
        curvature = float(p @ image)
        if not (math.isfinite(curvature) and curvature > 0):  # rounding has eaten the rest of the residual
            return x, count + 1
        length = product / curvature
        x, residual = x + length * p, residual - length * image
        z = preconditioner(residual)
        before, product = product, float(residual @ z)
        p = z + (product / before) * p
    return x, iterations
