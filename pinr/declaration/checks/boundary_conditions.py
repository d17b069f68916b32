"""Conditions on the boundary."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import sympy

from pinr.declaration.checks.check import Remark, Remarks
from pinr.declaration.checks.places import constraints_inside, has_values_inside, highest_order, names_of_role, uses
from pinr.declaration.constraint import Constraint
from pinr.declaration.unknowns import UnknownField
from pinr.errors import DeclarationError, GeometryError
from pinr.geometry.region import AbstractRegion
from pinr.geometry.samples import Points
from pinr.geometry.sampling.low_discrepancy import Sobol
from pinr.language.evaluation import evaluate
from pinr.language.fields import Unknown
from pinr.language.operators import DifferentialOperator

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem

POINTS = 64
OBLIQUE = 0.1  # of a normal: a part that is nearly parallel to a coordinate is not crossed by it
VANISHES = 1e-9  # relative to the size of the coefficient inside


def missing_boundary_conditions(problem: "Problem") -> Remarks:
    """An equation of second order or higher in space, with nothing said on the boundary."""
    for unknown in problem.unknowns:
        name = constraint_without_boundary_condition(problem, unknown)
        if name is not None:
            region = problem.named_constraints[name].region
            message = (
                f"the equation of `{unknown.name}` is of second order or higher in space, but no condition on "
                f"`{unknown.name}` is given anywhere on the boundary. Add `on(region.boundary, Eq({unknown.name}, …))` "
                f"or a flux, or make `{region!r}` periodic; if the network itself satisfies one, this may stay."
            )
            yield Remark(name, message)
            continue
        for name, parts in _bare_parts(problem, unknown):
            listed = ", ".join(map(repr, parts))
            message = (
                f"the equation of `{unknown.name}` is of second order or higher, but no condition on `{unknown.name}` "
                f"is given on a part of the boundary: {listed}. Add `on(region.boundary.part({listed}), …)`, a value "
                "or a flux (a flux is not 0 by itself)."
            )
            yield Remark(name, message)


def _bare_parts(problem: "Problem", unknown: UnknownField) -> Iterator[tuple[str, list[str]]]:
    """The named parts of a boundary that no condition on the unknown covers, where others are covered."""
    space = names_of_role(unknown, "space")
    used = [c for c in problem.constraints if uses(c, unknown)]
    if has_values_inside(problem, unknown) or any(c.integrals or not c.is_pointwise for c in used):
        return
    if any(not f.is_at_home for c in used for f in c.unknowns if f.label in unknown.labels):
        return
    inside = constraints_inside(problem, unknown)
    conditions = [c.region for name, c in problem.named_constraints.items() if c in used and name not in inside]
    for name, constraint in inside.items():
        across = [c for c in space if _order_across(constraint, unknown, c) >= 2]
        if not across or constraint.region.carried_normal() is not None or _degenerates(constraint, unknown, space):
            continue
        try:
            boundary = constraint.region.boundary
            parts = boundary.parts
        except GeometryError:
            continue
        crossed = [part for part in parts if _is_crossed(boundary.part(part), across)]
        bare = [p for p in crossed if not any(_covers(region, _points(boundary.part(p))) for region in conditions)]
        if bare and len(bare) < len(crossed):
            yield name, bare


def _is_crossed(part: AbstractRegion, coordinates: Sequence[str]) -> bool:
    """Whether a part of a boundary faces one of these coordinates."""
    normals = part.sample(POINTS, sampler=Sobol(), seed=0).columns
    return max(float(np.abs(normals[f"normal.{c}"]).mean()) for c in coordinates) > OBLIQUE


def _order_across(constraint: Constraint, unknown: UnknownField, coordinate: str) -> int:
    return max(highest_order(r, unknown.labels, [coordinate]) for r in constraint.components)


def _covers(region: AbstractRegion, points: Points) -> bool:
    """Whether a condition holds at some of these points: parts may be covered by several."""
    if set(region.names) - set(points):
        return False
    return bool(region.contains(points).any())


def constraint_without_boundary_condition(problem: "Problem", unknown: UnknownField) -> str | None:
    """The constraint whose equation asks for a boundary condition of the unknown, if none is given.

    None is needed by equations of first order (the eikonal equation is satisfied by a distance to anything), on
    regions that are periodic or are themselves boundaries, and where the leading coefficient vanishes on the boundary,
    as that of a hand-written ansatz `x (1 − x) u` does. Values inside, or evaluations elsewhere, may replace one.
    """
    space = names_of_role(unknown, "space")
    inside = constraints_inside(problem, unknown)
    needing = {
        name: c
        for name, c in inside.items()
        if set(space) - set(c.region.periodic)
        and c.region.carried_normal() is None
        and max(highest_order(r, unknown.labels, space) for r in c.components) >= 2
    }
    if not needing or has_values_inside(problem, unknown):
        return None
    if any(not f.is_at_home for c in problem.constraints for f in c.unknowns if f.label in unknown.labels):
        return None
    of_region = max(_dimension_in_space(c, unknown) for c in needing.values())
    used = [c for c in problem.constraints if uses(c, unknown)]
    if any(_dimension_in_space(c, unknown) < of_region for c in used):
        return None
    return next((n for n, c in needing.items() if not _degenerates(c, unknown, space)), None)


def _dimension_in_space(constraint: Constraint, unknown: UnknownField) -> int:
    """The dimension of a region without its free axes of time and family."""
    others = {c.name for c in unknown.coordinates if c.role != "space"}
    free = [name for name, (low, high) in constraint.region.bounds.items() if name in others and low < high]
    return constraint.region.dimension - len(free)


def _degenerates(constraint: Constraint, unknown: UnknownField, space: tuple[str, ...]) -> bool:
    """Whether the coefficients of the leading derivatives vanish on the whole boundary."""
    coefficients = [k for r in constraint.components for k in _leading_coefficients(r, unknown, space)]
    try:
        edge, inner = (_points(region) for region in (constraint.region.boundary, constraint.region))
        sizes = [(np.abs(evaluate(k, edge)), np.abs(evaluate(k, inner))) for k in coefficients]
    except (DeclarationError, GeometryError):
        return False  # it depends on unknowns or data, or the boundary is not known
    return bool(sizes) and all(np.all(there <= VANISHES * np.max(here)) for there, here in sizes)


def _points(region: AbstractRegion) -> Points:
    return region.sample(POINTS, sampler=Sobol(), seed=0).points


def _leading_coefficients(residual: sympy.Expr, unknown: UnknownField, space: tuple[str, ...]) -> list[sympy.Expr]:
    """The derivatives of a residual by the derivatives of order 2 and higher in it."""
    expanded = residual.replace(lambda n: isinstance(n, DifferentialOperator), lambda n: n.doit())
    leading = [
        d
        for d in expanded.atoms(sympy.Derivative)
        if isinstance(d.expr, Unknown) and highest_order(d, unknown.labels, space) >= 2
    ]
    found = []
    for derivative in leading:
        place = sympy.Dummy()
        found.append(expanded.xreplace({derivative: place}).diff(place))
    return found
