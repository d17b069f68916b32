"""How datasets become tensors that networks see, and back."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self, final

import numpy as np
import torch
import xarray
from numpy.typing import NDArray
from torch import Tensor

from pinr.superresolution import Crops, GridDataset

Array = NDArray[np.float64]
AXES = ("t", "z", "x")
ODD = ("u",)  # what changes its sign in a mirror image along x
RATE, LEAST_RATE, WARM_UP = 2e-3, 1e-5, 100


@final
@dataclass(frozen=True)
class Layout:
    """Fields with mean 0 and deviation 1 over t, z and x; of t every n-th frame is known, of z and x averages of boxes.

    Attributes:
        fields: Their names.
        mean: By field.
        scale: By field.
        factors: Fine values to a coarse one, by axis.
        spacing: The distance of fine values, by axis.
    """

    fields: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    factors: tuple[int, ...]
    spacing: tuple[float, ...]

    @classmethod
    def of(cls, data: GridDataset) -> Self:
        known = data.standardisation
        return cls(
            data.fields,
            tuple(known.mean[name] for name in data.fields),
            tuple(known.scale[name] for name in data.fields),
            tuple(data.coarsening.factors[axis] for axis in AXES),
            tuple(float(data.steps[axis] or 0) for axis in AXES),
        )

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Self:
        return cls(**{name: tuple(values) for name, values in record.items()})

    def record(self) -> dict[str, list[Any]]:
        return {name: list(values) for name, values in asdict(self).items()}

    def tensor(self, coarse: xarray.Dataset) -> Tensor:
        """Standardised, `(1, fields, t, z, x)`."""
        values = [coarse[name].transpose(*AXES).values for name in self.fields]
        return torch.from_numpy(self._column(self._apply(np.stack(values)[None])))

    def dataset(self, values: NDArray[Any], places: Mapping[str, Array], like: xarray.Dataset) -> xarray.Dataset:
        """Standardised values `(fields, t, z, x)` at these places, in units of the data."""
        pairs = zip(self.fields, values, self.mean, self.scale, strict=True)
        found = {name: (AXES, mean + scale * own) for name, own, mean, scale in pairs}
        return xarray.Dataset(found, {axis: places[axis] for axis in AXES}, like.attrs)

    def nodes(self, coarse: xarray.Dataset) -> dict[str, Array]:
        """The places of all fine values that coarse ones stand for."""
        found = {}
        for axis, factor, step in zip(AXES, self.factors, self.spacing, strict=True):
            places = coarse[axis].values
            first = places[0] - (factor - 1) / 2 * step if axis != "t" else places[0]
            count = len(places) * factor if axis != "t" else (len(places) - 1) * factor + 1
            found[axis] = first + step * np.arange(count)
        return found

    def mirrored(self, crops: Crops, generator: np.random.Generator) -> Crops:
        """Half of the crops as their mirror images along x, which obey the same equations."""
        is_mirrored = generator.random(len(crops)) < 0.5
        changed = []
        for values in (crops.coarse, crops.fine):
            flipped = values.copy()
            flipped[is_mirrored] = flipped[is_mirrored][..., ::-1]
            for name in ODD:
                column = self.fields.index(name)
                shift = 2 * self.mean[column] / self.scale[column]
                flipped[is_mirrored, column] = -flipped[is_mirrored, column] - np.float32(shift)
            changed.append(flipped)
        return replace(crops, coarse=changed[0], fine=changed[1])

    def _apply(self, values: NDArray[Any]) -> NDArray[Any]:
        shape = (-1, 1, 1, 1)
        return (values - np.reshape(self.mean, shape)) / np.reshape(self.scale, shape)

    def _column(self, values: NDArray[Any]) -> NDArray[np.float32]:
        return np.ascontiguousarray(values, dtype=np.float32)


def shares_of(seconds: float) -> Iterator[float]:
    """How much of the time is over, at every step, until it is."""
    began = time.perf_counter()
    while (spent := time.perf_counter() - began) < seconds:
        yield spent / seconds


def rate_at(step: int, share: float, rate: float = RATE) -> float:
    """The rate of learning: it grows over the first steps and decays to nothing at the end of the time."""
    return rate * min(1.0, (step + 1) / WARM_UP) * (1 - share) ** 0.5 + LEAST_RATE
