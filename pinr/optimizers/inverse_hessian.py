"""A dense approximation of the inverse Hessian, updated along every step."""

from dataclasses import dataclass, replace
from typing import Self, final

import torch
from torch import Tensor

from pinr.optimizers.self_scaling import Member
from pinr.optimizers.vector import Vector

ROOM = 32  # updates kept apart: 64 vectors cost little beside a matrix, and one product of matrices adds them all to it


@final
@dataclass(frozen=True, eq=False)
class InverseHessian:
    """`H = β M + Vᵀ C V`: a matrix, and the updates since it was last written.

    The updates are kept apart, since to write a matrix of 10,000 weights takes longer than to evaluate the loss; when
    there is no more room, all are added to a new matrix by one product. What a step needs is one product `H g`. A new
    update goes where its predecessor has none, which therefore stays valid; nothing else is written in place.

    Attributes:
        matrix: `M`, `(parameters, parameters)`; `None` is the identity.
        factor: `β`; `None` before the first update.
        vectors: rows of `V`, two for each update, `(2 ROOM, parameters)`.
        middles: the blocks on the diagonal of `C`, `(ROOM, 2, 2)`.
        used: how many updates there are in `vectors`.
    """

    matrix: Tensor | None
    factor: float | None
    vectors: Tensor
    middles: Tensor
    used: int = 0

    @classmethod
    def empty(cls, theta: Vector) -> Self:
        """Nothing known of the Hessian of a function of vectors like `theta`."""
        return cls(None, None, theta.new_zeros(2 * ROOM, theta.numel()), theta.new_zeros(ROOM, 2, 2))

    @classmethod
    def multiple(cls, theta: Vector, factor: float) -> Self:
        """`β I` for vectors like `theta`."""
        return replace(cls.empty(theta), factor=factor)

    def times(self, g: Vector) -> Vector:
        """`H g`."""
        factor = 1.0 if self.factor is None else self.factor
        V, C = self._updates()
        inner = (C @ (V @ g).view(-1, 2, 1)).view(-1)
        if self.matrix is None:
            return torch.addmv(g, V.T, inner, beta=factor)
        return torch.addmv(V.T @ inner, self.matrix, g, alpha=factor)

    def with_update(self, s: Vector, Hy: Vector, curvature: float, h: float, member: Member) -> Self:
        """`H⁺` of Broyden's family (see `self_scaling`) from the step `s`, `H y`, `s·y` and `h = yᵀHy / s·y`.

        In the basis of `s` and `w = s − H y / h`, which is small where `H` was right already,
        `H⁺ = H/τ + ((τ − h) s sᵀ + h (s wᵀ + w sᵀ) + (φ − 1) h w wᵀ) / (τ s·y)`.
        """
        room = self if self.used < ROOM else self._written()
        tau, phi = member.scaling, member.mixing
        row = room.used
        room.vectors[2 * row] = s
        torch.sub(s, Hy, alpha=1 / h, out=room.vectors[2 * row + 1])
        middles = room.middles / tau
        middles[row] = middles.new_tensor([[tau - h, h], [h, (phi - 1) * h]]) / (tau * curvature)
        factor = 1.0 if room.factor is None else room.factor
        return replace(room, factor=factor / tau, middles=middles, used=row + 1)

    def newest_times(self, g: Vector, before: Vector, scaling: float) -> Vector:
        """`H g`, if `before` is what it was without the newest update, which divided by `scaling`."""
        V, C = self.vectors[2 * self.used - 2 : 2 * self.used], self.middles[self.used - 1]
        return torch.addmv(before, V.T, C @ (V @ g), beta=1 / scaling)

    def _updates(self) -> tuple[Tensor, Tensor]:
        return self.vectors[: 2 * self.used], self.middles[: self.used]

    def _written(self) -> Self:
        """The same, all in the matrix."""
        V, C = self._updates()
        inner = torch.bmm(C, V.view(-1, 2, V.shape[1])).view_as(V)
        factor = 1.0 if self.factor is None else self.factor
        if self.matrix is None:
            matrix = V.T @ inner
            matrix.diagonal().add_(factor)
        else:
            matrix = torch.addmm(self.matrix, V.T, inner, beta=factor)
        return replace(self.empty(V[0]), matrix=matrix, factor=1.0)
