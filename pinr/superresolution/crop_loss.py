"""The loss of networks that give the values at the nodes: at all of them, and equations on their splines."""

from collections.abc import Sequence
from typing import final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from typing_extensions import override

from pinr.derivatives.request import MultiIndex
from pinr.superresolution.abstract_crop_loss import AbstractCropLoss
from pinr.superresolution.equation_rows import rows_of
from pinr.superresolution.local_grid import GridNetwork
from pinr.superresolution.spline import Array, Axis, on_lattice, with_walls

STEP = 2  # nodes from one point of the equations to the next: they ask for smoothness, not for every node


@final
class CropLoss(AbstractCropLoss):
    """Of a `LocalImplicitGrid`: values at all nodes, and equations on a lattice of points in one of the crops."""

    network: GridNetwork

    @override
    def encoded(self, coarse: Tensor, precision: torch.dtype) -> Tensor:
        return self.network.cells(coarse, precision)

    @override
    def misfit(self, encoded: Tensor, fine: Tensor) -> Tensor:
        """In whole cells: of the last frame only its nodes are known, and it is left out."""
        first = self.axes[0]
        whole = encoded.shape[1] - (not first.is_averaged and first.factor > 1)
        wanted = self.network.in_cells(fine.narrow(2, 0, whole * first.factor))
        return functional.l1_loss(encoded.narrow(1, 0, whole), wanted)

    @override
    def derivatives(
        self, encoded: Tensor, counts: tuple[int, ...], indices: Sequence[MultiIndex]
    ) -> dict[MultiIndex, Tensor]:
        one = int(self.generator.integers(self.batch))  # of the crops: its many points tell what those of all would
        values = self.network.in_place(encoded[one : one + 1])
        axes = [axis.spline_axis(n) for axis, n in zip(self.axes, counts, strict=True)]
        return rows_of(on_lattice(with_walls(values, axes, self.ends), axes, self._places(axes), indices))

    def _places(self, axes: Sequence[Axis]) -> list[Array]:
        """Points at random between the nodes."""
        starts = [float(self.generator.uniform(0, STEP)) for _ in axes]
        return [
            np.arange(start, axis.count if axis.is_periodic else axis.count - 1, STEP, dtype=np.float64)
            for start, axis in zip(starts, axes, strict=True)
        ]
