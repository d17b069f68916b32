"""The part of a dataset that one moment of a field takes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import final

import h5py
import numpy as np

from pinr.files.layout import Layout


@final
@dataclass(frozen=True)
class Slab:
    """`dataset[start : start + count]` along every axis, seen as a grid `(nz, ny, nx)` with components behind."""

    dataset: h5py.Dataset
    start: tuple[int, ...]
    count: tuple[int, ...]
    grid: tuple[int, ...]
    components: tuple[int, ...]


def slab_of(dataset: h5py.Dataset, layout: Layout, step: int) -> Slab:
    """The slab of time number `step`; all of a dataset without time."""
    moments = 0 if layout.time is None else 1
    sizes = dataset.shape[moments : moments + len(layout.space)]
    components = dataset.shape[moments + len(layout.space) :]
    return Slab(
        dataset=dataset,
        start=(step,) * moments + (0,) * (dataset.ndim - moments),
        count=(1,) * moments + sizes + components,
        grid=(1,) * (3 - len(sizes)) + sizes,
        components=components,
    )


def scalar_slabs(name: str, slab: Slab) -> Iterator[tuple[str, Slab]]:
    """One slab per component, as `name_0`, `name_1` … or `name_0_0`, `name_0_1` … for a matrix."""
    points = len(slab.start) - len(slab.components)
    for index in np.ndindex(slab.components):
        component = replace(
            slab,
            start=slab.start[:points] + index,
            count=slab.count[:points] + (1,) * len(index),
            components=(),
        )
        yield "_".join((name, *map(str, index))), component
