"""Orthonormal waves along the axes of a grid: Fourier's along periodic axes, cosines along others."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.fft import dct
from torch import Tensor

from pinr.superresolution.spline import Axis, along

Array = NDArray[np.float64]

LEAST = 1e-12  # of the largest mean square
TINY = 1e-300


@cache
def waves(count: int, is_periodic: bool) -> Array:
    """The waves on so many nodes, a row each, `(count, count)`, by increasing frequency.

    Cosine and sine of one frequency follow each other; cosines along axes with ends have no slope half a node beyond
    them (the discrete cosine transform II).
    """
    if not is_periodic:
        return np.asarray(dct(np.eye(count), norm="ortho", axis=0))
    phases = 2 * np.pi * np.outer(np.arange(count), np.arange(count)) / count
    rows = [np.full(count, count**-0.5)]
    for k in range(1, (count + 1) // 2):
        rows += [np.sqrt(2 / count) * np.cos(phases[k]), np.sqrt(2 / count) * np.sin(phases[k])]
    if count % 2 == 0:
        rows.append(np.cos(phases[count // 2]) * count**-0.5)
    return np.stack(rows)


def amplitudes(values: Tensor, axes: Sequence[Axis]) -> Tensor:
    """How much of each wave there is in values at nodes, `(batch, fields, *counts)` both."""
    for number, axis in enumerate(axes, start=values.dim() - len(axes)):
        values = along(values, number, waves(axis.count, axis.is_periodic))
    return values


def superposed(amplitudes: Tensor, axes: Sequence[Axis]) -> Tensor:
    """The values at the nodes of waves with these amplitudes; the other way."""
    for number, axis in enumerate(axes, start=amplitudes.dim() - len(axes)):
        amplitudes = along(amplitudes, number, waves(axis.count, axis.is_periodic).T)
    return amplitudes


def smoothed(power: Array, axes: Sequence[Axis], width: float = 3.0) -> Array:
    """Mean squares of amplitudes, averaged over neighbouring frequencies: what few samples say of all.

    The average is geometric: spectra fall by orders of magnitude, and others are filled up from where they are large.

    Args:
        power: `(fields, *counts)`, not negative.
        axes: The nodes.
        width: Standard deviation of the average, in frequencies.
    """
    first = power.ndim - len(axes)
    power = np.log(np.maximum(power, max(LEAST * power.max(), TINY)))
    for number, axis in enumerate(axes, start=first):
        frequencies = (np.arange(axis.count) + 1) // 2 if axis.is_periodic else np.arange(axis.count)
        weights = np.exp(-0.5 * ((frequencies[:, None] - frequencies) / width) ** 2)
        weights /= weights.sum(axis=1, keepdims=True)
        power = np.moveaxis(np.moveaxis(power, number, -1) @ weights.T, -1, number)
    result: Array = np.exp(power)
    return result


def resampled(power: Array, number: int, count: int) -> Array:
    """The same spectrum for another number of nodes of an axis with ends, `(…, count, …)`."""
    own = power.shape[number]
    if count == own:
        return power
    frequencies, wanted = np.arange(own) / own, np.arange(count) / count
    weights = np.stack([np.interp(wanted, frequencies, row) for row in np.eye(own)], axis=1)
    return np.moveaxis(np.moveaxis(power, number, -1) @ weights.T, -1, number)


def as_tensor(values: Array, like: Tensor) -> Tensor:
    """In the precision and on the device of another."""
    return torch.from_numpy(np.ascontiguousarray(values)).to(like)
