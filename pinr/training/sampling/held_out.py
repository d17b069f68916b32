"""The loss at points that are not trained on yet."""

from dataclasses import replace

from torch import Tensor

from pinr.compiler.block import PointSet
from pinr.compiler.chunks import rows_of
from pinr.compiler.program import Program
from pinr.training.layout import Layout
from pinr.training.objective import ProgramObjective
from pinr.training.sampling.draw import Draw


def fresh_losses(program: Program, layout: Layout, theta: Tensor, draw: Draw) -> dict[str, float]:
    """The mean loss over the fresh points of every constraint, unweighted, all points counting the same.

    Of a draw that is not trained on yet it is unbiased: its ratio to that of the draw before, at the same parameters,
    is 1 but for chance unless those points are over-fitted.
    """
    batch = {name: _first(program, name, draw.batch[name], count) for name, count in draw.fresh.items()}
    losses = ProgramObjective(program, layout, batch, {}).point_losses(theta)
    return {name: float(loss.mean()) for name, loss in losses.items()}


def _first(program: Program, name: str, points: PointSet, count: int) -> PointSet:
    points = replace(points, factors=None)
    if count == points.count:
        return points
    if not points.integrals:
        return rows_of(points, slice(count))
    block = program.blocks[name]
    return block.point_set(points.samples.head(count), dtype=program.dtype, device=program.device)
