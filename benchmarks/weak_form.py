"""`Δu = f` on a square as `∫ ∇u·∇v + f v = 0` for sines v, in a norm in which every wave of the error counts the same.

With `v_k = sin(k₁ π (x + 1)/2) sin(k₂ π (y + 1)/2)` and `λ_k = (k₁² + k₂²) π²/4` the loss is

    L = Σ_k c_k² / 4,    c_k = (∫ ∇u·∇v_k + f v_k) / λ_k,

the square of the distance from u to the solution in `L²`, up to waves that the lattice does not resolve, where u has
the right values on the border. The mean of `(Δu − f)²` weighs the same waves by `λ_k²`.

Integrals over u are sums over a lattice of as many points as waves, which moves from one step to the next: of what is
between the points of a single one a network makes what it likes. Those over f are taken beforehand, on a finer one.

References: Taylor, Pardo and Muga, A Deep Fourier Residual method for solving PDEs using neural networks, Comput.
Methods Appl. Mech. Engrg. 405, 2023, with the norm of `H⁻¹`; Rojas et al., Robust variational physics-informed neural
networks, ibid. 425, 2024.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from typing_extensions import override

from pinr import Program
from pinr.geometry.sampling import AbstractSampler
from pinr.geometry.sampling.sampler import Seed
from pinr.optimizers import MatrixBlock
from pinr.training.layout import Layout

Array = NDArray[np.float64]

LATTICES = 16  # that take turns
FINER = 4  # times as fine a lattice for what is known


@final
@dataclass(frozen=True)
class Lattice(AbstractSampler):
    """`(i + 1/2 + s)/n` along every axis, with `n^d` points; the shifts `s`, one per axis, are within ±1/2."""

    gives_exact_count: ClassVar[bool] = True

    shifts: tuple[float, ...]

    @override
    def draw(self, dimension: int, count: int, seed: Seed) -> Array:
        n = round(count ** (1 / dimension))
        axes = np.meshgrid(*((np.arange(n) + 0.5 + shift) / n for shift in self.shifts), indexing="ij")
        return np.stack([axis.ravel() for axis in axes], axis=1)


def waves(count: int, modes: int, shift: float = 0.0) -> tuple[Array, Array, Array]:
    """The points of a lattice in [−1, 1], and the matrices that take values there to integrals with sines and slopes.

    Args:
        count: Number of points n.
        modes: Number of waves m.
        shift: Of the lattice, in its spacings; the cells at the ends are as much longer or shorter.

    Returns:
        Points `(n,)`, `w_j sin(k_i (x_j + 1))` and `w_j k_i cos(k_i (x_j + 1))`, `(m, n)`, with `k_i = i π/2`.
    """
    x = -1 + (np.arange(count) + 0.5 + shift) * 2 / count
    weights = np.full(count, 2 / count)
    weights[0] += shift * 2 / count
    weights[-1] -= shift * 2 / count
    k = wavenumbers(modes)[:, None]
    return x, np.sin(k * (x + 1)) * weights, k * np.cos(k * (x + 1)) * weights


def wavenumbers(modes: int) -> Array:
    """`k_i = i π/2`, of sines that vanish at −1 and 1."""
    return np.arange(1, modes + 1) * np.pi / 2


@final
class WeakPoisson:
    """The loss above as a function of the weights, for pinr's optimizers.

    Args:
        program: Whose constraint `flux` has the residuals `∂u/∂x` and `∂u/∂y`.
        layout: Of its weights.
        source: `f(x, y)` on a tensor grid, `(len(x), len(y))`.
        side: Points along each side, and waves.
        seed: Of the shifts.
    """

    FLUX: ClassVar[str] = "flux"

    def __init__(
        self, program: Program, layout: Layout, source: Callable[[Array, Array], Array], *, side: int, seed: int = 0
    ) -> None:
        self.program, self.layout, self.source, self.side = program, layout, source, side
        shifts = np.random.default_rng(seed).uniform(-0.5, 0.5, (LATTICES, 2))
        self.lattices = [self._lattice(*pair) for pair in shifts]
        self.steps = 0

    @property
    def blocks(self) -> tuple[MatrixBlock, ...]:
        """Where the matrices of the networks lie in the vector."""
        return self.layout.blocks

    def value_and_gradient(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """The loss and its gradient, on the lattice whose turn it is."""
        lattice = self.lattices[self.steps % LATTICES]
        self.steps += 1
        with torch.enable_grad():
            variable = theta.detach().requires_grad_(True)
            loss = self._loss(self.layout.unflatten(variable), lattice)
            (gradient,) = torch.autograd.grad(loss, variable)
        return loss.detach(), gradient

    def _loss(self, parameters: Mapping[str, Tensor], lattice: "_Moved") -> Tensor:
        flux = self.program.residuals(parameters, lattice.batch)[self.FLUX].view(self.side, self.side, 2)
        along_x = lattice.slopes_x @ flux[..., 0] @ lattice.sines_y.T
        along_y = lattice.sines_x @ flux[..., 1] @ lattice.slopes_y.T
        return ((along_x + along_y + self._known) / self._eigenvalues).square().sum() / 4

    def _lattice(self, right: float, up: float) -> "_Moved":
        batch = self.program.batch(sampler=Lattice((right, up)), points={self.FLUX: self.side**2}, names=[self.FLUX])
        matrices = [matrix for shift in (right, up) for matrix in waves(self.side, self.side, shift)[1:]]
        return _Moved(batch, *map(self._tensor, matrices))

    @cached_property
    def _known(self) -> Tensor:
        """`∫ f v_k`."""
        points, sines, _ = waves(FINER * self.side, self.side)
        return self._tensor(sines @ self.source(points, points) @ sines.T)

    @cached_property
    def _eigenvalues(self) -> Tensor:
        squares = wavenumbers(self.side) ** 2
        return self._tensor(squares[:, None] + squares)

    def _tensor(self, values: Array) -> Tensor:
        return torch.as_tensor(values, dtype=self.program.dtype)


@final
@dataclass(frozen=True)
class _Moved:
    """The points of a lattice with what is known there, and its matrices along both axes."""

    batch: Mapping[str, object]
    sines_x: Tensor
    slopes_x: Tensor
    sines_y: Tensor
    slopes_y: Tensor
