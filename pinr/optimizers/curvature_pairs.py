"""What L-BFGS knows of the Hessian: how the gradient changed along the last steps."""

from dataclasses import dataclass, replace
from typing import Self, final

import torch
from torch import Tensor

from pinr.optimizers.vector import Vector


@final
@dataclass(frozen=True, eq=False)
class CurvaturePairs:
    """The last pairs of a step `s` and the change `y` of the gradient along it.

    The rows are a ring with one place more than the history: a new pair goes where its predecessor has none, which
    therefore stays valid, and nothing is copied.

    Attributes:
        steps: rows `s`, `(history + 1, parameters)`.
        changes: rows `y`, `(history + 1, parameters)`.
        products: `sᵢ·yⱼ` for `i` no newer than `j`.
        rows: the rows in use, oldest first.
        next_row: where the next pair goes, a row not in use.
        scale: `γ = s·y / y·y` of the newest pair, an inverse curvature; it outlives the pairs. `None` before the first.
    """

    steps: Tensor
    changes: Tensor
    products: Tensor
    rows: tuple[int, ...] = ()
    next_row: int = 0
    scale: float | None = None

    @classmethod
    def empty(cls, theta: Vector, history: int) -> Self:
        """Room for `history` pairs of vectors like `theta`."""
        shape = (history + 1, theta.numel())
        return cls(theta.new_zeros(shape), theta.new_zeros(shape), theta.new_zeros(history + 1, history + 1))

    def without_pairs(self) -> Self:
        """Nothing but the scale: `H = γ I`."""
        return replace(self, rows=())

    def with_pair(self, s: Vector, y: Vector) -> Self:
        """One pair more, the oldest forgotten where the history is full.

        A pair whose `s·y` is not positive beyond rounding, `s·y > 10 ε |s| |y|`, is left out: it would make
        `H` indefinite, or a random multiple of `s sᵀ`.
        """
        curvature, change = float(s @ y), float(y.norm())
        safe = 10 * torch.finfo(s.dtype).eps
        if not curvature > safe * float(s.norm()) * change:
            return self
        row, room = self.next_row, len(self.steps)
        self.steps[row], self.changes[row] = s, y
        products = self.products.clone()
        products[:, row] = self.steps @ y
        rows = (*self.rows, row)[-(room - 1) :]
        scale = curvature / change / change
        return replace(self, products=products, rows=rows, next_row=(row + 1) % room, scale=scale)

    def inverse_hessian_times(self, g: Vector) -> Vector:
        """`H g`, with `H` the inverse Hessian that the pairs suggest, starting from `γ I`.

        The two-loop recursion as four matrix-vector products and two triangular solves. With `R` the upper triangle
        of `S Yᵀ` (oldest pair first) and `D` its diagonal, the first loop is `α = R⁻¹ S g`, `q = g − Yᵀ α`; the
        second is `c = R⁻ᵀ (D α − γ Y q)`, `H g = γ q + Sᵀ c`.

        Reference: Nocedal, Updating quasi-Newton matrices with limited storage, Math. Comp. 35, 1980; Nocedal and
        Wright, Numerical Optimization, 2nd ed., 2006, algorithm 7.4.
        """
        gamma = 1.0 if self.scale is None else self.scale
        if not self.rows:
            return gamma * g
        order = torch.tensor(self.rows, device=g.device)
        used = max(self.rows) + 1
        S, Y = self.steps[:used], self.changes[:used]
        R = self.products[order][:, order].triu()
        alpha = _solve(R, (S @ g)[order], upper=True)
        q = torch.addmv(g, Y.T, _spread(alpha, order, used), alpha=-1)
        c = _solve(R.T, R.diagonal() * alpha - gamma * (Y @ q)[order], upper=False)
        return torch.addmv(q, S.T, _spread(c, order, used), beta=gamma)


def _solve(triangle: Tensor, right: Vector, *, upper: bool) -> Vector:
    return torch.linalg.solve_triangular(triangle, right[:, None], upper=upper)[:, 0]


def _spread(coefficients: Vector, order: Tensor, length: int) -> Vector:
    """Coefficients by row; a row out of use gets 0."""
    return coefficients.new_zeros(length).index_copy(0, order, coefficients)
