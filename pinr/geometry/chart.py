"""Charts: maps from the unit cube, of which every region is made."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import final

import numpy as np
from numpy.typing import NDArray

from pinr.geometry.rules import Rule, gauss, tensor
from pinr.geometry.samples import Mask, Points, Samples
from pinr.geometry.sampling.low_discrepancy import Sobol

ESTIMATION_POINTS = 2**16  # the share of a smooth shape is then good to three to four digits in two dimensions

Keep = Callable[[Points], Mask]


@final
@dataclass(frozen=True, eq=False)
class Chart:
    """A map of the unit cube `[0, 1)^d` onto a piece of a region, of constant Jacobian, thinned by `keep`.

    Of a region whose numbers are arrays, the extent is one too, and each unit point is placed by numbers of its own.

    Args:
        dimension: `d`; 0 is a single point.
        extent: Measure of the whole image, before thinning; 1 for a point.
        place: Unit points `(N, d)` → samples, one per row.
        keep: Which points of the image belong to the piece; None keeps all.
        rule: Quadrature on the unit cube under which smooth functions on the image stay smooth; None where there
            is none, and always of a thinned chart.
        known_share: The fraction of the image that is kept, where it is known in closed form.
        factors: Charts whose shares multiply to that of this one.
        choices: How many axes of the unit cube choose among isolated points; they add nothing to the dimension.
    """

    dimension: int
    extent: float
    place: Callable[[NDArray[np.float64]], Samples]
    keep: Keep | None = None
    rule: Rule | None = None
    known_share: float | None = None
    factors: "tuple[Chart, ...]" = ()
    choices: int = 0

    @cached_property
    def share(self) -> float:
        """Fraction of the image that is kept: 1, known, or estimated on fixed quasi-random points."""
        if self.keep is None:
            return 1.0
        if self.known_share is not None:
            return self.known_share
        if self.factors:
            return math.prod(factor.share for factor in self.factors)
        unit = Sobol().draw(self.dimension, ESTIMATION_POINTS if self.dimension else 1, seed=0)
        return float(np.mean(self.keep(self.place(unit).points)))

    @property
    def is_exact(self) -> bool:
        """Whether the measure is known in closed form."""
        known = self.keep is None or self.known_share is not None
        return known or (bool(self.factors) and all(factor.is_exact for factor in self.factors))

    @property
    def measure(self) -> float:
        """Measure of the piece, `extent · share`."""
        return self.extent * self.share


def affine_chart(bounds: Mapping[str, tuple[float, float]]) -> Chart:
    """The affine map `x = low + (high − low) u` onto a box; coordinates with `low = high` are constant."""
    free = [name for name, (low, high) in bounds.items() if np.any(low < high)]
    column = {name: index for index, name in enumerate(free)}

    def place(unit: NDArray[np.float64]) -> Samples:
        return Samples(
            {
                name: low + (high - low) * unit[:, column[name]] if name in column else np.full(len(unit), low)
                for name, (low, high) in bounds.items()
            }
        )

    extent = math.prod((bounds[name][1] - bounds[name][0] for name in free), start=1.0)
    return Chart(len(free), extent, place, rule=gauss(len(free)))


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
        rule=None if first.rule is None or second.rule is None else tensor(first.rule, second.rule),
        factors=(first, second),
        choices=first.choices + second.choices,
    )


def thinned(chart: Chart, keep: Keep) -> Chart:
    """The part of a chart's image where `keep` holds."""
    return Chart(chart.dimension, chart.extent, chart.place, _both(chart.keep, keep), choices=chart.choices)


def arranged(chart: Chart, names: Sequence[str]) -> Chart:
    """The chart whose samples list the coordinates in this order."""

    def place(unit: NDArray[np.float64]) -> Samples:
        samples = chart.place(unit)
        return Samples({name: samples.points[name] for name in names}, samples.columns)

    return _placed_by(chart, place)


def rescaled(charts: Sequence[Chart], measure: float) -> tuple[Chart, ...]:
    """The same charts, with shares of the thinned ones such that the sum is a measure known in closed form."""
    cut = [chart for chart in charts if chart.keep is not None]
    wanted = measure - sum(chart.measure for chart in charts if chart.keep is None)
    if not cut:
        return tuple(charts)
    if len(cut) == 1:
        return tuple(c if c.keep is None else replace(c, known_share=wanted / c.extent) for c in charts)
    ratio = wanted / sum(chart.measure for chart in cut)
    return tuple(c if c.keep is None else replace(c, known_share=c.share * ratio) for c in charts)


def with_normals(chart: Chart, normal: Callable[[Points], Points], names: Sequence[str]) -> Chart:
    """The chart whose samples carry a normal in the columns `normal.<name>`; components not given are 0."""

    def place(unit: NDArray[np.float64]) -> Samples:
        samples = chart.place(unit)
        components = normal(samples.points)
        zero = np.zeros(samples.count)
        columns = {f"normal.{name}": components.get(name, zero) for name in names}
        return Samples(samples.points, {**samples.columns, **columns})

    return _placed_by(chart, place)


def _placed_by(chart: Chart, place: Callable[[NDArray[np.float64]], Samples]) -> Chart:
    """The chart with other names or columns, and the share that the chart has or will have estimated."""
    return replace(chart, place=place, factors=(chart,))


def _both(first: Keep | None, second: Keep | None) -> Keep | None:
    if first is None or second is None:
        return first or second
    return lambda points: first(points) & second(points)
