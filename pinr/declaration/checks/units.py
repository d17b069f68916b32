"""Units that do not agree."""

from typing import TYPE_CHECKING

import sympy

from pinr.declaration.checks.check import Remark, Remarks
from pinr.language.coordinates import Coordinate
from pinr.language.dimensions import has_units
from pinr.language.normals import NormalComponent
from pinr.language.units import Unit

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem


def clashing_units(problem: "Problem") -> Remarks:
    """Terms of different dimensions in one sum, or a unit in the argument of a function."""
    for name, constraint in problem.named_constraints.items():
        if constraint.clash:
            yield Remark(name, constraint.clash)


def coordinates_in_two_units(problem: "Problem") -> Remarks:
    """One coordinate that is declared in two units, or with and without."""
    first: dict[str, Coordinate] = {}
    told: set[str] = set()
    for name, constraint in problem.named_constraints.items():
        for coordinate in (c for equation in constraint.equations for c in _declared(equation)):
            other = first.setdefault(coordinate.name, coordinate)
            if other.unit != coordinate.unit and coordinate.name not in told:
                told.add(coordinate.name)
                units = " and in ".join(
                    sorted(Unit.of(c.unit).pretty if c.unit else "no unit" for c in (other, coordinate))
                )
                message = (
                    f"the coordinate `{coordinate.name}` is declared in {units}. Declare coordinates once and use the "
                    "same objects everywhere; single numbers in another unit are `quantity(...)`."
                )
                yield Remark(name, message)


def _declared(node: sympy.Basic) -> list[Coordinate]:
    """The coordinates of an expression, without those of `region.inside`, which knows no units."""
    if isinstance(node, Coordinate):
        return [node]
    if isinstance(node, NormalComponent) or (isinstance(node, sympy.logic.boolalg.Boolean) and not _is_equation(node)):
        return [] if not has_units(node) else [c for c in node.atoms(Coordinate) if c.unit]
    return [c for child in node.args for c in _declared(child)]


def _is_equation(node: sympy.Basic) -> bool:
    return isinstance(node, sympy.core.relational.Relational) and has_units(node)
