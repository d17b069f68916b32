"""Which axes of a dataset are periodic, and how far their positions are apart."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import xarray
from numpy.typing import NDArray

from pinr.errors import DeclarationError

UNEVEN = 1e-4  # of a step: positions in single precision still count as evenly spaced


def step_of(positions: NDArray[np.floating]) -> float | None:
    """The distance of evenly spaced, increasing positions; None of others, and of fewer than two."""
    if len(positions) < 2:
        return None
    places = np.asarray(positions, dtype=np.float64)
    step = (places[-1] - places[0]) / (len(places) - 1)
    even = step > 0 and np.abs(np.diff(places) - step).max() <= UNEVEN * step
    return float(step) if even else None


def periods_of(dataset: xarray.Dataset, periodic: str | Sequence[str] | None = None) -> dict[str, float]:
    """The periods of periodic axes, which are as many steps as there are positions.

    Args:
        dataset: The fields.
        periodic: The names of the axes, `"x"` or `("x", "y")`. None asks the dataset: its attribute `periodic`, blanks
            between names, or else the words `x periodic` in one of its texts.

    Raises:
        DeclarationError: There is no such axis, or its positions are not evenly spaced.
    """
    names = _said(dataset) if periodic is None else periodic.split() if isinstance(periodic, str) else list(periodic)
    periods = {}
    for axis in names:
        if axis not in dataset.dims:
            message = f"`periodic={periodic!r}`: there is no axis `{axis}`. The fields have {_dims(dataset)}."
            raise DeclarationError(message)
        step = step_of(dataset[axis].values)
        if step is None:
            message = f"The axis `{axis}` is periodic, and its positions are not evenly spaced. Interpolate the fields."
            raise DeclarationError(message)
        periods[axis] = step * dataset.sizes[axis]
    return periods


def steps_of(dataset: xarray.Dataset) -> Mapping[str, float | None]:
    """The step of every axis, None where positions are not evenly spaced."""
    return {str(axis): step_of(dataset[axis].values) for axis in dataset.dims}


def _said(dataset: xarray.Dataset) -> list[str]:
    if "periodic" in dataset.attrs:
        return str(dataset.attrs["periodic"]).split()
    texts = [text for text in dataset.attrs.values() if isinstance(text, str)]
    axes = [str(axis) for axis in dataset.dims]
    return [axis for axis in axes if any(re.search(rf"\b{re.escape(axis)} periodic\b", text) for text in texts)]


def _dims(dataset: xarray.Dataset) -> str:
    return ", ".join(map(str, dataset.dims))
