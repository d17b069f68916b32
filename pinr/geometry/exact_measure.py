"""Measures of combined regions in closed form, where every overlap has one."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pinr.geometry.ball import Ball
from pinr.geometry.bounds import Bounds, are_apart
from pinr.geometry.box import Box
from pinr.geometry.half_space import HalfSpace
from pinr.geometry.product import Product
from pinr.geometry.region import AbstractRegion
from pinr.geometry.sphere import ball_volume, cap_fraction

if TYPE_CHECKING:
    from pinr.geometry.combination import Combination

Overlap = frozenset[AbstractRegion]
LARGEST_EXPANSION = 256  # overlaps: beyond it the estimate is faster


def exact_measure(region: "Combination") -> float | None:
    """The measure by inclusion and exclusion, or None where an overlap has no closed form.

    The indicator of a combination is a polynomial in those of its operands, `1_{A|B} = 1_A + 1_B − 1_A 1_B` and
    `1_{A−B} = 1_A − 1_A 1_B`; a product of indicators is that of an overlap.
    """
    terms = _indicator(region)
    if terms is None:
        return None
    total = 0.0
    for overlap, factor in terms.items():
        measure = _common_measure(overlap)
        if measure is None:
            return None
        total += factor * measure
    # What rounding leaves of a difference of equals is nothing.
    largest = max((_common_measure(overlap) or 0.0 for overlap in terms), default=0.0)
    return total if total > 1e-12 * largest else 0.0


def _indicator(region: AbstractRegion) -> dict[Overlap, int] | None:
    from pinr.geometry.combination import Combination

    if not isinstance(region, Combination):
        return {frozenset((region,)): 1}
    first, second = _indicator(region.bounded.first), _indicator(region.bounded.second)
    if first is None or second is None or len(first) * len(second) > LARGEST_EXPANSION**2:
        return None
    both: dict[Overlap, int] = {}
    for one, factor in first.items():
        for other, other_factor in second.items():
            overlap = one | other
            if not _is_empty(overlap):
                both[overlap] = both.get(overlap, 0) + factor * other_factor
    weights = {"|": (1, 1, -1), "&": (0, 0, 1), "-": (1, 0, -1)}[region.operator]
    total: dict[Overlap, int] = {}
    for terms, weight in zip((first, second, both), weights, strict=True):
        for overlap, factor in terms.items():
            total[overlap] = total.get(overlap, 0) + weight * factor
    found = {overlap: factor for overlap, factor in total.items() if factor}
    return found if len(found) <= LARGEST_EXPANSION else None


def _is_empty(overlap: Overlap) -> bool:
    pairs = ((a, b) for a in overlap for b in overlap if a is not b)
    return any(are_apart(a.bounds, b.bounds) or a.covers(_in_names_of(a, b)) is False for a, b in pairs)


def _in_names_of(region: AbstractRegion, other: AbstractRegion) -> Bounds:
    """The box around another region, in the coordinates of this one; infinite along those that it does not have."""
    return {name: other.bounds.get(name, (-math.inf, math.inf)) for name in region.names}


def _common_measure(overlap: Overlap) -> float | None:
    """The measure of the intersection of some regions; a product over groups of coordinates that are independent."""
    if len(overlap) == 1:
        (alone,) = overlap
        return _own_measure(alone)
    factors = [factor for region in overlap for factor in _factors(region)]
    measures = [_group_measure(group) for group in _groups(factors)]
    return None if None in measures else math.prod(m for m in measures if m is not None)


def _own_measure(region: AbstractRegion) -> float | None:
    """The measure of one region, unless it is an estimate."""
    return region.measure if not region.extends and all(chart.is_exact for chart in region.charts) else None


def _factors(region: AbstractRegion) -> list[AbstractRegion]:
    if isinstance(region, Product):
        return [part for factor in region.factors for part in _factors(factor)]
    if isinstance(region, Box):
        return [region.along(name) for name in region.names]
    return [region]


def _groups(factors: Iterable[AbstractRegion]) -> list[list[AbstractRegion]]:
    """Factors that share coordinates, directly or through others, together."""
    groups: list[list[AbstractRegion]] = []
    for factor in factors:
        near = [g for g in groups if any(not set(factor.names).isdisjoint(other.names) for other in g)]
        groups = [g for g in groups if g not in near] + [[factor, *(r for g in near for r in g)]]
    return groups


def _group_measure(group: list[AbstractRegion]) -> float | None:
    """The measure of an intersection where at most one region, or two balls, or a ball and a half-space, matter."""
    box: dict[str, tuple[float, float]] = {}
    others: list[AbstractRegion] = []
    for region in group:
        if isinstance(region, Box):
            ((name, (low, high)),) = region.bounds.items()
            before = box.get(name, (-math.inf, math.inf))
            box[name] = (max(low, before[0]), min(high, before[1]))
        else:
            others.append(region)
    if any(low >= high for low, high in box.values()):
        return 0.0
    names = {name for region in group for name in region.names}
    if set(box) == names:
        whole = {name: box[name] for name in names}
        if any(region.covers(whole) is False for region in others):
            return 0.0
        others = [region for region in others if region.covers(whole) is not True]
        if not others:
            return math.prod(high - low for low, high in whole.values())
    if any(are_apart(box, region.bounds) for region in others):
        return 0.0
    around = _smallest(others)
    is_wide = all(n in around and low <= around[n][0] and around[n][1] <= high for n, (low, high) in box.items())
    return _curved_measure(others) if is_wide else None


def _smallest(regions: list[AbstractRegion]) -> Bounds:
    """The box around an intersection."""
    found: dict[str, tuple[float, float]] = {}
    for region in regions:
        for name, (low, high) in region.bounds.items():
            before = found.get(name, (-math.inf, math.inf))
            found[name] = (max(low, before[0]), min(high, before[1]))
    return found


def _curved_measure(regions: list[AbstractRegion]) -> float | None:
    if len({frozenset(region.names) for region in regions}) > 1:
        return None
    needed = [r for r in regions if not any(o is not r and r.covers(o.bounds) is True for o in regions)]
    if len(needed) == 1:
        return _own_measure(needed[0])
    if len(needed) == 2:
        balls = [r for r in needed if isinstance(r, Ball)]
        planes = [r for r in needed if isinstance(r, HalfSpace)]
        if len(balls) == 2:
            return _lens(*balls)
        if len(balls) == 1 and len(planes) == 1:
            return _cap(balls[0], planes[0])
    return None


def _lens(first: Ball, second: Ball) -> float:
    """Two caps, cut by the plane through the common sphere of the surfaces."""
    centre = dict(second.center)
    apart = math.hypot(*(c.value - centre[n].value for n, c in first.center))
    r, s, d = first.radius.value, second.radius.value, len(first.center)
    if apart >= r + s:
        return 0.0
    if apart <= abs(r - s):
        return min(first.measure, second.measure)
    height = (apart**2 + r**2 - s**2) / (2 * apart)
    caps = cap_fraction(d, height / r) * r**d + cap_fraction(d, (apart - height) / s) * s**d
    return ball_volume(d) * caps


def _cap(ball: Ball, plane: HalfSpace) -> float:
    """The part of a ball below a plane."""
    length = math.hypot(*(a.value for _, a in plane.coefficients))
    centre = {name: c.value for name, c in ball.center}
    depth = (plane.offset.value - sum(a.value * centre[n] for n, a in plane.coefficients)) / length
    share = 1 - cap_fraction(len(centre), max(-1.0, min(1.0, depth / ball.radius.value)))
    return share * ball.measure
