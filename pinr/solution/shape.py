"""The shape that someone means."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sympy.logic.boolalg import Boolean

from pinr.errors import DeclarationError
from pinr.geometry.level_set import LevelSet
from pinr.geometry.region import AbstractRegion
from pinr.language.equations import shape_of
from pinr.language.operators import as_expression
from pinr.solution.region import learned_level_set

if TYPE_CHECKING:
    from pinr.solution.solution import Solution


def shape_from(solution: "Solution", written: Any) -> LevelSet:
    """The learned region that someone means by an expression, a condition, the region, or nothing.

    Raises:
        DeclarationError: It is none of these.
    """
    if isinstance(written, Mapping) and len(written) == 1:
        (written,) = written.values()
    if isinstance(written, AbstractRegion):
        if not isinstance(written, LevelSet):
            message = f"`{written!r}` is no level set; combine conditions instead, `(phi < 0) & (x > 0)`."
            raise DeclarationError(message)
        return written
    if written is None and len(solution.unknowns) == 1:
        written = solution.unknowns[0].expression
    if isinstance(written, Boolean):
        condition = written
    else:
        expression = None if written is None or isinstance(written, Mapping) else as_expression(written)
        if expression is None or shape_of(expression) != ():
            names = ", ".join(u.name for u in solution.unknowns)
            message = (
                f"Which shape is meant by `{written}`? Give a scalar that is negative inside, a condition such as "
                f"`phi < 0`, or a region. The solution has {names}."
            )
            raise DeclarationError(message)
        condition = expression < 0
    return learned_level_set(solution, condition, within=None, resolution=None, name=None)
