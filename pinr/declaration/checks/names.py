"""One name for two things."""

from typing import TYPE_CHECKING

from pinr.declaration.checks.check import Remark, Remarks
from pinr.declaration.checks.places import first_use
from pinr.declaration.unknowns import UnknownField
from pinr.language.parameters import Parameter

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem


def coordinates_of_two_roles(problem: "Problem") -> Remarks:
    """One name that is space here and time there."""
    roles: dict[str, str] = {c.name: c.role for c in reversed(problem.coordinates)}
    told: set[str] = set()
    for name, constraint in problem.named_constraints.items():
        for coordinate in constraint.coordinates:
            if roles[coordinate.name] != coordinate.role and coordinate.name not in told:
                told.add(coordinate.name)
                message = (
                    f"`{coordinate.name}` is declared as {roles[coordinate.name]} and as {coordinate.role}. Declare "
                    "coordinates once and use the same objects everywhere."
                )
                yield Remark(name, message)


def unknowns_of_one_name(problem: "Problem") -> Remarks:
    """Two different unknowns that are called the same."""
    seen: dict[str, UnknownField] = {}
    for unknown in problem.unknowns:
        other = seen.setdefault(unknown.name, unknown)
        if other != unknown:
            message = f"two unknowns are called `{unknown.name}`, one {_form(other)}, one {_form(unknown)}. Rename one."
            yield Remark(first_use(problem, unknown), message)


def parameters_of_one_name(problem: "Problem") -> Remarks:
    """Two numbers to identify that are called the same."""
    seen: dict[str, Parameter] = {}
    for name, constraint in problem.named_constraints.items():
        for parameter in constraint.parameters:
            if seen.setdefault(parameter.name, parameter) != parameter:
                message = f"two parameters are called `{parameter.name}`. Declare it once, or rename one."
                yield Remark(name, message)


def _form(unknown: UnknownField) -> str:
    names = ", ".join(c.name for c in unknown.coordinates)
    components = "" if unknown.size is None else f" with {unknown.size} components"
    return f"of ({names}){components}" + ("" if unknown.unit is None else f" in {unknown.unit}")
