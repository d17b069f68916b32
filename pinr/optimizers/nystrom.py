"""The large eigenvalues of a matrix from a few random products, as a preconditioner."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from pinr.optimizers.vector import Vector


@final
@dataclass(frozen=True)
class Nystrom:
    """`U diag(λ̂) Uᵀ ≈ A`, with orthonormal columns `U` `(n, k)`.

    Attributes:
        basis: `U`.
        values: `λ̂`, none negative, the largest first.
    """

    basis: Tensor
    values: Vector

    def preconditioned(self, v: Vector, damping: float) -> Vector:
        """`M⁻¹v` for `A + λ`: `(λ̂_k + λ) U (Λ̂ + λ)⁻¹ Uᵀ v + (v − U Uᵀ v)`.

        Reference: Frangella, Tropp and Udell, Randomized Nyström preconditioning, SIAM J. Matrix Anal. Appl. 44, 2023,
        eq. 1.3.
        """
        if self.values.numel() == 0:
            return v
        along = self.basis.t() @ v
        return v + self.basis @ (((self.values[-1] + damping) / (self.values + damping) - 1) * along)


def nystrom(operator: Callable[[Vector], Vector], like: Vector, rank: int, generator: torch.Generator) -> Nystrom:
    """The approximation `Y (ΩᵀY)⁺ Yᵀ` with `Y = A Ω` for `rank` random orthonormal columns `Ω`.

    It is never larger than `A`. What rounding leaves of `ΩᵀY` is dropped, so that the rank may be less; products that
    are not finite give nothing.

    Reference: as above, algorithm 2.1, which shifts `A` where this drops.

    Args:
        operator: `v ↦ A v`, symmetric and positive semidefinite.
        like: A vector of the size, precision and place of `v`.
        rank: How many products to spend.
        generator: Of `Ω`.
    """
    size = like.numel()
    omega = torch.randn(size, min(rank, size), generator=generator, dtype=torch.float64)
    omega = torch.linalg.qr(omega).Q.to(like)
    image = torch.stack([operator(column) for column in omega.unbind(1)], dim=1)
    if not bool(torch.isfinite(image).all()):
        return Nystrom(image[:, :0], image[0, :0])
    core = omega.t() @ image
    values, vectors = torch.linalg.eigh((core + core.t()) / 2)
    is_kept = values > size * torch.finfo(like.dtype).eps * values[-1].clamp_min(0)
    half = image @ (vectors[:, is_kept] / values[is_kept].sqrt())
    basis, singular, _ = torch.linalg.svd(half, full_matrices=False)
    return Nystrom(basis.contiguous(), singular.square())  # as a record keeps it: other strides are other rounding
