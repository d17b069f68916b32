"""A network from coarse values to a function that is known at every point: latent grid and local decoder."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import torch
from torch import Tensor, nn
from torch.nn import functional

from pinr.errors import DeclarationError
from pinr.networks.recipe import check_sizes
from pinr.superresolution.spline import Axis, padded


@final
@dataclass(frozen=True)
class GridAxis:
    """One axis of coarse values and of the nodes between them.

    Attributes:
        name: That of the coordinate.
        factor: Nodes for each coarse value.
        spacing: Of the nodes.
        is_averaged: Whether a coarse value is the mean of its nodes, and not the first of them.
        is_periodic: Whether the axis closes.
        is_invariant: Whether the solution does not know where on the axis it is: time and periodic axes.
        coarse: How many coarse values there are in all, or 0 of time, of which there may be any number.
    """

    name: str
    factor: int
    spacing: float
    is_averaged: bool
    is_periodic: bool
    is_invariant: bool
    coarse: int = 0

    def nodes(self, coarse: int) -> int:
        """How many nodes so many coarse values stand for."""
        return coarse * self.factor if self.is_averaged else (coarse - 1) * self.factor + 1

    def spline_axis(self, coarse: int) -> Axis:
        """The nodes of so many coarse values."""
        return Axis(self.nodes(coarse), self.spacing, self.is_periodic)


@final
@dataclass(frozen=True)
class LocalImplicitGrid:
    """An encoder of convolutions on the coarse grid, and cubic B-splines between its nodes as decoder.

    The encoder gives every coarse value the coefficients of the nodes that it stands for; what is evaluated is the
    spline through all of them: twice continuously differentiable in space and time, across cells as within them, and
    its derivatives cost four multiplications an axis instead of passes through a network. With more than one level the
    encoder is a U-Net, whose lower levels see further.

    Attributes:
        width: Channels.
        depth: Residual convolutions on every level.
        levels: 1 is the coarse grid alone; each more has half of the values along every axis of space.

    Reference: Jiang et al., MeshfreeFlowNet, SC 2020 (there the decoder is a network, whose values are blended
    trilinearly between cells, so that second derivatives jump).
    """

    width: int = 48
    depth: int = 6
    levels: int = 1

    def __post_init__(self) -> None:
        check_sizes(self)

    def build(self, axes: Sequence[GridAxis], fields: int, seed: int = 0) -> "GridNetwork":
        """The module with fresh weights."""
        if len(axes) not in CONVOLUTIONS:
            message = f"`{self}`: fields have 1 to 3 axes, time included, and these have {len(axes)}."
            raise DeclarationError(message)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return GridNetwork(self, tuple(axes), fields)


CONVOLUTIONS: dict[int, Any] = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
REACH = 1  # of one convolution


@final
class GridNetwork(nn.Module):
    """The module of a `LocalImplicitGrid`."""

    def __init__(self, recipe: LocalImplicitGrid, axes: tuple[GridAxis, ...], fields: int) -> None:
        super().__init__()
        self.recipe, self.axes, self.fields = recipe, axes, fields
        convolution, width = CONVOLUTIONS[len(axes)], recipe.width
        self.places = tuple(k for k, axis in enumerate(axes) if not axis.is_invariant)
        self.first = convolution(fields + len(self.places), width, 2 * REACH + 1)
        self.levels = nn.ModuleList(
            nn.ModuleList(convolution(width, width, 2 * REACH + 1) for _ in range(recipe.depth))
            for _ in range(2 * recipe.levels - 1)
        )
        outputs = fields
        for axis in axes:
            outputs *= axis.factor
        self.last = convolution(width, outputs, 1)

    def forward(self, coarse: Tensor, heights: Sequence[Tensor] = ()) -> Tensor:
        """Coefficients of splines, `(batch, fields, *nodes)` and two more at each end, see `padded`.

        Args:
            coarse: Standardised values, `(batch, fields, *counts)`.
            heights: For each axis that is not invariant the places of its coarse values from −1 to 1, `(count,)`; the
                whole axis where there are none.
        """
        counts = coarse.shape[2:]
        places = heights or [_middles(counts[k]) for k in self.places]
        channels = [coarse]
        for k, own in zip(self.places, places, strict=True):
            shape = [1] * coarse.dim()
            shape[2 + k] = counts[k]
            channels.append(own.to(coarse).reshape(shape).expand(len(coarse), 1, *counts))
        hidden = self._levels(self.first(self._around(torch.cat(channels, dim=1))))
        fine = self._in_place(self.last(hidden))
        for k, axis in enumerate(self.axes):
            coarse = coarse.repeat_interleave(axis.factor, dim=2 + k)
            fine, coarse = (part.narrow(2 + k, 0, axis.nodes(counts[k])) for part in (fine, coarse))
        return padded(coarse + fine, [axis.spline_axis(n) for axis, n in zip(self.axes, counts, strict=True)])

    def _levels(self, hidden: Tensor) -> Tensor:
        """Down with halved grids, and up again with what was there before added."""
        own, kept = list(self.levels), []
        for level in range(self.recipe.levels - 1):
            hidden = self._residual(own[level], hidden)
            kept.append(hidden)
            hidden = functional.avg_pool3d(hidden, self._halves) if hidden.dim() == 5 else self._pooled(hidden)
        hidden = self._residual(own[self.recipe.levels - 1], hidden)
        for level in range(self.recipe.levels, len(own)):
            before = kept.pop()
            hidden = functional.interpolate(hidden, size=before.shape[2:], mode="nearest") + before
            hidden = self._residual(own[level], hidden)
        return hidden

    @property
    def _halves(self) -> tuple[int, ...]:
        return tuple(2 if axis.coarse else 1 for axis in self.axes)

    def _pooled(self, hidden: Tensor) -> Tensor:
        pool = {3: functional.avg_pool1d, 4: functional.avg_pool2d}[hidden.dim()]
        return pool(hidden, self._halves)

    def _residual(self, layers: Any, hidden: Tensor) -> Tensor:
        for layer in layers:
            hidden = hidden + functional.gelu(layer(self._around(functional.gelu(hidden))))
        return hidden

    def _around(self, values: Tensor) -> Tensor:
        """One more value at each end of every axis: the other end's, or the last one again."""
        for mode, is_periodic in (("circular", True), ("replicate", False)):
            sides = [REACH * (axis.is_periodic == is_periodic) for axis in reversed(self.axes) for _ in "-+"]
            if any(sides):
                values = functional.pad(values, sides, mode=mode)
        return values

    def _in_place(self, values: Tensor) -> Tensor:
        """Channels of a coarse value as those of its nodes: `(batch, fields · factors, *counts)` to nodes."""
        factors = [axis.factor for axis in self.axes]
        batch, _, *counts = values.shape
        split = values.reshape(batch, self.fields, *factors, *counts)
        n = len(factors)
        order = [0, 1, *(place for k in range(n) for place in (2 + n + k, 2 + k))]
        return split.permute(order).reshape(batch, self.fields, *(c * f for c, f in zip(counts, factors, strict=True)))


def _middles(count: int) -> Tensor:
    return (torch.arange(count, dtype=torch.float64) + 0.5) * 2 / count - 1
