"""Symbols without a value: plain ones, namesakes of coordinates, coordinates that a region does not have."""

from typing import TYPE_CHECKING

import sympy

from pinr.declaration.checks.check import Remark, Remarks
from pinr.declaration.constraint import Constraint
from pinr.geometry.placed import AbstractPlaced
from pinr.geometry.suggestion import did_you_mean
from pinr.language.coordinates import Coordinate
from pinr.language.normals import NormalComponent
from pinr.language.parameters import Parameter

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem


def namesakes_of_coordinates(problem: "Problem") -> Remarks:
    """Plain symbols that are called like a coordinate."""
    names = {c.name for c in problem.coordinates}
    for name, constraint in problem.named_constraints.items():
        for symbol in _plain_symbols(constraint):
            if symbol in names:
                message = (
                    f"it uses a plain symbol `{symbol}`, a namesake of the coordinate `{symbol}` but not the same. "
                    "Use the object that `coordinates(...)` returned."
                )
                yield Remark(name, message)


def unknown_symbols(problem: "Problem") -> Remarks:
    """Symbols that are neither coordinates nor parameters."""
    names = {c.name for c in problem.coordinates}
    known = sorted(names | {p.name for p in problem.parameters})
    for name, constraint in problem.named_constraints.items():
        for symbol in _plain_symbols(constraint):
            if symbol not in names:
                message = (
                    f"it uses the symbol `{symbol}`, which has no value.{did_you_mean(symbol, known)} Give "
                    f"it a number, or make it one to identify with `parameter({symbol!r}, value)`."
                )
                yield Remark(name, message)


def coordinates_that_the_region_lacks(problem: "Problem") -> Remarks:
    """Coordinates in an equation that its region does not bind."""
    for name, constraint in problem.named_constraints.items():
        bound = constraint.region.names
        lacking = [c.name for c in constraint.coordinates if c.name not in bound]
        if lacking and isinstance(constraint.region, AbstractPlaced):
            yield Remark(name, _named_otherwise(constraint, lacking))
            continue
        for coordinate in lacking:
            message = (
                f"it uses the coordinate `{coordinate}`, which its region `{constraint.region!r}` does not "
                f"bind.{did_you_mean(coordinate, bound)} Add it to the region, or use `.subs`."
            )
            yield Remark(name, message)


def _named_otherwise(constraint: Constraint, lacking: list[str]) -> str:
    """Columns of points and meshes are called x, y, z unless the user says otherwise."""
    region = constraint.region
    kind = type(region).__name__
    own = [c.name for c in constraint.coordinates]
    message = (
        f"it uses the coordinate{'s' if len(lacking) > 1 else ''} {', '.join(f'`{name}`' for name in lacking)}, and "
        f"`{region!r}` calls its columns {', '.join(region.names)}. "
    )
    if len(own) == len(region.names):
        return message + f"Name them where it is made, `{kind}(…, coordinates={tuple(own)})`."
    return message + "Use `.subs` for a coordinate that it does not have."


def _plain_symbols(constraint: Constraint) -> list[str]:
    """Names of free symbols that are neither coordinates nor parameters; bound ones of `Subs` do not count."""
    found: set[str] = set()

    def visit(node: sympy.Basic, bound: frozenset[sympy.Symbol]) -> None:
        if isinstance(node, NormalComponent):
            return
        if isinstance(node, sympy.Subs):
            visit(node.expr, bound | frozenset(node.variables))
            visit(node.point, bound)
        elif isinstance(node, sympy.Symbol):
            if not isinstance(node, Coordinate | Parameter) and node not in bound:
                found.add(node.name)
        else:
            for child in node.args:
                visit(child, bound)

    for equation in constraint.equations:
        visit(equation, frozenset())
    return sorted(found)
