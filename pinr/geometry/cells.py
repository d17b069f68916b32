"""Cells of a grid as one chart: what lies inside of a shape without a formula is sampled from them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pinr.geometry.bounds import Bounds
from pinr.geometry.chart import Chart, Keep
from pinr.geometry.samples import Samples


class Cells(NamedTuple):
    """Equal boxes, by their lower corners `(C, d)` and their edges `(d,)`."""

    corners: NDArray[np.float64]
    edges: NDArray[np.float64]

    @property
    def centres(self) -> NDArray[np.float64]:
        """The middles `(C, d)`."""
        return self.corners + self.edges / 2

    @property
    def radius(self) -> float:
        """Half of the diagonal: no point of a cell is farther from its centre."""
        return float(np.linalg.norm(self.edges) / 2)

    def restrict(self, mask: NDArray[np.bool_]) -> "Cells":
        """The cells where the mask is true."""
        return Cells(self.corners[mask], self.edges)


def grid_cells(bounds: Bounds, count: int) -> Cells:
    """Nearly cubic cells that fill a box, `count` of them along its longest edge."""
    low, high = np.transpose(list(bounds.values()))
    counts = np.maximum(1, np.ceil(count * (high - low) / (high - low).max())).astype(int)
    edges = (high - low) / counts
    steps = np.meshgrid(*(np.arange(n) for n in counts), indexing="ij")
    return Cells(low + np.stack([step.ravel() for step in steps], axis=1) * edges, edges)


def cells_chart(cells: Cells, names: Sequence[str], keep: Keep | None = None) -> Chart:
    """The chart of some cells: the first axis of the unit cube chooses one, and goes on inside it.

    Args:
        cells: At least one.
        names: Of the coordinates.
        keep: Which points belong to the piece; None keeps all.
    """
    count = len(cells.corners)

    def place(unit: NDArray[np.float64]) -> Samples:
        along = unit[:, 0] * count
        chosen = np.minimum(along.astype(np.intp), count - 1)
        inner = np.column_stack([along - chosen, unit[:, 1:]])
        points = cells.corners[chosen] + inner * cells.edges
        return Samples({name: points[:, k] for k, name in enumerate(names)})

    return Chart(len(names), count * float(np.prod(cells.edges)), place, keep=keep)
