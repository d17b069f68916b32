"""Stored grids: values that stay where they are, in a file or as bytes, and are read where they are asked for."""

import hashlib
import itertools
import json
import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol, final

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from pinr.errors import DeclarationError
from pinr.language.grid import NEAR, AbstractGrid, Array

STENCIL = 5  # values along each axis that the interpolation sees: exact for polynomials of degree 4
ROUNDING = 1e-12  # weights below are rounding errors of 0
RUNS, RUN = 64, 1024  # of the values that the fingerprint reads


class Source(Protocol):
    """What holds the values: a NumPy array, perhaps memory-mapped, or what reads like one."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> np.dtype[Any]: ...

    def __getitem__(self, indices: Any, /) -> Any:
        """The values under a tuple of equally long integer arrays, one per axis."""


@final
class StoredGrid(AbstractGrid):
    """Values on a regular grid that are read when they are asked for, with a local polynomial between them.

    At positions of the grid the value is looked up. Between them, and for derivatives, it is the product of
    polynomials of degree 4 through the 5 nearest positions along each axis: at positions, the central differences of
    fourth order. (Through a data set larger than memory there is no spline.)

    Args:
        source: The values, real numbers; they stay there.
        extent: For every axis, in the source's order, its coordinate with the first and last position, increasing.
        scale: A factor of the values: 1/255 of bytes that stand for numbers in [0, 1].

    The digest is the fingerprint of shape, extent and up to 65,536 values in 64 runs spread over the source: whole data
    sets are not read for it.
    """

    def __init__(self, source: Source, extent: Mapping[str, tuple[float, float]], *, scale: float = 1.0) -> None:
        self.source, self.scale = source, scale
        self.extent = {name: (float(low), float(high)) for name, (low, high) in extent.items()}

    @cached_property
    def axes(self) -> Mapping[str, Array]:  # type: ignore[override]
        pairs = zip(self.extent.items(), self.source.shape, strict=True)
        return {name: np.linspace(low, high, count) for (name, (low, high)), count in pairs}

    @cached_property
    @override
    def digest(self) -> str:
        shape = self.source.shape
        found = hashlib.sha256(json.dumps([dict(self.extent), list(shape), self.scale]).encode())
        count = math.prod(shape)
        for start in sorted({round(k * max(0, count - RUN) / (RUNS - 1)) for k in range(RUNS)}):
            indices = np.unravel_index(np.arange(start, min(count, start + RUN)), shape)
            found.update(np.ascontiguousarray(self.source[indices], dtype="<f8").tobytes())
        return found.hexdigest()

    @override
    def at_nodes(self, nodes: Sequence[NDArray[np.intp]]) -> Array:
        return np.asarray(self.source[tuple(nodes)], dtype=np.float64) * self.scale

    @override
    def between(self, places: Sequence[Array], orders: Sequence[int]) -> Array:
        starts, weights = [], []
        for (name, positions), values, order in zip(self.axes.items(), places, orders, strict=True):
            count, size = len(positions), min(STENCIL, len(positions))
            if order >= size:
                message = (
                    f"A derivative of order {order} along {name} is asked of data with {count} positions there, which "
                    f"tell derivatives up to order {size - 1}. Differentiate the unknown, or give finer data."
                )
                raise DeclarationError(message)
            step = (positions[-1] - positions[0]) / (count - 1)
            along = (values - positions[0]) / step
            nearest = np.rint(along)
            along = np.where(np.abs(along - nearest) <= NEAR, nearest, along)
            start = np.clip(nearest - size // 2, 0, count - size)
            starts.append(start.astype(np.intp))
            weights.append(_lagrange_weights(along - start, size, order) / step**order)
        total = np.zeros(len(places[0]))
        for offsets in itertools.product(*(range(len(along)) for along in weights)):
            factor = math.prod(along[k] for along, k in zip(weights, offsets, strict=True))
            used = np.flatnonzero(factor)  # at positions of the grid, nearly all are 0 and nothing is read
            if used.size:
                nodes = [start[used] + k for start, k in zip(starts, offsets, strict=True)]
                total[used] += factor[used] * self.at_nodes(nodes)
        return total


def _lagrange_weights(places: Array, size: int, order: int) -> Array:
    """Derivatives at places of the polynomials that are 1 at one of 0, …, size − 1 and 0 at the others, `(size, N)`."""
    coefficients = np.linalg.inv(np.vander(np.arange(size), increasing=True))  # of powers (rows), by polynomial
    powers = [math.perm(k, order) * places ** (k - order) if k >= order else np.zeros_like(places) for k in range(size)]
    weights = coefficients.T @ np.stack(powers)
    weights[np.abs(weights) < ROUNDING] = 0.0
    return weights
