"""Charts over triangles and segments."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pinr.geometry.chart import Chart
from pinr.geometry.samples import Samples
from pinr.surfaces import Facets
from pinr.surfaces.facets import chains
from pinr.surfaces.lattice import Integers
from pinr.surfaces.morton import morton_order

Array = NDArray[np.float64]

CELLS = 1024  # along the longest extent of the facets that are put in order


def facet_charts(
    facets: Facets,
    chosen: NDArray[np.bool_],
    names: tuple[str, ...],
    onto: Callable[[Array, Array], Array] | None = None,
) -> tuple[Chart, ...]:
    """Points spread evenly over some facets: one chart of all triangles, or one for each connected curve.

    Args:
        facets: Triangles or segments.
        chosen: Which of them.
        names: The coordinates.
        onto: Moves points `(N, d)` of facets, each with a corner of its facet, to where they belong.
    """
    onto = onto or (lambda points, corner: points)
    if facets.dimension == 3:
        return (_triangles(facets, np.flatnonzero(chosen), names, onto),)
    charts = (_curve(facets, chain, names, onto) for chain in chains(facets, chosen))
    return tuple(chart for chart in charts if chart.extent > 0)


def _triangles(
    facets: Facets, numbers: Integers, names: tuple[str, ...], onto: Callable[[Array, Array], Array]
) -> Chart:
    """The first axis of the unit cube chooses among the triangles by their area, neighbours one after the other."""
    middle = facets.vertices[facets.corners[numbers]].mean(axis=1)
    extent = np.ptp(middle, axis=0).max() or 1.0
    numbers = numbers[morton_order(((middle - middle.min(axis=0)) / extent * CELLS).astype(np.int64))]
    corners = facets.vertices[facets.corners[numbers]]
    reached = np.cumsum(facets.measures[numbers])

    def place(unit: Array) -> Samples:
        which = np.searchsorted(reached, unit[:, 0] * reached[-1], side="right")
        a, b, c = np.moveaxis(corners[np.minimum(which, len(corners) - 1)], 1, 0)
        # The first is the share of the area that is nearer to `a`, the second the place across.
        away, across = np.sqrt(unit[:, 1:2]), unit[:, 2:3]
        found = onto(a + away * (b - a + across * (c - b)), a)
        return Samples({name: found[:, k] for k, name in enumerate(names)})

    return Chart(3, float(reached[-1]), place, choices=1)


def _curve(facets: Facets, numbers: Integers, names: tuple[str, ...], onto: Callable[[Array, Array], Array]) -> Chart:
    """By arc length, from the beginning of the first segment to the end of the last."""
    corners, lengths = facets.vertices[facets.corners[numbers]], facets.measures[numbers]
    reached = np.cumsum(lengths)

    def place(unit: Array) -> Samples:
        wanted = unit[:, 0] * reached[-1]
        which = np.minimum(np.searchsorted(reached, wanted, side="right"), len(corners) - 1)
        left = np.divide(reached[which] - wanted, lengths[which], out=np.zeros(len(unit)), where=lengths[which] > 0)
        p, q = np.moveaxis(corners[which], 1, 0)
        found = onto(q - np.clip(left, 0, 1)[:, None] * (q - p), p)
        return Samples({name: found[:, k] for k, name in enumerate(names)})

    return Chart(1, float(reached[-1]), place)
