"""The faces of combined regions: those of the operands, as far as one leaves the combination there."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

import numpy as np

from pinr.geometry.bounds import Bounds, largest_extent, widened
from pinr.geometry.chart import ESTIMATION_POINTS, arranged, thinned
from pinr.geometry.face import Face
from pinr.geometry.region import AbstractRegion
from pinr.geometry.samples import Mask, Points

# Of the region's size: a hundred times the tolerance of membership, and far below any feature. Faces are cut where
# this step across them leads from inside to outside, which errs by as much at edges.
PROBE = 1e-7
SMALLEST_SHARE = 4 / ESTIMATION_POINTS  # of a face: below it what is left are its edges

Join = Callable[[Mask, Mask], Mask]


class Pair(Protocol):
    """Two regions that are combined."""

    @property
    def first(self) -> AbstractRegion: ...
    @property
    def second(self) -> AbstractRegion: ...
    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def periodic(self) -> tuple[str, ...]: ...


def trimmed_faces(pair: Pair, join: Join, space: frozenset[str]) -> tuple[Face, ...]:
    """The faces of `join(first, second)`: of the first operand, then of the second, without those that coincide.

    A point of a face stays where the region is inside on one side and outside on the other; the outward normal of a
    face of the second points inward to the first where that is subtracted.
    """
    return tuple(
        replace(face, charts=tuple(arranged(chart, pair.names) for chart in face.charts))
        for face in (*_of_first(pair, join, space), *_of_second(pair, join, space))
    )


def _of_first(pair: Pair, join: Join, space: frozenset[str]) -> Iterator[Face]:
    for face in pair.first.faces(space):
        step = PROBE * _size(pair)
        other = pair.second.covers(_reach(face, space, step))
        if other is not None:
            if _is_there(face) and _joined(join, True, other) != _joined(join, False, other):
                yield face
            continue

        def keep(points: Points, face: Face = face, step: float = step) -> Mask:
            below, above = _sides(pair, face, points, step)
            first, second = pair.first.encloses, pair.second.encloses
            return join(first(below), second(below)) & ~join(first(above), second(above))

        yield from _cut(face, keep)


def _of_second(pair: Pair, join: Join, space: frozenset[str]) -> Iterator[Face]:
    is_subtracted = _joined(join, True, False) and not _joined(join, True, True)
    for own in pair.second.faces(space):
        face = own.flipped() if is_subtracted else own
        step = PROBE * _size(pair)
        other = pair.first.covers(_reach(face, space, step))
        if other is not None:
            if _is_there(face) and _joined(join, other, True) != _joined(join, other, False):
                yield face
            continue

        def keep(points: Points, face: Face = face, step: float = step) -> Mask:
            below, above = _sides(pair, face, points, step)
            first_below, first_above = pair.first.encloses(below), pair.first.encloses(above)
            kept = join(first_below, pair.second.encloses(below)) & ~join(first_above, pair.second.encloses(above))
            return kept & (first_below == first_above)  # else it is a face of the first operand, which has it

        yield from _cut(face, keep)


def _reach(face: Face, space: frozenset[str], step: float) -> Bounds:
    """The box around a face and all that is a step from it along its normal."""
    return {**face.bounds, **widened({n: pair for n, pair in face.bounds.items() if n in space}, 2 * step)}


def _is_there(face: Face) -> bool:
    return any(chart.keep is None or chart.share > 0 for chart in face.charts)


def _cut(face: Face, keep: Callable[[Points], Mask]) -> Iterator[Face]:
    charts = tuple(chart for chart in (thinned(c, keep) for c in face.charts) if chart.share > SMALLEST_SHARE)

    def encloses(points: Points) -> Mask:
        found = face.encloses(points).copy()
        # The normal that `keep` follows need not exist elsewhere, as in the centre of a ball.
        found[found] = keep({name: values[found] for name, values in points.items()})
        return found

    if charts:
        yield replace(face, charts=charts, encloses=encloses)


def _sides(pair: Pair, face: Face, points: Points, step: float) -> tuple[Points, Points]:
    """The points a step inside and outside of a face; across the end of a periodic coordinate, at its beginning."""
    normal = face.normal(points)
    return tuple(  # type: ignore[return-value]
        {
            name: _wrapped(pair, name, values + signed * normal[name]) if name in normal else values
            for name, values in points.items()
        }
        for signed in (-step, step)
    )


def _wrapped(pair: Pair, name: str, values: np.ndarray) -> np.ndarray:
    if name not in pair.periodic:
        return values
    low, high = next(r.bounds[name] for r in (pair.first, pair.second) if name in r.periodic)
    return low + np.mod(values - low, high - low)


def _size(pair: Pair) -> float:
    """The larger extent of the smaller operand: of the two, the one whose features are finer."""
    return min(largest_extent(pair.first.bounds), largest_extent(pair.second.bounds))


def _joined(join: Join, first: bool, second: bool) -> bool:
    return bool(join(np.array(first), np.array(second)))
