"""Fields with mean 0 and standard deviation 1, and the way back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self, final

import numpy as np
import xarray
from numpy.typing import NDArray

Array = NDArray[np.float64]


@final
@dataclass(frozen=True)
class Standardisation:
    """`f = mean + scale · s` for every field f, in which s is what a network sees.

    Equations are about f. In them an unknown f is replaced by `mean + scale · s`, so that `∂f = scale · ∂s`: no
    derivative is left in units of its own.

    Attributes:
        mean: By field.
        scale: By field: the standard deviation, or 1 of a field that is constant.
    """

    mean: Mapping[str, float]
    scale: Mapping[str, float]

    @classmethod
    def of(cls, parts: Iterable[Mapping[str, NDArray[np.floating]]], fields: Sequence[str]) -> Self:
        """The mean and deviation of all parts together, of which one at a time is in memory.

        Reference: Chan, Golub and LeVeque, The American Statistician 37, 1983 (how variances of parts are joined).
        """
        count, mean, square = 0, np.zeros(len(fields)), np.zeros(len(fields))
        for part in parts:
            values = [np.asarray(part[name], dtype=np.float64) for name in fields]
            size, means = values[0].size, np.array([value.mean() for value in values])
            apart = means - mean
            square += [value.var() * size for value in values] + apart**2 * count * size / (count + size)
            mean += apart * size / (count + size)
            count += size
        deviation = np.sqrt(square / count)
        scale = np.where(deviation > 1e-12 * np.abs(mean), deviation, 1.0)  # what is left of a constant is rounding
        scale[scale == 0] = 1.0
        return cls(dict(zip(fields, mean.tolist(), strict=True)), dict(zip(fields, scale.tolist(), strict=True)))

    @classmethod
    def none(cls, fields: Sequence[str]) -> Self:
        """Fields as they are."""
        return cls(dict.fromkeys(fields, 0.0), dict.fromkeys(fields, 1.0))

    def apply(self, dataset: xarray.Dataset) -> xarray.Dataset:
        """`(f − mean) / scale` of the fields that are known here; others stay."""
        changed = {name: (dataset[name] - self.mean[name]) / self.scale[name] for name in self._known(dataset)}
        return dataset.assign(changed)

    def undo(self, dataset: xarray.Dataset) -> xarray.Dataset:
        """`mean + scale · s`."""
        changed = {name: self.mean[name] + self.scale[name] * dataset[name] for name in self._known(dataset)}
        return dataset.assign(changed)

    def _known(self, dataset: xarray.Dataset) -> list[str]:
        return [name for name in self.mean if name in dataset.data_vars]
