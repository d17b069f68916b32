"""Expressions under the names that files and figures give them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pinr.language.operators import as_expression
from pinr.solution.labels import field_name

if TYPE_CHECKING:
    from pinr.solution.solution import Solution


def named_expressions(solution: "Solution", written: Any) -> dict[str, Any]:
    """What to show under which name: all unknowns for None, one expression, or a mapping as it is."""
    if written is None:
        return {u.name: u.expression for u in solution.unknowns}
    if isinstance(written, Mapping):
        return {str(name): expression for name, expression in written.items()}
    return {field_name(as_expression(written)): written}
