"""Charts: maps from the unit cube, of which every region is made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np
from numpy.typing import NDArray

from pinr.geometry.samples import Mask, Points, Samples
from pinr.geometry.sampling.low_discrepancy import Sobol

ESTIMATION_POINTS = 2**16  # the share of a smooth shape is then good to three to four digits in two dimensions

Keep = Callable[[Points], Mask]


@final
@dataclass(frozen=True, eq=False)
class Chart:
    """A map of the unit cube `[0, 1)^d` onto a piece of a region, of constant Jacobian, thinned by `keep`.

    Args:
        dimension: `d`; 0 is a single point.
        extent: Measure of the whole image, before thinning; 1 for a point.
        place: Unit points `(N, d)` → samples, one per row.
        keep: Which points of the image belong to the piece; None keeps all.
    """

    dimension: int
    extent: float
    place: Callable[[NDArray[np.float64]], Samples]
    keep: Keep | None = None

    @cached_property
    def share(self) -> float:
        """Fraction of the image that is kept: 1, or estimated on fixed quasi-random points."""
        if self.keep is None:
            return 1.0
        unit = Sobol().draw(self.dimension, ESTIMATION_POINTS, seed=0)
        return float(np.mean(self.keep(self.place(unit).points)))

    @property
    def measure(self) -> float:
        """Measure of the piece, `extent · share`."""
        return self.extent * self.share


def joined(first: Chart, second: Chart) -> Chart:
    """The Cartesian product of two charts, on the joint unit cube."""

    def place(unit: NDArray[np.float64]) -> Samples:
        left, right = first.place(unit[:, : first.dimension]), second.place(unit[:, first.dimension :])
        return Samples({**left.points, **right.points}, {**left.columns, **right.columns})

    return Chart(
        dimension=first.dimension + second.dimension,
        extent=first.extent * second.extent,
        place=place,
        keep=_both(first.keep, second.keep),
    )


def thinned(chart: Chart, keep: Keep) -> Chart:
    """The part of a chart's image where `keep` holds."""
    return Chart(chart.dimension, chart.extent, chart.place, _both(chart.keep, keep))


def with_normals(chart: Chart, normal: Callable[[Points], Points], names: Sequence[str]) -> Chart:
    """The chart whose samples carry a normal in the columns `normal.<name>`; components not given are 0."""

    def place(unit: NDArray[np.float64]) -> Samples:
        samples = chart.place(unit)
        components = normal(samples.points)
        zero = np.zeros(samples.count)
        columns = {f"normal.{name}": components.get(name, zero) for name in names}
        return Samples(samples.points, {**samples.columns, **columns})

    return Chart(chart.dimension, chart.extent, place, chart.keep)


def _both(first: Keep | None, second: Keep | None) -> Keep | None:
    if first is None or second is None:
        return first or second
    return lambda points: first(points) & second(points)
