"""The damped equations of a Gauss–Newton step, in the space of the weights or in that of the rows.

`(JᵀJ + λD) d = −Jᵀr` and `d = −D⁻¹Jᵀ (J D⁻¹ Jᵀ + λI)⁻¹ r` are one step, by `Jᵀ(K + λ) = (G + λ)Jᵀ` with scaled columns
(Woodbury's identity); a factorisation costs the cube of the number of weights, or of rows.
"""

from abc import ABC, abstractmethod
from typing import final

import torch
from torch import Tensor
from typing_extensions import override

from pinr.optimizers.gram import add_gram
from pinr.optimizers.objective import Products
from pinr.optimizers.vector import Vector

FLOOR = 1.0  # of the mean of the diagonal: directions that nothing feels are not free to run away
PROBE = 0.1  # of the step, for the second derivative along it: Transtrum and Sethna, section 2.3


def floored(diagonal: Vector) -> Vector:
    """`D` from the diagonal of `JᵀJ`: at least its mean."""
    return diagonal.clamp_min(FLOOR * float(diagonal.mean()))


class AbstractDampedEquations(ABC):
    """The model `|r + J d|² + λ dᵀDd` around some parameters.

    Attributes:
        slope: `Jᵀr`.
        scale: the diagonal matrix `D` as a vector.
    """

    slope: Vector
    scale: Vector

    @abstractmethod
    def step(self, damping: float, refusals: int) -> Vector | None:
        """The minimum for `λ`, None if it cannot be computed.

        Args:
            damping: `λ`.
            refusals: How many steps from here were refused before.
        """

    def promised(self, d: Vector, damping: float) -> float:
        """By how much the model says that `|r|²` falls, for a `d` that solves the equations."""
        return float(-self.slope @ d + damping * (d * self.scale) @ d)


class AbstractFactorizedEquations(AbstractDampedEquations):
    """Equations that are solved by a Cholesky factorisation, which serves for the acceleration, too."""

    @abstractmethod
    def acceleration(self, d: Vector, damping: float, products: Products) -> Vector:
        """`a = −(JᵀJ + λD)⁻¹ Jᵀ r_vv` with the second derivative `r_vv` of the rows along `d`.

        `r_vv ≈ (2/h) ((r(θ + h d) − r)/h − J d)`, where `J d` is known from the equations that `d` solves.

        Reference: Transtrum and Sethna, Improvements to the Levenberg–Marquardt algorithm for nonlinear least-squares
        minimization, 2012, arXiv:1201.5885, section 2.3.

        Args:
            d: The step for `λ`, the latest one.
            damping: `λ`.
            products: The rows, and products with their Jacobian.
        """


@final
class NormalEquations(AbstractFactorizedEquations):
    """In the space of the weights, for no fewer rows than weights.

    Args:
        slope: `Jᵀr`.
        gram: The lower triangle of `JᵀJ`, which is overwritten.
    """

    def __init__(self, slope: Vector, gram: Tensor) -> None:
        self.slope, self._gram = slope, gram
        self._diagonal = gram.diagonal().clone()
        self.scale = floored(self._diagonal)

    @override
    def step(self, damping: float, refusals: int) -> Vector | None:
        del refusals
        self._gram.diagonal().copy_(self._diagonal + damping * self.scale)
        self._factor, failed = torch.linalg.cholesky_ex(self._gram)
        return None if int(failed) else -_solved(self._factor, self.slope)

    @override
    def acceleration(self, d: Vector, damping: float, products: Products) -> Vector:
        change = products.pull((products.moved(PROBE * d) - products.rows) / PROBE)
        pulled = (2 / PROBE) * (change + self.slope + damping * self.scale * d)  # JᵀJ d = −Jᵀr − λ D d
        return -_solved(self._factor, pulled)


@final
class KernelEquations(AbstractFactorizedEquations):
    """In the space of the rows, for fewer rows than weights.

    Args:
        rows: `r`.
        jacobian: `J` `(rows, weights)`, perhaps in a lower precision.
    """

    def __init__(self, rows: Vector, jacobian: Tensor) -> None:
        self._rows, self._precision = rows, jacobian.dtype
        self.slope = (jacobian.t() @ rows.to(jacobian)).to(rows)
        self.scale = floored(jacobian.square().sum(0).to(rows))
        self._root = self.scale.rsqrt()
        self._scaled = jacobian * self._root.to(jacobian)
        kernel = jacobian.new_zeros((len(rows), len(rows)))
        add_gram(kernel, self._scaled.t())
        self._kernel = kernel.to(rows)
        self._diagonal = self._kernel.diagonal().clone()

    @override
    def step(self, damping: float, refusals: int) -> Vector | None:
        del refusals
        self._kernel.diagonal().copy_(self._diagonal + damping)
        self._factor, failed = torch.linalg.cholesky_ex(self._kernel)
        if int(failed):
            return None
        self._solution = _solved(self._factor, self._rows)
        return self._to_weights(self._solution)

    @override
    def acceleration(self, d: Vector, damping: float, products: Products) -> Vector:
        change = (products.moved(PROBE * d) - products.rows) / PROBE
        second = (2 / PROBE) * (change + self._rows - damping * self._solution)  # J d = λ z − r
        return self._to_weights(_solved(self._factor, second))

    def _to_weights(self, z: Vector) -> Vector:
        """`−D⁻¹Jᵀz`."""
        return -self._root * (self._scaled.t() @ z.to(self._precision)).to(z)


def _solved(factor: Tensor, b: Vector) -> Vector:
    return torch.cholesky_solve(b[:, None], factor)[:, 0]
