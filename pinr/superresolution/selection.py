"""Parts of datasets by the positions of their axes."""

from collections.abc import Mapping
from numbers import Real

import numpy as np
import xarray

from pinr.errors import DeclarationError

Ends = tuple[float | None, float | None]
SLACK = 1e-6  # of a step: times that are sums of many steps are a little off, 18.000000000000114


def selected(dataset: xarray.Dataset, select: Mapping[str, Ends]) -> xarray.Dataset:
    """What lies in `low ≤ position < high` along each axis; None leaves an end open.

    Without its upper end, a part and the one that begins there have nothing in common: what trains does not test.

    Raises:
        DeclarationError: There is no such axis, or nothing is in the part.
    """
    for axis, ends in select.items():
        written = f"`select={dict(select)!r}`"
        if axis not in dataset.dims:
            message = f"{written}: there is no axis `{axis}`. The fields have {', '.join(map(str, dataset.dims))}."
            raise DeclarationError(message)
        if not (isinstance(ends, tuple | list) and len(ends) == 2 and all(_is_end(end) for end in ends)):
            message = f'{written}: give two ends, such as `select={{"{axis}": (18, 41)}}`; None leaves one open.'
            raise DeclarationError(message)
        positions = np.asarray(dataset[axis], dtype=np.float64)
        low, high = (-np.inf if ends[0] is None else ends[0]), (np.inf if ends[1] is None else ends[1])
        slack = SLACK * (positions[-1] - positions[0]) / max(1, len(positions) - 1)
        inside = np.flatnonzero((positions >= low - slack) & (positions < high - slack))
        if not inside.size:
            message = (
                f"{written}: nothing of `{axis}` is in it, which has {len(positions)} positions from "
                f"{positions[0]:g} to {positions[-1]:g}; the upper end does not belong to it."
            )
            raise DeclarationError(message)
        dataset = dataset.isel({axis: slice(int(inside[0]), int(inside[-1]) + 1)})
    return dataset


def _is_end(end: object) -> bool:
    return end is None or (isinstance(end, Real) and not isinstance(end, bool))
