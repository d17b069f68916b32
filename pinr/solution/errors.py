"""Errors of a solution against the reference of its problem."""

from typing import TYPE_CHECKING, Any

import numpy as np
import sympy

from pinr.errors import DeclarationError
from pinr.geometry.signal import AbstractSignal
from pinr.geometry.suggestion import did_you_mean
from pinr.solution.labels import text_of, whole_unknown
from pinr.solution.metrics import relative_l2
from pinr.solution.reference import compared_values

if TYPE_CHECKING:
    from pinr.solution.solution import Solution


def errors(solution: "Solution") -> dict[str, float]:
    """`‖u − u*‖ / ‖u*‖` of everything that has a reference, by name; absolute where the reference is 0.

    A formula is compared at 20,000 fixed points inside, an array at its own positions inside.
    """
    return {
        _name(expression): _error(solution, expression, reference)
        for expression, reference in solution.problem.reference.items()
    }


def error(solution: "Solution", unknown: Any = None) -> float:
    """The error of one unknown, given by name or as what `unknown(...)` returned; of the first one if not given.

    Raises:
        DeclarationError: There is no reference, or none of this unknown.
    """
    return _error(solution, *reference_of(solution, unknown))


def reference_of(solution: "Solution", unknown: Any = None) -> tuple[Any, Any]:
    """What has a reference, and the reference: of one unknown by name or itself, of the first one if not given.

    Raises:
        DeclarationError: There is no reference, or none of this unknown.
    """
    references = {_name(expression): (expression, r) for expression, r in solution.problem.reference.items()}
    if not references:
        message = (
            f"The problem {solution.problem.name!r} has no reference to compare with. {_what_can_be_given(solution)}"
        )
        raise DeclarationError(message)
    name = _name(unknown) if unknown is not None else next(iter(references))
    if name not in references:
        message = (
            f"`{name}`: the problem has no reference for it.{did_you_mean(name, references)} "
            f"It has one for {', '.join(references)}."
        )
        raise DeclarationError(message)
    return references[name]


def _what_can_be_given(solution: "Solution") -> str:
    """Which references there could be: a formula, an array, and that of a signal which the problem is about."""
    u = solution.problem.unknowns[0].name
    signals = [r for r in solution.problem.regions if isinstance(r, AbstractSignal) and hasattr(type(r), "array")]
    array = f"{signals[0].name}.array" if signals else "array"
    kind = "of the signal" if signals else "with named dimensions and positions (`xarray.DataArray`)"
    return (
        f"Give the array {kind}, `Problem(…, reference={{{u}: {array}}})`, or a formula, "
        f"`reference={{{u}: sin(pi * x)}}`."
    )


def _error(solution: "Solution", expression: Any, reference: Any) -> float:
    values, exact = compared_values(solution, expression, reference)
    bad = ~np.isfinite(values)
    if bad.any():
        message = (
            f"The solution has {np.count_nonzero(bad)} values of `{text_of(expression)}` that are not finite, of "
            f"{bad.size}. Train it anew, or look at it with `grid(...)`."
        )
        raise DeclarationError(message)
    return relative_l2(values, exact)


def _name(expression: Any) -> str:
    if isinstance(expression, str):
        return expression
    if isinstance(expression, sympy.MatrixBase):
        expression = sympy.ImmutableMatrix(expression)
    return whole_unknown(expression) or text_of(expression)
