"""Conditions at the initial time."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from pinr.declaration.checks.check import Remark, Remarks
from pinr.declaration.checks.places import constraints_inside, has_values_inside, highest_order, names_of_role
from pinr.declaration.unknowns import UnknownField
from pinr.language.fields import Label

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem


@final
@dataclass(frozen=True)
class MissingInitialCondition:
    """A derivative in time that no initial slice prescribes, and the constraint that asks for it."""

    constraint: str
    label: Label
    time: str
    order: int
    of: int


def missing_initial_conditions(problem: "Problem") -> Remarks:
    """An equation of order k in time needs k conditions on an initial slice."""
    for unknown in problem.unknowns:
        missing = missing_initial_condition(problem, unknown)
        if missing is None:
            continue
        name, time, low = missing.label.text, missing.time, problem.bounds[missing.time][0]
        wanted = name if missing.order == 0 else f"{name}.diff({time}, {missing.order})"
        message = (
            f"the equation of `{name}` is of order {missing.of} in {time}, but `{wanted}` is given on no "
            f"initial slice. Add `on(region.at({time}={low:g}), Eq({wanted}, …))`."
        )
        yield Remark(missing.constraint, message)


def missing_initial_condition(problem: "Problem", unknown: UnknownField) -> MissingInitialCondition | None:
    """The first initial condition that is missing; none where data inside say what an initial condition would."""
    times = names_of_role(unknown, "time")
    if not times or has_values_inside(problem, unknown):
        return None
    (time,) = times
    if time not in problem.bounds:
        return None  # which is a finding of its own
    low = problem.bounds[time][0]
    slices = [c for c in problem.constraints if c.region.bounds.get(time) == (low, low)]
    inside = {n: c for n, c in constraints_inside(problem, unknown).items() if time not in c.region.periodic}
    for label in unknown.labels:
        order = {n: max(highest_order(r, [label], [time]) for r in c.components) for n, c in inside.items()}
        given = {highest_order(r, [label], [time]) for c in slices for r in c.components}
        of = max(order.values(), default=0)
        for k in range(of):
            if k not in given:
                return MissingInitialCondition(max(order, key=lambda n: order[n]), label, time, k, of)
    return None
