"""Which member of Broyden's family updates the inverse Hessian, and how it is scaled before.

Along a step `s` with the change `y` of the gradient, the inverse Hessian `H` becomes

`H⁺ = (H − H y yᵀ H / yᵀHy + φ yᵀHy v vᵀ) / τ + s sᵀ / s·y`, `v = s / s·y − H y / yᵀHy`.

With `B = H⁻¹`, the numbers `b = s·Bs / s·y` and `h = yᵀHy / s·y` say how much too large `B` and `H` are along the step,
and `b h ≥ 1`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, final

SMALLEST_ANGLE = 1e-16  # of `a = b h − 1`, which is 0 where `s` and `H y` are parallel, and is divided by


@final
@dataclass(frozen=True)
class Member:
    """A member of the family: the divisor `τ` of the old matrix, and the part `φ` of `v vᵀ`, 1 for BFGS, 0 for DFP."""

    scaling: float = 1.0
    mixing: float = 1.0


Rule: TypeAlias = Callable[[float, float, int], Member]
"""A member of the family from `b`, `h` and the number of parameters `n`."""


def bfgs(b: float, h: float, n: int) -> Member:
    """`τ = φ = 1`."""
    del b, h, n
    return Member()


def self_scaled_bfgs(b: float, h: float, n: int) -> Member:
    """`τ = min(1, 1/b)`, `φ = 1`: a Hessian that is too large along the step is made smaller as a whole.

    Reference: Al-Baali, Numerical experience with a class of self-scaling quasi-Newton algorithms, J. Optim. Theory
    Appl. 96, 1998.
    """
    del h, n
    return Member(scaling=min(1.0, 1 / b))


def self_scaled_broyden(b: float, h: float, n: int) -> Member:
    """`τ` and `φ` of Al-Baali, Spedicato and Maggioni, with the choice of `θ` that Urbán, Stefanou and Pons call τ⁽²⁾.

    With `a = b h − 1`, `c = √(a / (1 + a))` and `ρ = min(1, h (1 − c))`, the parameter of the update of `B` is
    `θ = max((ρ − 1) / a, min(1/ρ, (1 − b) / b))`, `σ = 1 + θ a`, and `φ = (1 − θ) / σ`. The scaling is
    `τ = min(min(1, 1/b) σ^(−1/(n−1)), σ)` for `θ ≤ 0`, else `τ = min(1, 1/b) min(σ^(−1/(n−1)), 1/θ)`.
    Where rounding leaves no positive `τ`, it is BFGS.

    References: Al-Baali, Spedicato and Maggioni, Broyden's quasi-Newton methods for a nonlinear system of equations and
    unconstrained optimization: a review and open problems, Optim. Methods Softw. 29, 2014; Urbán, Stefanou and Pons,
    Unveiling the optimization process of physics informed neural networks: how accurate and competitive can PINNs be?,
    J. Comput. Phys. 523, 2025, 113656.
    """
    if n == 1:  # all members are one
        return Member()
    a = max(b * h - 1, SMALLEST_ANGLE)
    c = math.sqrt(a / (1 + a))
    rho = min(1.0, h / ((1 + a) * (1 + c)))  # h (1 − c), which would cancel where `a` is large
    theta = max((rho - 1) / a, min(1 / rho, (1 - b) / b))
    sigma = 1 + theta * a
    if not (sigma > 0 and math.isfinite(sigma)):
        return Member()
    shrunk, root = min(1.0, 1 / b), sigma ** (-1 / (n - 1))
    scaling = min(shrunk * root, sigma) if theta <= 0 else shrunk * min(root, 1 / theta)
    mixing = (1 - theta) / sigma
    is_sound = scaling > 0 and math.isfinite(scaling) and math.isfinite(mixing)
    return Member(scaling, mixing) if is_sound else Member()


RULES: dict[str, Rule] = {"broyden": self_scaled_broyden, "scaled-bfgs": self_scaled_bfgs, "bfgs": bfgs}
"""Rules by name."""
