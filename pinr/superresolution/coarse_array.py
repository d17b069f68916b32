"""Coarse values that are computed from fine ones where they are asked for."""

from typing import Any, final

import numpy as np
import xarray
from numpy.typing import NDArray
from xarray.backends import BackendArray
from xarray.core import indexing

from pinr.superresolution.coarsening import Coarsening

SEEN_AT_ONCE = 1 << 22  # values of one field that are read together


@final
class CoarseArray(BackendArray):  # type: ignore[misc,unused-ignore]
    """The coarse values of one field as xarray's lazy indexing asks for them, so that runs may be larger than memory.

    Args:
        fine: The field, from which axes that are subsampled have been taken already.
        averaging: Of the other axes.
        deviation: Of normal errors that are added.
        seed: Of these errors. Each position of the first axis has its own, so that they do not depend on what is read
            together.
    """

    def __init__(
        self, fine: xarray.DataArray, averaging: Coarsening, *, deviation: float = 0.0, seed: tuple[int, ...] = (0,)
    ) -> None:
        self.fine, self.averaging, self.deviation, self.seed = fine, averaging, deviation, seed
        self.axes = tuple(map(str, fine.dims))
        self.shape = tuple(averaging.coarse_count(axis, fine.sizes[axis]) for axis in self.axes)
        self.dtype = fine.dtype if fine.dtype.kind == "f" else np.dtype(np.float64)

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.BASIC, self._read)

    def _read(self, key: tuple[Any, ...]) -> NDArray[Any]:
        """The values of one index or slice for each axis, the first of which decides what is read."""
        first, *others = key
        chosen = np.arange(self.shape[0])[first]
        if not np.size(chosen):
            return np.empty(self.shape, self.dtype)[key]
        low = int(np.min(chosen))
        found = self._between(low, int(np.max(chosen)) + 1)
        result: NDArray[Any] = found[(chosen - low, *others)]
        return result

    def _between(self, low: int, high: int) -> NDArray[Any]:
        """Whole positions of the first axis, of which so many fine ones are in memory as may be read at once."""
        axis, factor = self.axes[0], self.averaging.factors[self.axes[0]]
        across = int(np.prod([self.fine.sizes[other] for other in self.axes[1:]]))
        size = max(1, SEEN_AT_ONCE // (across * factor))
        found = np.empty((high - low, *self.shape[1:]), self.dtype)
        for start in range(low, high, size):
            end = min(start + size, high)
            block = self.fine.isel({axis: slice(start * factor, end * factor)})
            values = self.averaging.values(block.values, self.axes)
            if self.deviation:
                values = values + self.deviation * np.stack([self._errors(number) for number in range(start, end)])
            found[start - low : end - low] = values
        return found

    def _errors(self, number: int) -> NDArray[np.float64]:
        return np.random.default_rng((*self.seed, number)).standard_normal(self.shape[1:])
