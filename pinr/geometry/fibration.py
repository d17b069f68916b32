"""Charts of families: first where in the base, then where in the region over it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pinr.geometry.chart import Chart
from pinr.geometry.rules import Nodes, gauss
from pinr.geometry.samples import Mask, Points, Samples, Values
from pinr.geometry.warp import Warp

Fibre = Callable[[Points], Chart]
MOST_GAUSS_NODES = 4096
SAME = 1e-9  # relative difference of two Gauss rules, below which the finer is exact to rounding


def fibred_chart(base: Chart, fibre: Fibre) -> Chart:
    """The chart of `{(x, p): p in the base, x in the fibre over p}`, of constant Jacobian.

    Points of the base are drawn with the density of the fibre's measure `e(p)`, so that `∫ e(p) dp` is the extent.

    Args:
        base: A chart of the coordinates `p` that the fibres depend on.
        fibre: Points `p` → the chart of the fibres over them, whose extent and places are one per point.
    """
    typical = fibre(base.place(np.full((1, base.dimension), 0.5)).points)

    def extent(unit: NDArray[np.float64]) -> Values:
        found = np.broadcast_to(np.asarray(fibre(base.place(unit).points).extent, dtype=np.float64), len(unit))
        return np.where(found > 0, found, 0.0)  # where the base is cut away it may be anything, NaN too

    warp = Warp.of(extent, base.dimension)

    def place(unit: NDArray[np.float64]) -> Samples:
        below, above = unit[:, : base.dimension], unit[:, base.dimension :]
        ground = base.place(below if warp is None else warp.forward(below))
        found = fibre(ground.points).place(above)
        return Samples({**found.points, **ground.points}, {**ground.columns, **found.columns})

    def keep(points: Points) -> Mask:
        own, above = base.keep, fibre(points).keep
        everywhere = np.ones(len(next(iter(points.values()))), dtype=bool)
        return (everywhere if own is None else own(points)) & (everywhere if above is None else above(points))

    def rule(order: int) -> Nodes:
        assert base.rule is not None and typical.rule is not None
        below, shares = base.rule(order)
        above, parts = typical.rule(order)
        weights = shares * extent(below)
        positions = below if warp is None else warp.backward(below)
        nodes = np.hstack([np.repeat(positions, len(above), axis=0), np.tile(above, (len(below), 1))])
        return nodes, np.outer(weights / weights.sum(), parts).ravel()

    return Chart(
        dimension=base.dimension + typical.dimension,
        extent=base.extent * _mean(extent, warp, base),
        place=place,
        keep=None if base.keep is None and typical.keep is None else keep,
        rule=None if base.rule is None or typical.rule is None else rule,
    )


def _mean(extent: Callable[[NDArray[np.float64]], Values], warp: Warp | None, base: Chart) -> float:
    """The mean extent: by the rule of the base, where two orders agree, else that of the warp."""
    if warp is None:
        return float(extent(np.full((1, base.dimension), 0.5))[0])
    rule = base.rule or gauss(base.dimension)
    order = max(2, min(32, int(MOST_GAUSS_NODES ** (1 / base.dimension))))
    fine, coarse = (float(weights @ extent(nodes)) for nodes, weights in (rule(order), rule(2 * order // 3)))
    return fine if abs(fine - coarse) <= SAME * fine else warp.mean
