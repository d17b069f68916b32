"""Coarse values from fine ones along named axes, and where they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, final, get_args

import numpy as np
from numpy.typing import NDArray

from pinr.errors import DeclarationError

Array = NDArray[np.float64]
Rule = Literal["mean", "subsample"]


@final
@dataclass(frozen=True)
class Coarsening:
    """`factor` fine values to one along each axis.

    With the rule `mean` it is their average, the value at the middle of the box; with `subsample` it is the first of
    them, at its own place. Averages of boxes are exact at their middles for functions that are linear there, and
    `O(Δ²)` elsewhere.

    Attributes:
        factors: By axis, 1 where nothing is coarsened.
        rules: By axis.
    """

    factors: Mapping[str, int]
    rules: Mapping[str, Rule]

    def coarse_count(self, axis: str, fine: int) -> int:
        """How many coarse values there are for so many fine ones: whole boxes, or every n-th value."""
        factor = self.factors[axis]
        return fine // factor if self.rules[axis] == "mean" else -(-fine // factor)

    def fine_count(self, axis: str, coarse: int) -> int:
        """How many fine values so many coarse ones reach over."""
        factor = self.factors[axis]
        return coarse * factor if self.rules[axis] == "mean" else (coarse - 1) * factor + 1

    def values(self, fine: NDArray[Any], axes: tuple[str, ...]) -> NDArray[Any]:
        """The coarse values; the last `len(axes)` dimensions are these axes. Averages are formed in float64."""
        lead = fine.ndim - len(axes)
        for number, axis in enumerate(axes, start=lead):
            factor, count = self.factors[axis], self.coarse_count(axis, fine.shape[number])
            if factor == 1:
                continue
            if self.rules[axis] == "subsample":
                fine = fine[(slice(None),) * number + (slice(None, None, factor),)]
                continue
            shape = (*fine.shape[:number], count, factor, *fine.shape[number + 1 :])
            whole = fine[(slice(None),) * number + (slice(count * factor),)]
            fine = whole.reshape(shape).mean(axis=number + 1, dtype=np.float64)
        return fine

    def places(self, fine: Array, axis: str) -> Array:
        """Where the coarse values are; `fine` are the places of the fine ones, `(…, count)`."""
        factor = self.factors[axis]
        if self.rules[axis] == "subsample":
            return fine[..., ::factor]
        count = fine.shape[-1] // factor
        return fine[..., : count * factor].reshape(*fine.shape[:-1], count, factor).mean(axis=-1)


def checked_coarsening(
    coarsen: Mapping[str, int], coarsen_by: Rule | Mapping[str, Rule], axes: tuple[str, ...], time: str
) -> Coarsening:
    """What the user wrote, for every axis; where nothing is said, space is averaged and time subsampled.

    Raises:
        DeclarationError: An axis that does not exist, a factor that is no positive integer, or another rule.
    """
    if not isinstance(coarsen, Mapping):
        message = f'`coarsen={coarsen!r}`: give a factor for each axis, such as `coarsen={{"z": 8, "x": 8}}`.'
        raise DeclarationError(message)
    for axis, factor in coarsen.items():
        if axis not in axes:
            message = f"`coarsen={dict(coarsen)!r}`: there is no axis `{axis}`. The fields have {', '.join(axes)}."
            raise DeclarationError(message)
        if isinstance(factor, bool) or not isinstance(factor, int | np.integer) or factor < 1:
            message = f"`coarsen={dict(coarsen)!r}`: the factor of `{axis}` is a positive integer."
            raise DeclarationError(message)
    given = dict.fromkeys(axes, coarsen_by) if isinstance(coarsen_by, str) else dict(coarsen_by)
    for axis, rule in given.items():
        if axis not in axes or rule not in get_args(Rule):
            message = (
                f"`coarsen_by={coarsen_by!r}`: give `'mean'` or `'subsample'`, for all or by axis; "
                f"the axes are {', '.join(axes)}."
            )
            raise DeclarationError(message)
    usual: dict[str, Rule] = {axis: "subsample" if axis == time else "mean" for axis in axes}
    return Coarsening({axis: int(coarsen.get(axis, 1)) for axis in axes}, {**usual, **given})
