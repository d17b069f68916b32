"""The interval of one coordinate."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import sympy

from pinr.errors import GeometryError
from pinr.geometry.number import Number, is_open, number_from
from pinr.geometry.samples import Mask, Values

RELATIVE_TOLERANCE = 1e-9  # of the interval's length: far above rounding in float64, far below any feature


@final
@dataclass(frozen=True)
class Interval:
    """`low ≤ coordinate ≤ high`, closed, of positive length."""

    name: str
    low: Number
    high: Number

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            message = f"{self.name!r} does not name a coordinate. Use letters, digits and underscores."
            raise GeometryError(message)
        if not is_open(self.low, self.high):
            self.check_numbers()

    def check_numbers(self) -> None:
        """Raise an error where the lower bound is not below the upper."""
        if not np.all(self.low.value < self.high.value):
            message = (
                f"`Box({self})`: the lower bound {self.low} is not below the upper bound {self.high}. "
                f"Exchange them, or fix a coordinate with `.at({self.name}={self.low})`."
            )
            raise GeometryError(message)

    def __str__(self) -> str:
        return f"{self.name}=({self.low}, {self.high})"

    @property
    def bounds(self) -> tuple[float, float]:
        """Both ends as floats."""
        return self.low.value, self.high.value

    @property
    def length(self) -> float:
        """`high − low`."""
        return self.high.value - self.low.value

    @property
    def tolerance(self) -> float:
        """How far outside a point may lie and still count as inside."""
        farthest = np.maximum(np.abs(self.low.value), np.abs(self.high.value))
        return RELATIVE_TOLERANCE * self.length + 4 * np.finfo(np.float64).eps * farthest

    def contains(self, values: Values) -> Mask:
        """Which values lie inside, up to the tolerance."""
        return (values >= self.low.value - self.tolerance) & (values <= self.high.value + self.tolerance)

    def surrounds(self, values: Values) -> Mask:
        """Which values lie inside by more than the tolerance."""
        return (values > self.low.value + self.tolerance) & (values < self.high.value - self.tolerance)

    def is_at(self, value: float, values: Values) -> Mask:
        """Which values equal the given one, up to the tolerance."""
        return np.abs(values - value) <= self.tolerance


def interval_from(name: str, written: Any) -> Interval:
    """The interval that a user wrote as a pair, `x=(0, pi)`.

    Raises:
        GeometryError: It is not a pair of finite real numbers, lower bound first.
    """
    place = f"Box({name}={written})"
    is_pair = isinstance(written, Sequence | np.ndarray | sympy.Tuple) and not isinstance(written, str)
    if not is_pair or len(written) != 2:
        message = f"`Box({name}={written!r})`: not a pair of numbers. Write `{name}=(low, high)`."
        raise GeometryError(message)
    low, high = (number_from(bound, place, may_vary=True) for bound in written)
    return Interval(name, low, high)
