"""What a network of fine fields is trained on: values at the nodes of crops, and equations between them."""

import math
from collections.abc import Sequence
from typing import final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from pinr.errors import DeclarationError
from pinr.superresolution.equation_rows import EquationRows, rows_of
from pinr.superresolution.equations import Equations
from pinr.superresolution.grid_axes import ends_of, grid_axes
from pinr.superresolution.grid_dataset import GridDataset
from pinr.superresolution.local_grid import LocalImplicitGrid
from pinr.superresolution.spline import Array, Axis, on_lattice, with_walls

FRAMES = 5  # coarse values along time in a crop
STEP = 2  # nodes from one point of the equations to the next: they ask for smoothness, not for every node


@final
class CropLoss:
    """Losses on fresh crops.

    The mean absolute error of standardised fields at the nodes, and `γ` times that of the equations at points between
    them, each divided by the size of its largest term.

    Args:
        data: Where crops come from.
        equations: What fine fields obey; None takes values alone.
        network: The recipe of the network.
        gamma: Weight of the equations, beside which each has its own.
        batch: Crops of a loss.
        seed: Of weights.
        device: Where the network is.
        draws: Seed of crops; None is that of the weights.

    Attributes:
        network: With fresh weights.
    """

    def __init__(
        self,
        data: GridDataset,
        equations: Equations | None,
        network: LocalImplicitGrid,
        *,
        gamma: float,
        batch: int,
        seed: int = 0,
        device: str = "cpu",
        draws: int | tuple[int, int] | None = None,
    ) -> None:
        self.data, self.batch, self.gamma, self.device = data, batch, gamma, torch.device(device)
        self.axes = grid_axes(data, equations)
        self.network = network.build(self.axes, len(data.fields), seed).to(self.device)
        self.generator = np.random.default_rng(seed if draws is None else draws)
        self.mirrors = {} if equations is None else mirrors_of(data, equations)
        self.rows: EquationRows | None = None
        if equations is not None and gamma > 0:
            self.rows = EquationRows(equations, data.standardisation, data.fields, data.axes)
            self.ends = ends_of(self.axes, equations.walls, data.fields, data.standardisation)
            self.sizes = self._sizes()

    def __call__(
        self, precision: torch.dtype = torch.float32, *, with_equations: bool = True
    ) -> tuple[Tensor, dict[str, float]]:
        """The loss on fresh crops, and its parts.

        Args:
            precision: Of the convolutions.
            with_equations: Whether equations count yet.
        """
        crops = self.data.crops(self.batch, size={self.data.axes[0]: FRAMES}, generator=self.generator)
        coarse, fine = self._mirrored(torch.from_numpy(crops.coarse), torch.from_numpy(crops.fine))
        coarse, fine = coarse.to(self.device), fine.to(self.device)
        cells = self.network.cells(coarse, precision)
        total = self._misfit(cells, fine)
        parts = {"data": float(total.detach())}
        if self.rows is None or not with_equations:
            return total, parts
        one = int(self.generator.integers(self.batch))  # of the crops: its many points tell what those of all would
        values = self.network.in_place(cells[one : one + 1])
        axes = [axis.spline_axis(n) for axis, n in zip(self.axes, coarse.shape[2:], strict=True)]
        for name, residual in self._residuals(values, axes, self._places(axes)).items():
            part = (residual / self.sizes[name]).abs().mean()
            parts[name] = float(part.detach())
            total = total + self.gamma * self.rows.equations.weights[name] * part
        return total, parts

    def _misfit(self, cells: Tensor, fine: Tensor) -> Tensor:
        """The mean absolute error in whole cells; of the last frame only its nodes are known, and it is left out."""
        first = self.axes[0]
        whole = cells.shape[1] - (not first.is_averaged and first.factor > 1)
        wanted = self.network.in_cells(fine.narrow(2, 0, whole * first.factor))
        return functional.l1_loss(cells.narrow(1, 0, whole), wanted)

    def _mirrored(self, coarse: Tensor, fine: Tensor) -> tuple[Tensor, Tensor]:
        """Half of the crops as their mirror images along every axis of which the equations allow it."""
        for axis, odd in self.mirrors.items():
            place = 1 + self.data.axes.index(axis)  # in one crop
            signs, shifts = reflection(self.data, odd, len(self.axes))
            for which in np.flatnonzero(self.generator.random(len(coarse)) < 0.5):
                for values in (coarse, fine):
                    values[which] = signs * values[which].flip(place) + shifts
        return coarse, fine

    def _residuals(self, values: Tensor, axes: Sequence[Axis], places: Sequence[Array]) -> dict[str, Tensor]:
        assert self.rows is not None
        derivatives = on_lattice(with_walls(values, axes, self.ends), axes, places, self.rows.indices)
        return self.rows.residuals(rows_of(derivatives))

    def _places(self, axes: Sequence[Axis]) -> list[Array]:
        """Points at random between the nodes."""
        starts = [float(self.generator.uniform(0, STEP)) for _ in axes]
        return [
            np.arange(start, axis.count if axis.is_periodic else axis.count - 1, STEP, dtype=np.float64)
            for start, axis in zip(starts, axes, strict=True)
        ]

    def _sizes(self) -> dict[str, float]:
        """Of the terms of the equations, on the fine fields themselves."""
        assert self.rows is not None
        crops = self.data.crops(4, size={self.data.axes[0]: FRAMES}, generator=np.random.default_rng(0))
        fine = torch.from_numpy(crops.fine).double()
        axes = [axis.spline_axis(n) for axis, n in zip(self.axes, crops.coarse.shape[2:], strict=True)]
        places = [np.arange(axis.count - 1, dtype=np.float64) + 0.5 for axis in axes]
        known = with_walls(fine, axes, self.ends)
        sizes = self.rows.sizes(rows_of(on_lattice(known, axes, places, self.rows.indices)))
        for name, size in sizes.items():
            if not (size > 0 and math.isfinite(size)):
                message = (
                    f"The equation `{name}` has terms of the size {size:g} in the data. Leave it out, or mend the data."
                )
                raise DeclarationError(message)
        return sizes


def mirrors_of(data: GridDataset, equations: Equations) -> dict[str, tuple[str, ...]]:
    """Along which axes mirror images of the data are solutions on the same grid, and what changes its sign."""
    return {
        axis: odd
        for axis, odd in equations.mirrors.items()
        if axis in data.periods or (axis in equations.walls and equations.walls[axis].is_in_the_middle(data, axis))
    }


def reflection(data: GridDataset, odd: Sequence[str], axes: int) -> tuple[Tensor, Tensor]:
    """What standardised fields are multiplied with, and what is added, so that odd fields change their sign."""
    mean, scale = data.standardisation.mean, data.standardisation.scale
    shape = (-1, *(1,) * axes)
    signs = torch.tensor([-1.0 if name in odd else 1.0 for name in data.fields])
    shifts = (signs - 1) * torch.tensor([mean[name] / scale[name] for name in data.fields])
    return signs.reshape(shape), shifts.reshape(shape)
