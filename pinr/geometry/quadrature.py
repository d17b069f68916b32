"""Integrals over regions."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from pinr.errors import GeometryError
from pinr.geometry.chart import ESTIMATION_POINTS, Chart
from pinr.geometry.region import AbstractRegion, operand
from pinr.geometry.samples import Points, Samples, Values
from pinr.geometry.sampling.low_discrepancy import Sobol
from pinr.geometry.sampling.sampler import Seed

POINTS_PER_NODE = 4  # quasi-random points per Gauss node, where there is no rule
FEWEST_POINTS = 1024


class Integral(NamedTuple):
    """An integral and the difference to a coarser rule, which bounds its error where the rules converge.

    Numbers; of vectors, or at several values of further coordinates, arrays of one shape.
    """

    value: Any
    error: Any


def quadrature(region: AbstractRegion, order: int, *, seed: Seed = 0) -> Samples:
    """Points of a region with the column `weight`, `∫ f ≈ Σ w_i f(x_i)`.

    Boxes, balls, polygons, their products, boundaries and motions have Gauss rules: with `order` nodes along each
    axis (twice as many around circles), exact for polynomials of degree `2·order − 1`. Regions that are cut have
    about `4·order^d` quasi-random points of equal weight, and at least 1024 before the cut: good to two or three
    digits.

    Args:
        region: Of any dimension; the points of a boundary carry its normal as well.
        order: Number of nodes along each axis.
        seed: Of the quasi-random points.

    Raises:
        GeometryError: The order is not a positive integer.
    """
    if not isinstance(order, int) or isinstance(order, bool) or order < 1:
        message = f"`{operand(region)}.quadrature({order!r})`: the order must be a positive integer."
        raise GeometryError(message)
    region.require_closed(f".quadrature({order!r})")
    seeds = tuple(seed) if isinstance(seed, Sequence) else (seed,)
    return Samples.concatenate([_on_chart(chart, order, (*seeds, k)) for k, chart in enumerate(region.charts)])


def integral_of(function: Callable[[Points], Values], region: AbstractRegion, order: int = 16) -> Integral:
    """The integral of a function of the points, with an error estimated from two resolutions.

    The second has two thirds of the nodes along each axis, and other quasi-random points.
    """
    fine, coarse = (
        _sum(function, quadrature(region, n, seed=seed)) for seed, n in enumerate((order, max(1, 2 * order // 3)))
    )
    return Integral(fine, abs(fine - coarse))


def _sum(function: Callable[[Points], Values], samples: Samples) -> float:
    return float(np.sum(samples.columns["weight"] * function(samples.points)))


def _on_chart(chart: Chart, order: int, seed: tuple[int, ...]) -> Samples:
    if chart.rule is not None and chart.keep is None:
        nodes, shares = chart.rule(order)
        return _weighted(chart.place(nodes), chart.measure * shares)
    samples, count = None, max(FEWEST_POINTS, min(POINTS_PER_NODE * order**chart.dimension, ESTIMATION_POINTS))
    while samples is None or samples.count == 0:  # a chart has a share of its cube: enough points meet it
        drawn = chart.place(Sobol().draw(chart.dimension, count if chart.dimension else 1, seed))
        samples = drawn if chart.keep is None else drawn.restrict(chart.keep(drawn.points))
        count *= 4
    return _weighted(samples, np.full(samples.count, chart.measure / samples.count))


def _weighted(samples: Samples, weights: Values) -> Samples:
    return Samples(samples.points, {**samples.columns, "weight": weights})
