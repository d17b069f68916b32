"""What networks of fine fields are trained on: values of crops, and equations between them."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from pinr.derivatives.request import MultiIndex
from pinr.errors import DeclarationError
from pinr.superresolution.equation_rows import EquationRows, rows_of
from pinr.superresolution.equations import Equations
from pinr.superresolution.grid_axes import ends_of, grid_axes
from pinr.superresolution.grid_dataset import GridDataset
from pinr.superresolution.mirrors import mirrors_of, reflection
from pinr.superresolution.recipes import Network, Recipe
from pinr.superresolution.spline import on_lattice, with_walls

FRAMES = 5  # coarse values along time in a crop


class AbstractCropLoss(ABC):
    """Losses on fresh crops: what those of all networks have in common.

    The mean absolute error of standardised fields at nodes, and `γ` times that of the equations at points between
    them, each divided by the size of its largest term. At which nodes and points, the kinds of networks say.

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

    network: Network

    def __init__(
        self,
        data: GridDataset,
        equations: Equations | None,
        network: Recipe,
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
            self.sizes = self._sizes(self.rows)

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
        encoded = self.encoded(coarse, precision)
        total = self.misfit(encoded, fine)
        parts = {"data": float(total.detach())}
        if self.rows is None or not with_equations:
            return total, parts
        derivatives = self.derivatives(encoded, tuple(coarse.shape[2:]), self.rows.indices)
        for name, residual in self.rows.residuals(derivatives).items():
            part = (residual / self.sizes[name]).abs().mean()
            parts[name] = float(part.detach())
            total = total + self.gamma * self.rows.equations.weights[name] * part
        return total, parts

    @abstractmethod
    def encoded(self, coarse: Tensor, precision: torch.dtype) -> Tensor:
        """What the network makes of coarse values, `(batch, fields, *counts)`, once for the two others."""

    @abstractmethod
    def misfit(self, encoded: Tensor, fine: Tensor) -> Tensor:
        """The mean absolute error against fine values, `(batch, fields, *nodes)`."""

    @abstractmethod
    def derivatives(
        self, encoded: Tensor, counts: tuple[int, ...], indices: Sequence[MultiIndex]
    ) -> dict[MultiIndex, Tensor]:
        """Derivatives of the standardised fields at random points, `(N, fields)` by multi-index.

        Args:
            encoded: By the network.
            counts: Of the coarse values.
            indices: Which are wanted.
        """

    def _mirrored(self, coarse: Tensor, fine: Tensor) -> tuple[Tensor, Tensor]:
        """Half of the crops as their mirror images along every axis of which the equations allow it."""
        for axis, odd in self.mirrors.items():
            place = 1 + self.data.axes.index(axis)  # in one crop
            signs, shifts = reflection(self.data, odd, len(self.axes))
            for which in np.flatnonzero(self.generator.random(len(coarse)) < 0.5):
                for values in (coarse, fine):
                    values[which] = signs * values[which].flip(place) + shifts
        return coarse, fine

    def _sizes(self, rows: EquationRows) -> dict[str, float]:
        """Of the terms of the equations, on the fine fields themselves."""
        crops = self.data.crops(4, size={self.data.axes[0]: FRAMES}, generator=np.random.default_rng(0))
        fine = torch.from_numpy(crops.fine).double()
        axes = [axis.spline_axis(n) for axis, n in zip(self.axes, crops.coarse.shape[2:], strict=True)]
        places = [np.arange(axis.count - 1, dtype=np.float64) + 0.5 for axis in axes]
        known = with_walls(fine, axes, self.ends)
        sizes = rows.sizes(rows_of(on_lattice(known, axes, places, rows.indices)))
        for name, size in sizes.items():
            if not (size > 0 and math.isfinite(size)):
                message = (
                    f"The equation `{name}` has terms of the size {size:g} in the data. Leave it out, or mend the data."
                )
                raise DeclarationError(message)
        return sizes
