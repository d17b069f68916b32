"""Neumann and Robin conditions across the ends of an axis, met by an ansatz of first order.

`∂u/∂x + a u = h` at x = c holds of `u = v + W (h − a v − v_x)` whatever `v` is, if `W = 0` and `W_x = 1` there.
Where `W` and `W_x` vanish at the other end, both ends have such a term; one axis is done after the other.

Reference: Sukumar, Srivastava, Comput. Methods Appl. Mech. Eng. 389, 2022, 114333 (there with distance functions).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, final

import numpy as np
import sympy

from pinr.declaration.ansatz.conditions import demanded_of
from pinr.declaration.ansatz.form import Ansatz, Factors, combined, differentiated
from pinr.declaration.ansatz.interpolation import hermite_basis
from pinr.declaration.ansatz.partials import MultiIndex, derivative
from pinr.declaration.ansatz.sides import Side
from pinr.declaration.ansatz.smoothness import agree, has_smooth_formula
from pinr.errors import PinrError
from pinr.geometry.region import AbstractRegion
from pinr.geometry.samples import Samples
from pinr.geometry.sampling.low_discrepancy import Sobol
from pinr.language.coordinates import Coordinate
from pinr.language.evaluation import evaluate
from pinr.language.fields import Label, Unknown
from pinr.language.integrals import RegionIntegral
from pinr.language.normals import NormalComponent
from pinr.language.operators import DifferentialOperator

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem

POINTS = 64
TOLERANCE = 1e-9


@final
@dataclass(frozen=True)
class FluxCondition:
    """A component of a constraint on boundaries that is linear in one unknown and its first derivatives.

    Attributes:
        constraint: Its name.
        number: Which component of the constraint it is.
        residual: What is zero.
        demanded: What the user said about meeting it exactly: True, False, or None for nothing.
    """

    constraint: str
    number: int
    region: AbstractRegion
    label: Label
    residual: sympy.Expr
    demanded: bool | None


@final
@dataclass(frozen=True)
class Flux:
    """`∂u/∂axis + a u = h` on a side across an axis, with a number a."""

    side: Side
    condition: FluxCondition
    factor: sympy.Expr
    value: sympy.Expr

    @property
    def axis(self) -> Coordinate:
        assert self.side.axis is not None
        return self.side.axis

    def of(self, expression: sympy.Expr) -> sympy.Expr:
        """`e_x + a e` of a known expression."""
        return derivative(expression, self.axis) + self.factor * expression

    def of_factors(self, factors: Factors, coordinates: tuple[Coordinate, ...]) -> dict[MultiIndex, sympy.Expr]:
        """The same of `Σ E_β ∂^β n`."""
        terms = list(differentiated(factors, coordinates, self.axis).items())
        return combined(terms + [(i, self.factor * e) for i, e in factors.items()])


def flux_conditions_of(problem: "Problem") -> Iterator[FluxCondition]:
    """Every component of a constraint on boundaries that may prescribe a flux of one unknown."""
    for name, constraint in problem.named_constraints.items():
        if constraint.region.dimension == len(constraint.region.names):
            continue
        for number, residual in enumerate(constraint.components):
            if residual.has(DifferentialOperator, RegionIntegral, sympy.Subs, sympy.I):
                continue
            fields = residual.atoms(Unknown)
            derivatives = residual.atoms(sympy.Derivative)
            if len(fields) != 1 or not derivatives:
                continue
            (field,) = fields
            first = all(d.expr == field and len(d.variables) == 1 for d in derivatives)
            if first and field.is_at_home and not field.label.is_complex_valued:
                yield FluxCondition(name, number, constraint.region, field.label, residual, demanded_of(constraint))


def fluxes_of(
    sides: Sequence[Side], conditions: Sequence[FluxCondition], coordinates: tuple[Coordinate, ...]
) -> list[Flux]:
    """The fluxes that are prescribed on whole sides across axes of space, one for each side."""
    found = []
    for side in sides:
        if side.axis is None or side.axis.role == "time" or side.has_values:
            continue
        own = [c for c in conditions if c.demanded is not False and c.region.encloses(side.points).all()]
        fluxes = [flux for condition in own if (flux := _flux(side, condition, coordinates)) is not None]
        if len(fluxes) == 1:  # several say different things, or one thing twice: that is for the loss
            found.append(fluxes[0])
    return found


def _flux(side: Side, condition: FluxCondition, coordinates: tuple[Coordinate, ...]) -> Flux | None:
    """What a condition says on a side: the normal is constant there, and what is linear has numbers as factors."""
    residual = condition.residual
    normals = _normals_on(side, condition)
    if normals is None:
        return None
    residual = residual.xreplace(normals)
    across = [d for d in residual.atoms(sympy.Derivative) if d.variables == (side.axis,)]
    if len(across) != 1:
        return None
    value, slope = sympy.Dummy("value", real=True), sympy.Dummy("slope", real=True)
    affine = residual.xreplace({across[0]: slope}).xreplace({across[0].expr: value})
    if affine.has(sympy.Derivative):
        return None  # a derivative along the side
    a, b = affine.diff(value), affine.diff(slope)
    rest = affine.xreplace({value: sympy.S.Zero, slope: sympy.S.Zero}).xreplace({side.axis: side.place})
    if not (a.is_number and b.is_number and a.is_real and b.is_real and b != 0):
        return None
    # Divided by b, so that what counts as rounding does not depend on a conductivity.
    return Flux(side, condition, a / b, -rest / b) if has_smooth_formula(rest, coordinates) else None


def _normals_on(side: Side, condition: FluxCondition) -> dict[sympy.Expr, sympy.Expr] | None:
    """The components of normals in a condition as the numbers that they are on a side; None if they are none."""
    components = condition.residual.atoms(NormalComponent)
    if not components:
        return {}
    try:
        samples: Samples = condition.region.sample(POINTS * 8, sampler=Sobol(), seed=0)
        level = np.broadcast_to(evaluate(side.level, samples.points), samples.count)
    except PinrError:
        return None
    here = np.abs(level) <= TOLERANCE
    found: dict[sympy.Expr, sympy.Expr] = {}
    for component in components:
        values = samples.columns.get(component.key)
        if values is None or not here.any() or np.ptp(values[here]) > TOLERANCE:
            return None
        number = float(values[here][0])
        if min(abs(number - k) for k in (-1, 0, 1)) > TOLERANCE:
            return None
        found[component] = sympy.Integer(round(number))
    return found


def with_fluxes(ansatz: Ansatz, fluxes: Sequence[Flux], sides: Sequence[Side]) -> Ansatz:
    """The ansatz with what makes it meet fluxes, one axis after the other."""
    for axis in dict.fromkeys(flux.axis for flux in fluxes):
        ansatz = _along(ansatz, [f for f in fluxes if f.axis == axis], [s for s in sides if s.axis == axis])
    return ansatz


def _along(ansatz: Ansatz, fluxes: Sequence[Flux], sides: Sequence[Side]) -> Ansatz:
    """`u = v + Σ W (h − B v)` with the fluxes `B u = h` at the ends of one axis."""
    axis = fluxes[0].axis
    by_side = {flux.side.name: flux for flux in fluxes}
    data = [
        (side.place, order) for side in sides for order in range(2 if side.name in by_side else len(side.conditions))
    ]
    basis = dict(zip(data, hermite_basis(axis, data), strict=True))
    lift, terms = ansatz.lift, list(ansatz.factors.items())
    for flux in fluxes:
        place = flux.side.place
        weight = basis[place, 1]
        missing = (flux.value - flux.of(ansatz.lift)).xreplace({axis: place})
        lift += weight * missing
        terms += [(i, -weight * e) for i, e in flux.of_factors(ansatz.factors, ansatz.coordinates).items()]
    factors = combined(terms)
    zero = (0,) * len(ansatz.coordinates)
    slopes = tuple((index, e) for index, e in factors.items() if index != zero)
    return replace(ansatz, lift=lift, distance=factors.get(zero, sympy.S.Zero), slopes=slopes)


def holds(ansatz: Ansatz, flux: Flux, size: float) -> bool:
    """Whether a flux is what is prescribed at points of its side, whatever the network gives."""
    points = flux.side.points
    left = flux.of_factors(ansatz.factors, ansatz.coordinates)
    return all(agree(e, sympy.S.Zero, points, TOLERANCE) for e in left.values()) and agree(
        flux.of(ansatz.lift), flux.value, points, TOLERANCE * size
    )
