"""Coefficients given by data, tried at points of the regions where they are used."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from pinr.declaration.checks.check import Remark, Remarks
from pinr.declaration.checks.points import points_if_any
from pinr.declaration.constraint import Constraint
from pinr.errors import DeclarationError
from pinr.geometry.samples import Points
from pinr.language.coefficients import Coefficient
from pinr.language.evaluation import evaluate
from pinr.language.grid import AbstractGrid
from pinr.language.known import AbstractKnown

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem

Array = NDArray[np.float64]
RELATIVE_SLACK = 1e-9  # of the extent of gridded data: rounding at its edge is no mistake


def coefficients_of_another_shape(problem: "Problem") -> Remarks:
    """A callable that does not return one number per point: `(N, 1)` beside `(N,)` would broadcast to `(N, N)`."""
    for name, constraint in problem.named_constraints.items():
        for coefficient, places in _used(constraint, points_if_any(constraint.region)):
            if not _is_callable(coefficient):
                continue
            values, count = _called(coefficient, places), len(places[0])
            if not isinstance(values, torch.Tensor):
                shape = f"a {type(values).__name__}"
            elif values.shape != (count,):
                shape = f"the shape {tuple(values.shape)}"
            else:
                continue
            message = (
                f"the coefficient `{coefficient.label.name}` returns {shape} for {count} points. It must return a "
                f"tensor of shape ({count},); nothing is broadcast. Use torch, and flatten the result."
            )
            yield Remark(name, message)


def coefficients_outside_their_data(problem: "Problem") -> Remarks:
    """Gridded data that do not reach as far as the region."""
    for name, constraint in problem.named_constraints.items():
        for coefficient, places in _used(constraint, points_if_any(constraint.region)):
            data = coefficient.label.payload
            if not isinstance(data, AbstractGrid):
                continue
            for along, values in zip(coefficient.label.coordinates, places, strict=True):
                low, high = data.axes[along][0], data.axes[along][-1]
                slack = RELATIVE_SLACK * (high - low)
                outside = values[(values < low - slack) | (values > high + slack)]
                if outside.size:
                    message = (
                        f"the coefficient `{coefficient.label.name}` is asked at {along} = {outside[0]:g}, outside "
                        f"its data ({low:g} to {high:g}). Extend the data or shrink the region."
                    )
                    yield Remark(name, message)
                    break


def coefficient_values(constraint: Constraint, points: Points) -> dict[Coefficient, Array]:
    """The values of the callables that return one number per point."""
    found: dict[Coefficient, Array] = {}
    for coefficient, places in _used(constraint, points):
        if _is_callable(coefficient):
            values = _called(coefficient, places)
            if isinstance(values, torch.Tensor) and values.shape == (len(places[0]),):
                found[coefficient] = values.detach().double().numpy()
    return found


def _is_callable(coefficient: Coefficient) -> bool:
    return not isinstance(coefficient.label.payload, AbstractKnown)


def _used(constraint: Constraint, points: Points | None) -> Iterator[tuple[Coefficient, list[Array]]]:
    """The coefficients in a constraint and the places where they are asked, as far as these are known."""
    if points is None:
        return
    like = next(iter(points.values()))
    for coefficient in (field for field in constraint.fields if isinstance(field, Coefficient)):
        try:
            places = [np.broadcast_to(evaluate(a, points), like.shape).astype(float) for a in coefficient.arguments]
        except DeclarationError:
            continue  # at a place that depends on an unknown, or on a coordinate that the region lacks
        yield coefficient, places


def _called(coefficient: Coefficient, places: list[Array]) -> Any:
    with torch.no_grad():
        return coefficient.label.payload(*(torch.as_tensor(place) for place in places))
