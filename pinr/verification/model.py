"""A scalar problem as what a reference solve needs: equation, region, boundary and initial conditions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import sympy
from sympy.core.relational import Relational

from pinr.declaration.constraint import Constraint
from pinr.declaration.problem import Problem
from pinr.geometry.region import AbstractRegion
from pinr.geometry.sampling.low_discrepancy import Sobol
from pinr.geometry.substitution import coordinates_of_numbers
from pinr.verification.conditions import BoundaryCondition, boundary_condition, prescribed_value
from pinr.verification.equation import Equation, equation_of
from pinr.verification.field import FieldValues
from pinr.verification.formula import Formula
from pinr.verification.state import State
from pinr.verification.unverifiable import UnverifiableError

POINTS = 64


@final
@dataclass(frozen=True, eq=False)
class Model:
    """A scalar elliptic or parabolic problem.

    Args:
        equation: Its weak form.
        region: Where it holds, in space; of a parabolic problem the initial slice.
        conditions: On parts of the boundary.
        times: First and last time, None if there is no time.
        initial: The initial value.
    """

    equation: Equation
    region: AbstractRegion
    conditions: tuple[BoundaryCondition, ...]
    times: tuple[float, float] | None = None
    initial: Formula | None = None

    @property
    def state(self) -> State:
        return self.equation.state


def model_of(problem: Problem, field: FieldValues) -> Model:
    """The model behind a problem.

    Args:
        problem: A scalar problem.
        field: A function near to the solution, at which the sign of the second derivatives is read off.

    Raises:
        UnverifiableError: The problem is of another kind; the text says which.
    """
    state = _state(problem)
    inside = [c for c in problem.constraints if c.region.dimension == len(state.unknown.coordinates)]
    if len(inside) != 1 or len(inside[0].components) != 1:
        message = f"there are {sum(len(c.components) for c in inside)} equations inside; references exist for one."
        raise UnverifiableError(message)
    (interior,) = inside
    if interior.region.periodic:
        message = f"the region is periodic in {', '.join(interior.region.periodic)}; references exist for others."
        raise UnverifiableError(message)
    equation = equation_of(_residual(interior, state), state, written=_text(interior))
    equation = equation if _is_positive(equation, interior.region, field) else equation.reversed()
    others = [c for c in problem.constraints if c is not interior]
    if state.time is None:
        return Model(equation, interior.region, _conditions(others, equation, 0))
    if equation.mass.expression.is_zero:
        message = f"{_text(interior)} has no time derivative, though the unknown depends on time."
        raise UnverifiableError(message)
    name, (start, end) = state.time.name, interior.region.bounds[state.time.name]
    if name in coordinates_of_numbers(interior.region):
        message = f"the region moves with {name}; references exist for regions at rest."
        raise UnverifiableError(message)
    if any(c.region.bounds.get(name, (0, 0)) not in ((start, end), (start, start)) for c in others):
        message = f"a condition holds during a part of {start:g} ≤ {name} ≤ {end:g} only."
        raise UnverifiableError(message)
    first = [c for c in others if c.region.bounds[name] == (start, start)]
    if len(first) != 1 or first[0].region.dimension != len(state.space):
        message = f"there are {len(first)} initial conditions; references exist for one, on the whole region."
        raise UnverifiableError(message)
    initial = prescribed_value(_residual(first[0], state), state, written=_text(first[0]))
    lateral = _conditions([c for c in others if c is not first[0]], equation, 1)
    return Model(equation, interior.region.at(**{name: start}), lateral, (start, end), initial)


def _state(problem: Problem) -> State:
    rules: tuple[tuple[bool, Callable[[], str]], ...] = (
        (bool(problem.parameters), lambda: "it has numbers to identify; references exist for forward problems"),
        (len(problem.unknowns) > 1, lambda: f"it has {len(problem.unknowns)} unknowns; references exist for one"),
        (problem.unknowns[0].size is not None, lambda: "its unknown is a vector; references exist for scalars"),
        (problem.unknowns[0].is_complex, lambda: "its unknown is complex; references exist for real ones"),
        (any(c.integrals for c in problem.constraints), lambda: "it has integrals; references exist without"),
    )
    for applies, text in rules:
        if applies:
            raise UnverifiableError(text() + ".")
    state = State.of(problem.unknowns[0])
    varying = [c.name for c in problem.coordinates if c.role == "varying"]
    if varying:
        message = f"it is a family of problems over {', '.join(varying)}; references exist for single problems."
        raise UnverifiableError(message)
    if len(state.space) not in (1, 2):
        message = f"it has {len(state.space)} coordinates of space; references exist for one and two."
        raise UnverifiableError(message)
    return state


def _is_positive(equation: Equation, region: AbstractRegion, field: FieldValues) -> bool:
    """Whether the trace of `A` is positive on the whole; what holds at every point is checked on the mesh."""
    points = region.sample(POINTS, sampler=Sobol(), seed=0).points
    values = {equation.state.value: field(points)}
    diagonal = [equation.diffusion[i][i] for i in range(len(equation.state.space))]
    return float(sum(a(points, values).sum() for a in diagonal)) > 0


def _residual(constraint: Constraint, state: State) -> Formula:
    if len(constraint.components) != 1 or not _is_equation(constraint):
        message = f"{_text(constraint)} is not a single equation."
        raise UnverifiableError(message)
    return state.rewrite(constraint.components[0], written=_text(constraint))


def _is_equation(constraint: Constraint) -> bool:
    (written,) = constraint.equations
    return not isinstance(written, Relational) or isinstance(written, sympy.Eq)


def _conditions(constraints: list[Constraint], equation: Equation, time: int) -> tuple[BoundaryCondition, ...]:
    for constraint in constraints:
        if constraint.region.dimension != len(equation.state.space) - 1 + time:
            message = f"{_text(constraint)} holds neither inside nor on the boundary; data are no part of a reference."
            raise UnverifiableError(message)
    return tuple(
        boundary_condition(_residual(c, equation.state), c.region, equation, written=_text(c)) for c in constraints
    )


def _text(constraint: Constraint) -> str:
    return f"the constraint {constraint.name or constraint.default_name!r} ({constraint.source})"
