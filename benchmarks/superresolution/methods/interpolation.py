"""Linear and cubic interpolation between the coarse values at the middles of their boxes."""

from pathlib import Path
from typing import final

import numpy as np
import xarray
from numpy.typing import NDArray
from scipy.interpolate import make_interp_spline
from typing_extensions import override

from benchmarks.superresolution.method import AbstractUpsampler, Method
from pinr.superresolution import GridDataset
from pinr.superresolution.periodicity import periods_of

Array = NDArray[np.float64]


@final
class Interpolation(AbstractUpsampler):
    """SciPy's splines along one axis after the other: around periodic axes, not-a-knot along others.

    Beyond the first and last middle in z, half a box from the plates, the outermost polynomials go on.
    """

    steps = 0

    def __init__(self, degree: int) -> None:
        self.degree = degree

    @override
    def __call__(self, coarse: xarray.Dataset, like: xarray.Dataset) -> xarray.Dataset:
        found = {}
        for name, values in coarse.data_vars.items():
            held = values.values.astype(np.float64)
            for number, axis in enumerate(map(str, values.dims)):
                period = periods_of(coarse).get(axis)
                held = along(held, number, coarse[axis].values, like[axis].values, degree=self.degree, period=period)
            found[name] = (values.dims, held)
        return xarray.Dataset(found, {axis: like[axis].values for axis in map(str, coarse.dims)}, coarse.attrs)

    @override
    def save(self, path: Path) -> None:
        """There is nothing to keep."""


def along(values: Array, number: int, nodes: Array, places: Array, *, degree: int, period: float | None) -> Array:
    """The values at other places of one axis."""
    if period is not None:
        ahead = np.take(values, [0], axis=number)
        values, nodes = np.concatenate([values, ahead], axis=number), np.append(nodes, nodes[0] + period)
        places = nodes[0] + np.mod(places - nodes[0], period)
    kind = "periodic" if period is not None and degree > 1 else None
    found: Array = make_interp_spline(nodes, values, k=degree, bc_type=kind, axis=number)(places)
    return found


def interpolation(title: str, degree: int) -> Method:
    def train(data: GridDataset, seconds: float, seed: int) -> AbstractUpsampler:
        return Interpolation(degree)

    return Method(title, train, lambda path: Interpolation(degree), is_trained=False)


LINEAR = interpolation("linear interpolation", 1)
CUBIC = interpolation("cubic interpolation", 3)
