"""A batch in parts, so that a step over any number of points runs in bounded memory; integrals stay whole."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pinr.compiler.block import Block, PointSet
from pinr.compiler.companions import on_same_points
from pinr.compiler.cost import cost_of_block
from pinr.geometry.samples import Samples

if TYPE_CHECKING:
    from pinr.compiler.program import Batch, Program

MOST_MEMORY = 1 << 30  # bytes kept for the backward pass of one part

MOST_JACOBIAN = 1 << 28  # bytes of the Jacobian of one part

Part = dict[str, tuple[PointSet, float]]
"""By constraint, some of its points, and the fraction of them that these are."""


def parts_of(program: "Program", batch: "Batch", memory: int = MOST_MEMORY) -> list[Part]:
    """Parts of a batch whose losses, times the fractions, add up to those of the whole.

    Constraints whose rows are coupled, or with integrals, stay whole: their rows share evaluations.
    """
    parts: list[Part] = [{}]
    fittings = _fittings(program, batch, memory)
    cut: dict[tuple[int, int], Samples] = {}  # constraints on the same points have the same parts of them
    for name, points in batch.items():
        block, fitting = program.blocks[name], fittings[name]
        if points.count <= fitting or _stays_whole(block, points):
            parts[0][name] = (points, 1.0)
            continue
        count = -(-points.count // fitting)
        length = -(-points.count // count)
        for number in range(count):
            rows = slice(number * length, min((number + 1) * length, points.count))
            if number == len(parts):
                parts.append({})
            some = rows_of(points, rows)
            some = replace(some, samples=cut.setdefault((id(points.samples), rows.start), some.samples))
            parts[number][name] = (some, (rows.stop - rows.start) / points.count)
    return parts


def share_of(program: "Program", batch: "Batch", rank: int, count: int) -> "Batch":
    """What one of several workers works off: rows of each constraint, and every so many-th of those that stay whole.

    Each has about as many rows. The shares of all workers are the batch; where there are fewer rows than workers, some
    have none of that constraint.

    Args:
        program: The program of the batch.
        batch: The points of all constraints.
        rank: The number of the worker, from 0.
        count: How many there are.
    """
    share: dict[str, PointSet] = {}
    cut: dict[int, Samples] = {}  # constraints on the same points share them afterwards
    for number, (name, points) in enumerate(batch.items()):
        if _stays_whole(program.blocks[name], points):
            if number % count == rank:
                share[name] = points
            continue
        rows = slice(points.count * rank // count, points.count * (rank + 1) // count)
        if rows.stop > rows.start:
            some = rows_of(points, rows)
            share[name] = replace(some, samples=cut.setdefault(id(points.samples), some.samples))
    return share


def _stays_whole(block: Block, points: PointSet) -> bool:
    return block.rows == "coupled" or bool(block.integrals) or bool(points.integrals)


def _fittings(program: "Program", batch: "Batch", memory: int) -> dict[str, int]:
    """How many points of each constraint fit in its share of the memory: of companions equally many."""
    found: dict[str, int] = {}
    for names in on_same_points(batch):
        costs = (
            cost_of_block(program.blocks[n], program.networks, dtype=program.dtype, device=program.device)
            for n in names
        )
        largest = max(max(cost.memory, 1.0) for cost in costs)
        found |= dict.fromkeys(names, max(1, int(memory / len(batch) / largest)))
    return found


def row_parts(points: PointSet, block: Block, weights: int) -> Iterator[PointSet]:
    """Some rows after the other, so that their Jacobian fits in memory."""
    length = max(1, MOST_JACOBIAN // (8 * weights * block.size))
    if points.count <= length or block.integrals:
        yield points
        return
    for start in range(0, points.count, length):
        yield rows_of(points, slice(start, min(start + length, points.count)))


def rows_of(points: PointSet, rows: slice) -> PointSet:
    """Some rows of a set of points without integrals."""
    columns = tuple(column[rows] for column in points.columns)
    factors = None if points.factors is None else points.factors[rows]
    return replace(
        points, samples=points.samples.restrict(rows), columns=columns, like=points.like[rows], factors=factors
    )
