"""Conditions on coordinates, as regions are cut by them."""

from typing import Any

import numpy as np
import sympy
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import Boolean, BooleanAtom

from pinr.errors import GeometryError
from pinr.geometry.region import AbstractRegion, operand
from pinr.geometry.samples import Mask, Points
from pinr.geometry.suggestion import did_you_mean
from pinr.language.evaluation import evaluate
from pinr.language.fields import Field


def check_condition(region: AbstractRegion, condition: Any, names: tuple[str, ...]) -> None:
    """Refuse what is no SymPy condition on these names.

    Raises:
        GeometryError: It is none.
    """
    written = f"{operand(region)}.where({condition})"
    is_condition = isinstance(condition, Boolean) and not isinstance(condition, BooleanAtom | sympy.Symbol)
    if not is_condition or condition.atoms(AppliedUndef, Field):
        message = f"`{written}`: not a condition on the coordinates. Write one with SymPy, such as `x > 0`."
        raise GeometryError(message)
    unknown = sorted({s.name for s in condition.free_symbols if isinstance(s, sympy.Symbol)} - set(names))
    if unknown:
        message = (
            f"`{written}`: the region has no coordinate {unknown[0]!r}."
            f"{did_you_mean(unknown[0], names)} It has {', '.join(names)}."
        )
        raise GeometryError(message)


def holds(condition: Boolean, points: Points) -> Mask:
    """At which points a condition holds, symbols matched by name."""
    values = evaluate(condition, points)
    return np.broadcast_to(np.asarray(values, dtype=np.bool_), np.shape(next(iter(points.values()))))
