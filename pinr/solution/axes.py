"""The axes of a grid: counts, positions or fixed values, as a user writes them."""

import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from pinr.declaration.problem import Problem
from pinr.errors import DeclarationError
from pinr.geometry.suggestion import did_you_mean
from pinr.language.coordinates import Coordinate, Role
from pinr.solution.compiled import Compiled
from pinr.solution.evaluate import positions_from

PLANE_COUNT, SOLID_COUNT = 129, 65  # odd, so that the middle of a symmetric region is a grid line
TIME_COUNT, VARYING_COUNT = 51, 5
UNSTEADY_SOLID_COUNT, UNSTEADY_SOLID_TIME_COUNT = 33, 21  # 65³ points at 51 times would be 14 million
LARGEST_GRID = 2**27  # a gigabyte per component


@final
@dataclass(frozen=True, eq=False)
class Axis:
    """Positions along a coordinate; a fixed one has a single position and is no dimension of the grid."""

    coordinate: Coordinate
    positions: NDArray[np.float64]
    is_fixed: bool = False

    @property
    def name(self) -> str:
        return self.coordinate.name


def axes_of(problem: Problem, compiled: Compiled, written: Mapping[str, Any]) -> tuple[Axis, ...]:
    """The axes of a grid for an expression.

    Args:
        problem: Gives bounds, roles and the names that can be meant.
        compiled: The coordinates that the expression needs come first, in their order.
        written: By name an int for a count, a list for positions, any other number for a fixed value.

    Raises:
        DeclarationError: A name is not known, a value is none of these, or the grid is too large.
    """
    known = {c.name: c for c in (*compiled.coordinates, *problem.coordinates)}
    for name in written:
        if name not in known:
            message = (
                f"`grid({compiled.text}, {name}=…)`: the problem has no coordinate {name!r}."
                f"{did_you_mean(name, known)} It has {', '.join(known)}."
            )
            raise DeclarationError(message)
    needed = [c.name for c in compiled.coordinates]
    names = [name for name in known if name in needed or name in written]
    counts = default_counts([known[n] for n in names if not is_number(written.get(n))])
    axes = tuple(_axis(problem, known[name], written.get(name, counts.get(name))) for name in names)
    total = int(np.prod([float(a.positions.size) for a in axes]))
    if total > LARGEST_GRID:
        message = (
            f"`grid({compiled.text})` would have {total:,} points along {', '.join(names)}. Choose fewer, "
            f"`{names[-1]}=3`, or fix a coordinate with a number, `{names[-1]}=0.5`."
        )
        raise DeclarationError(message)
    return axes


def default_counts(coordinates: list[Coordinate]) -> dict[str, int]:
    """How many positions each free coordinate gets if nobody says, by the number of dimensions."""
    space = sum(c.role == "space" for c in coordinates)
    is_unsteady_solid = space > 2 and any(c.role == "time" for c in coordinates)
    if space <= 2:
        along = PLANE_COUNT
    elif space == 3:
        along = UNSTEADY_SOLID_COUNT if is_unsteady_solid else SOLID_COUNT
    else:  # as many points as in a solid
        along = max(2, int(SOLID_COUNT ** (3 / space)))
    time = UNSTEADY_SOLID_TIME_COUNT if is_unsteady_solid else TIME_COUNT
    counts: dict[Role, int] = {"space": along, "time": time, "varying": VARYING_COUNT}
    return {c.name: counts[c.role] for c in coordinates}


def is_number(written: Any) -> bool:
    """Whether something fixes a coordinate: a number that is no count."""
    is_list = isinstance(written, list | tuple) or np.ndim(written) > 0
    return written is not None and not is_list and not isinstance(written, numbers.Integral | str)


def _axis(problem: Problem, coordinate: Coordinate, written: Any) -> Axis:
    if is_number(written):
        value = positions_from(coordinate.name, written)
        _check_finite(coordinate.name, value)
        return Axis(coordinate, value.reshape(1), is_fixed=True)
    if isinstance(written, numbers.Integral):
        return Axis(coordinate, _spread(problem, coordinate, int(written)))
    positions = positions_from(coordinate.name, written)
    if positions.ndim != 1 or not positions.size:
        message = f"`{coordinate.name}`: positions are a list or an array `(n,)` with n ≥ 1, not {positions.shape}."
        raise DeclarationError(message)
    _check_finite(coordinate.name, positions)
    return Axis(coordinate, positions)


def _spread(problem: Problem, coordinate: Coordinate, count: int) -> NDArray[np.float64]:
    """Equidistant positions over the bounds of the problem, both ends included."""
    name = coordinate.name
    if count < 1:
        message = (
            f"`{name}={count}`: an integer is a number of positions, at least 1. "
            f"For the position itself write `{name}={float(count)}`."
        )
        raise DeclarationError(message)
    if name not in problem.bounds:
        message = f"`{name}={count}`: no region of the problem bounds {name}. Give positions, `{name}=[0, 0.5, 1]`."
        raise DeclarationError(message)
    low, high = problem.bounds[name]
    if low == high:
        return np.array([low])
    return np.linspace(low, high, count) if count > 1 else np.array([(low + high) / 2])


def _check_finite(name: str, positions: NDArray[np.float64]) -> None:
    if not np.isfinite(positions).all():
        message = f"`{name}`: the positions {positions[~np.isfinite(positions)][:3]} are not finite."
        raise DeclarationError(message)
