"""The option that names one unknown of a run."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pinr.errors import DeclarationError
from pinr.geometry.suggestion import did_you_mean

if TYPE_CHECKING:
    from pinr.solution import Solution

Unknown = Annotated[
    str | None, typer.Option(metavar="NAME", help="The unknown that is negative inside. [default: the only one]")
]


def chosen_unknown(solution: "Solution", name: str | None) -> Any:
    """The expression of the unknown of this name, or of the only one.

    Raises:
        DeclarationError: There is no such unknown, or several and none is named.
    """
    known = {u.name: u.expression for u in solution.unknowns}
    if name is None and len(known) == 1:
        return next(iter(known.values()))
    if name not in known:
        near = "" if name is None else did_you_mean(name, known)
        problem = "which unknown is meant?" if name is None else "the run has no such unknown."
        message = f"`--field {name or ''}`: {problem}{near} It has {', '.join(known)}."
        raise DeclarationError(message)
    return known[name]
