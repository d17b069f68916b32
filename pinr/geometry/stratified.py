"""Samples of a region from its charts: each its share of the points, and a sequence of its own."""

import math
from collections.abc import Sequence

from pinr.geometry.apportionment import apportioned
from pinr.geometry.chart import ESTIMATION_POINTS, Chart
from pinr.geometry.samples import Samples
from pinr.geometry.sampling.sampler import AbstractSampler

LARGEST_DRAW = 2**20  # candidates at a time: 24 MB per round in three dimensions
MOST_ROUNDS = 64
MARGIN = 1.1  # candidates beyond the expected need, so that one round, one sequence, nearly always is enough


def sample_charts(charts: Sequence[Chart], count: int, sampler: AbstractSampler, seed: Sequence[int]) -> Samples:
    """About `count` points, uniform by measure over all charts; fewer where rejection leaves too few."""
    counts = apportioned(count, [chart.measure for chart in charts])
    parts = [
        _sample_chart(chart, share, sampler, (*seed, index))
        for index, (chart, share) in enumerate(zip(charts, counts, strict=True))
        if share > 0
    ]
    return Samples.concatenate(parts)


def _sample_chart(chart: Chart, count: int, sampler: AbstractSampler, seed: tuple[int, ...]) -> Samples:
    if chart.keep is None:
        return chart.place(sampler.draw(chart.dimension, count, seed))
    if not sampler.gives_exact_count:
        return _kept(chart, _candidates(chart, count, margin=1.0), sampler, seed)
    parts: list[Samples] = []
    missing = count
    for attempt in range(MOST_ROUNDS):
        parts.append(_kept(chart, _candidates(chart, missing, MARGIN), sampler, (*seed, attempt)))
        missing -= parts[-1].count
        if missing <= 0:
            break
    return Samples.concatenate(parts).head(count)


def _candidates(chart: Chart, count: int, margin: float) -> int:
    share = max(chart.share, 1 / ESTIMATION_POINTS)
    return min(LARGEST_DRAW, math.ceil(margin * count / share))


def _kept(chart: Chart, candidates: int, sampler: AbstractSampler, seed: tuple[int, ...]) -> Samples:
    samples = chart.place(sampler.draw(chart.dimension, candidates, seed))
    return samples if chart.keep is None else samples.restrict(chart.keep(samples.points))
