"""Derivatives of values on a grid: by Fourier series along periodic axes, by finite differences along others."""

import math

import numpy as np
import xarray
from numpy.typing import NDArray

from pinr.errors import DeclarationError

Array = NDArray[np.float64]
Walls = tuple[tuple[float, float], tuple[float, float]]  # position and value below and above all positions

STENCIL = 7  # positions of a finite difference: of sixth order


def derivative(
    values: xarray.DataArray,
    axis: str,
    *,
    order: int = 1,
    period: float | None = None,
    stencil: int = STENCIL,
    walls: Walls | None = None,
) -> xarray.DataArray:
    """The derivative along a named axis at the positions of the values.

    Where there is a period, it is that of the Fourier series through the values. Elsewhere it is that of the polynomial
    through the `stencil` nearest positions, which may be spaced as they like: `stencil − order`-th order of accuracy,
    and near the ends from one side. Walls are two more positions with the value there.

    Raises:
        DeclarationError: There is no such axis, or it has fewer positions than the stencil.
    """
    if axis not in values.dims:
        message = f"`{values.name}` has no axis `{axis}`. It has {', '.join(map(str, values.dims))}."
        raise DeclarationError(message)
    number, count = values.dims.index(axis), values.sizes[axis]
    held = np.moveaxis(np.asarray(values.values, dtype=np.float64), number, -1)
    if period is not None:
        found = _of_series(held, period, order)
    else:
        if count < stencil:
            message = f"`{axis}` has {count} positions, and derivatives along it need {stencil}. Select more."
            raise DeclarationError(message)
        positions = np.asarray(values[axis].values, dtype=np.float64)
        nodes, known = positions, held
        if walls is not None:
            (low, first), (high, last) = walls
            nodes = np.concatenate([[low], positions, [high]])
            ends = [np.full((*held.shape[:-1], 1), value) for value in (first, last)]
            known = np.concatenate([ends[0], held, ends[1]], axis=-1)
        found = known @ difference_matrix(nodes, positions, order=order, stencil=stencil).T
    return values.copy(data=np.moveaxis(found, -1, number))


def difference_matrix(nodes: Array, places: Array, *, order: int = 1, stencil: int = STENCIL) -> Array:
    """What turns values at nodes into derivatives at places, `(places, nodes)`, by the `stencil` nearest nodes.

    Reference: Fornberg, SIAM Review 40, 1998 (the weights, found here from the moments).
    """
    matrix = np.zeros((len(places), len(nodes)))
    for row, place in enumerate(places):
        near = np.sort(np.argsort(np.abs(nodes - place), kind="stable")[:stencil])
        offsets = nodes[near] - place
        size = np.abs(offsets).max()
        moments = np.vander(offsets / size, increasing=True).T
        wanted = np.zeros(len(near))
        wanted[order] = math.factorial(order) / size**order
        matrix[row, near] = np.linalg.solve(moments, wanted)
    return matrix


def _of_series(values: Array, period: float, order: int) -> Array:
    """The derivative of the Fourier series along the last axis."""
    count = values.shape[-1]
    factors = (2j * np.pi / period * np.arange(count // 2 + 1)) ** order
    if count % 2 == 0 and order % 2:
        factors[-1] = 0.0  # the highest wave is a cosine, of which the slope is 0 at all positions
    return np.fft.irfft(np.fft.rfft(values, axis=-1) * factors, n=count, axis=-1)
