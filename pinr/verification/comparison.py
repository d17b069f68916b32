"""The distance between a field and a reference, by quadrature over region and time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from pinr.verification.field import FieldValues
from pinr.verification.reference import Reference, simpson

Array = NDArray[np.float64]

INTERVALS = 128  # in time, at most; Simpson's rule on these is good to more digits than matter
POINTS_AT_A_TIME = 200_000


@final
@dataclass(frozen=True)
class Comparison:
    """How far a field is from a reference.

    Attributes:
        relative_l2: `‖u − u_h‖ / ‖u_h‖` over region and time; absolute where the reference is 0.
        quadrature_error: Estimate of what the quadrature in time adds to it.
        maximum: Largest `|u − u_h|` at the points of the quadrature and the nodes.
        worst_point: Where that is, by coordinate name.
    """

    relative_l2: float
    quadrature_error: float
    maximum: float
    worst_point: Mapping[str, float]


def compare(field: FieldValues, reference: Reference) -> Comparison:
    """The distance of a field from a reference."""
    basis, state = reference.equations.basis, reference.equations.model.state
    places = np.asarray(basis.global_coordinates())
    nodes, inside = basis.doflocs, places.reshape(len(places), -1)
    points = np.hstack([inside, nodes])
    measure = np.ravel(basis.dx)
    stride = max(1, (len(reference.times) - 1) // INTERVALS)
    times, values = reference.times[::stride], reference.values[::stride]
    squares, sizes = np.empty(len(times)), np.empty(len(times))
    largest, worst = -1.0, {}
    at_once = max(1, POINTS_AT_A_TIME // points.shape[1])
    for first in range(0, len(times), at_once):
        moments = times[first : first + at_once]
        given = {c.name: np.tile(p, len(moments)) for c, p in zip(state.space, points, strict=True)}
        if state.time is not None:
            given[state.time.name] = np.repeat(moments, points.shape[1])
        found = field(given).reshape(len(moments), -1)
        for row, number in enumerate(range(first, first + len(moments))):
            exact = np.ravel(np.asarray(basis.interpolate(values[number])))
            error = found[row] - np.concatenate([exact, values[number]])
            squares[number] = measure @ error[: inside.shape[1]] ** 2
            sizes[number] = measure @ exact**2
            k = int(np.argmax(np.abs(error)))
            if abs(error[k]) > largest:
                largest = float(abs(error[k]))
                worst = {name: float(p[row * points.shape[1] + k]) for name, p in given.items()}
    relative = _ratio(times, squares, sizes)
    # With twice the steps the error of Simpson's rule is 15 times that of the finer rule, up to what is left.
    coarser = _ratio(times[::2], squares[::2], sizes[::2]) if len(times) > 4 else relative
    return Comparison(relative, abs(coarser - relative) / 15, largest, worst)


def _ratio(times: Array, squares: Array, sizes: Array) -> float:
    weights = simpson(times)
    size = float(weights @ sizes)
    return float(np.sqrt(weights @ squares / size)) if size > 0 else float(np.sqrt(weights @ squares))
