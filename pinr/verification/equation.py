"""The weak form of a scalar equation of second order, extracted from its residual."""

from dataclasses import dataclass
from functools import cached_property
from typing import final

import sympy

from pinr.verification.formula import Formula, combined
from pinr.verification.state import State
from pinr.verification.unverifiable import UnverifiableError

# A jump in the coefficient of the second derivatives would leave out what its derivative puts on the jump.
ROUGH = (sympy.Piecewise, sympy.Heaviside, sympy.sign, sympy.floor, sympy.ceiling, sympy.Mod, sympy.Max, sympy.Min)


@final
@dataclass(frozen=True, eq=False)
class Equation:
    """`m u_t − div(A ∇u) + g(x, t, u, ∇u) = 0`, with `m(x, t)` and a symmetric `A(x, t, u)`.

    Args:
        state: The symbols.
        mass: `m`; 0 for a stationary equation.
        diffusion: `A`, row by row.
        source: `g`, which holds advection, reaction and the right-hand side.
    """

    state: State
    mass: Formula
    diffusion: tuple[tuple[Formula, ...], ...]
    source: Formula

    @cached_property
    def flux(self) -> tuple[Formula, ...]:
        """`A ∇u`."""
        p = self.state.gradient
        return tuple(
            combined(sympy.Add(*(a.expression * q for a, q in zip(row, p, strict=True))), *row)
            for row in self.diffusion
        )

    def reversed(self) -> "Equation":
        """The equation times −1."""

        def minus(f: Formula) -> Formula:
            return Formula(-f.expression, f.atoms)

        rows = tuple(tuple(minus(a) for a in row) for row in self.diffusion)
        return Equation(self.state, minus(self.mass), rows, minus(self.source))


def equation_of(residual: Formula, state: State, *, written: str) -> Equation:
    """The weak form behind a residual `m u_t − A : ∇²u + …`, in divergence form or not.

    Raises:
        UnverifiableError: It is not linear in the highest derivatives, or their coefficients are not smooth.
    """
    highest = (*state.hessian.values(), state.rate)
    slopes = {s: residual.derivative(s) for s in highest}
    for slope in slopes.values():
        if slope.depends_on(*highest, *state.gradient):
            message = f"the coefficient of the highest derivatives in {written} depends on derivatives of the unknown."
            raise UnverifiableError(message)
    mass = slopes[state.rate]
    if mass.depends_on(state.value):
        message = f"the coefficient of the time derivative in {written} depends on the unknown."
        raise UnverifiableError(message)
    d = range(len(state.space))
    diffusion = tuple(tuple(_entry(slopes, state, i, j) for j in d) for i in d)
    if any(a.expression.has(*ROUGH) for row in diffusion for a in row):
        message = f"the coefficient of the second derivatives in {written} is not smooth."
        raise UnverifiableError(message)
    if all(a.expression.is_zero for row in diffusion for a in row):
        message = f"{written} has no second derivatives in space; a reference needs them."
        raise UnverifiableError(message)
    rest = Formula(residual.expression.xreplace(dict.fromkeys(highest, sympy.S.Zero)), residual.atoms)
    return Equation(state, mass, diffusion, _with_divergence(rest, diffusion, state))


def _entry(slopes: dict[sympy.Symbol, Formula], state: State, i: int, j: int) -> Formula:
    slope = slopes[state.hessian[min(i, j), max(i, j)]]
    return Formula(-slope.expression / (1 if i == j else 2), slope.atoms)


def _with_divergence(rest: Formula, diffusion: tuple[tuple[Formula, ...], ...], state: State) -> Formula:
    """`−A : ∇²u + rest = −div(A ∇u) + rest + (div A) · ∇u`."""
    terms, used = [rest.expression], [rest]
    for i, coordinate in enumerate(state.space):
        for j, p in enumerate(state.gradient):
            entry = diffusion[i][j]
            along = entry.spatial_derivative(coordinate)
            terms.append(p * (along.expression + state.gradient[i] * entry.expression.diff(state.value)))
            used += [entry, along]
    return combined(sympy.Add(*terms), *used)
