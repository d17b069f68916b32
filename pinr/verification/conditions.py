"""Conditions on the boundary and at the initial time, solved for what a reference solve prescribes."""

from dataclasses import dataclass
from typing import final

import sympy

from pinr.geometry.region import AbstractRegion
from pinr.verification.equation import Equation
from pinr.verification.formula import Formula, combined
from pinr.verification.state import State
from pinr.verification.unverifiable import UnverifiableError


@final
@dataclass(frozen=True, eq=False)
class Dirichlet:
    """`u = value(x, t)` on a part of the boundary."""

    region: AbstractRegion
    value: Formula


@final
@dataclass(frozen=True, eq=False)
class Flux:
    """`n · A ∇u = −outflow(x, t, u)` on a part of the boundary: Neumann, Robin, radiation.

    Args:
        region: Where.
        direction: `b` of the condition `b · ∇u + c = 0` as it was written; it must be along `A n`.
        outflow: `c |A n|² / (b · A n)`.
        text: The condition for messages.
    """

    region: AbstractRegion
    direction: tuple[Formula, ...]
    outflow: Formula
    text: str


BoundaryCondition = Dirichlet | Flux


def boundary_condition(
    residual: Formula, region: AbstractRegion, equation: Equation, *, written: str
) -> BoundaryCondition:
    """What a residual says on the boundary.

    Raises:
        UnverifiableError: It has second derivatives or a time derivative, or is not linear in the gradient.
    """
    state = equation.state
    if residual.depends_on(*state.hessian.values(), state.rate):
        message = f"{written} has derivatives that are neither the value nor the gradient."
        raise UnverifiableError(message)
    direction = tuple(residual.derivative(p) for p in state.gradient)
    if any(b.depends_on(*state.gradient) for b in direction):
        message = f"{written} is not linear in the gradient."
        raise UnverifiableError(message)
    if not residual.depends_on(*state.gradient):
        return Dirichlet(region, prescribed_value(residual, state, written=written))
    rest = residual.expression.xreplace(dict.fromkeys(state.gradient, sympy.S.Zero))
    n, A = state.normal, equation.diffusion
    conormal = [sympy.Add(*(a.expression * m for a, m in zip(row, n, strict=True))) for row in A]
    along = sympy.Add(*(b.expression * q for b, q in zip(direction, conormal, strict=True)))
    outflow = rest * sympy.Add(*(q**2 for q in conormal)) / along
    return Flux(region, direction, combined(outflow, residual, *(a for row in A for a in row)), written)


def prescribed_value(residual: Formula, state: State, *, written: str) -> Formula:
    """The `u` at which a residual that is linear in `u` alone vanishes.

    Raises:
        UnverifiableError: It is not linear in `u`, or has derivatives.
    """
    slope = residual.derivative(state.value)
    others = (*state.gradient, *state.hessian.values(), state.rate)
    if residual.depends_on(*others) or slope.depends_on(state.value) or slope.expression.is_zero:
        message = f"{written} is not a linear equation for the value of `{state.unknown.name}`."
        raise UnverifiableError(message)
    rest = residual.expression.xreplace({state.value: sympy.S.Zero})
    return combined(-rest / slope.expression, residual)
