"""A network from coarse values to those at the nodes between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, final

import torch
from torch import Tensor, nn
from torch.nn import functional

from pinr.errors import DeclarationError
from pinr.networks.recipe import check_sizes
from pinr.superresolution.spline import Axis


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
        walls: How many nodes before the first and after the last one there are walls with known values, if there are.
    """

    name: str
    factor: int
    spacing: float
    is_averaged: bool
    is_periodic: bool
    is_invariant: bool
    coarse: int = 0
    walls: tuple[float, float] | None = None

    def nodes(self, coarse: int) -> int:
        """How many nodes so many coarse values stand for."""
        return coarse * self.factor if self.is_averaged else (coarse - 1) * self.factor + 1

    def spline_axis(self, coarse: int) -> Axis:
        """The nodes of so many coarse values."""
        return Axis(self.nodes(coarse), self.spacing, self.is_periodic, self.walls)


@final
@dataclass(frozen=True)
class LocalImplicitGrid:
    """An encoder of convolutions on the coarse grid, and splines through the nodes as decoder.

    The encoder gives every coarse value the values at the nodes that it stands for; what is evaluated is the spline of
    the fifth degree through all of them and through what is known at walls: smooth across cells as within them, and
    its derivatives cost a small matrix for every axis instead of passes through a network.

    Attributes:
        width: Channels.
        depth: Residual convolutions.
        keeps_averages: Whether fine values have exactly the coarse ones as averages of their boxes: right for coarse
            values without errors, of which None takes those of data without noise.

    Reference: Jiang et al., MeshfreeFlowNet, SC 2020 (there the decoder is a network, whose values are blended
    trilinearly between cells, so that second derivatives jump).
    """

    width: int = 96
    depth: int = 6
    keeps_averages: bool | None = None

    def __post_init__(self) -> None:
        check_sizes(self)

    def build(self, axes: Sequence[GridAxis], fields: int, seed: int = 0) -> "GridNetwork":
        """The module with fresh weights."""
        if not 1 <= len(axes) <= MOST_AXES:
            message = f"`{self}`: fields have 1 to {MOST_AXES} axes, time included, and these have {len(axes)}."
            raise DeclarationError(message)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return GridNetwork(self, tuple(axes), fields)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """The recipe of a file."""
        return cls(**record)


MOST_AXES = 3
REACH = 1  # of one convolution


@final
class GridNetwork(nn.Module):
    """The module of a `LocalImplicitGrid`.

    Fields with fewer than three axes have others of length one, so that there is one kind of convolution.
    """

    def __init__(self, recipe: LocalImplicitGrid, axes: tuple[GridAxis, ...], fields: int) -> None:
        super().__init__()
        self.recipe, self.axes, self.fields = recipe, axes, fields
        self.places = tuple(k for k, axis in enumerate(axes) if not axis.is_invariant)
        kernel = tuple(2 * REACH + 1 for _ in axes)
        self.first = GridConvolution(fields + len(self.places), recipe.width, kernel, axes)
        self.residual = nn.ModuleList(
            GridConvolution(recipe.width, recipe.width, kernel, axes) for _ in range(recipe.depth)
        )
        outputs = fields
        for axis in axes:
            outputs *= axis.factor
        self.last = nn.Linear(recipe.width, outputs)

    @property
    def reach(self) -> int:
        """Coarse values along time that those at nodes depend on, in each direction."""
        return (1 + self.recipe.depth) * REACH

    def forward(self, coarse: Tensor, within: tuple[int, int] | None = None) -> Tensor:
        """Standardised values at the nodes, `(batch, fields, *nodes)`, from coarse ones, `(batch, fields, *counts)`.

        Args:
            coarse: Standardised values.
            within: From which coarse value along the first axis to before which nodes are wanted; None is all.
        """
        values = self.in_place(self.cells(coarse))
        if within is None:
            return values
        first, (begin, end) = self.axes[0], within
        return values.narrow(2, begin * first.factor, first.nodes(end - begin))

    def cells(self, coarse: Tensor, precision: torch.dtype = torch.float32) -> Tensor:
        """Values at the nodes of every cell, `(batch, *counts, fields, *factors)`.

        Args:
            coarse: Standardised values.
            precision: Of the convolutions; the rest is float32.
        """
        counts = coarse.shape[2:]
        channels = [coarse]
        for k in self.places:
            shape = [1] * coarse.dim()
            shape[2 + k] = counts[k]
            channels.append(_middles(counts[k]).to(coarse).reshape(shape).expand(len(coarse), 1, *counts))
        hidden = self.first(torch.cat(channels, dim=1), precision)
        for layer in self.residual:
            hidden = hidden + functional.gelu(layer(functional.gelu(hidden), precision))
        values = self.last(hidden.movedim(1, -1).float())
        values = values.reshape(*values.shape[:-1], self.fields, *(axis.factor for axis in self.axes))
        return values + self._shift(values, coarse)

    def _shift(self, values: Tensor, coarse: Tensor) -> Tensor:
        """What all nodes of a box have in common: the coarse value, and less what the average is without it."""
        n = len(self.axes)
        shift = coarse.movedim(1, -1)[(..., *(None,) * n)]
        if not self.recipe.keeps_averages:
            return shift
        averaged = [k - n for k, axis in enumerate(self.axes) if axis.is_averaged]
        for k, axis in enumerate(self.axes):
            if not axis.is_averaged:
                values = values.narrow(k - n, 0, 1)
        own = shift - (values.mean(dim=averaged, keepdim=True) if averaged else values)
        for k, axis in enumerate(self.axes):
            if not axis.is_averaged and axis.factor > 1:  # boxes of the frames between are not known
                own = torch.cat([own, shift.expand_as(own).repeat_interleave(axis.factor - 1, dim=k - n)], dim=k - n)
                shift = shift.expand_as(own.narrow(k - n, 0, 1))
        return own

    def in_place(self, cells: Tensor) -> Tensor:
        """Values of cells, `(batch, *counts, fields, *factors)`, as those of a grid, `(batch, fields, *nodes)`."""
        n = len(self.axes)
        batch, *counts = cells.shape[: n + 1]
        order = [0, n + 1, *(place for k in range(n) for place in (1 + k, 2 + n + k))]
        sizes = [c * axis.factor for c, axis in zip(counts, self.axes, strict=True)]
        values = cells.permute(order).reshape(batch, self.fields, *sizes)
        for k, (count, axis) in enumerate(zip(counts, self.axes, strict=True)):
            values = values.narrow(2 + k, 0, axis.nodes(count))
        return values

    def in_cells(self, values: Tensor) -> Tensor:
        """The other way, of nodes that fill their cells."""
        batch, fields, *sizes = values.shape
        n = len(self.axes)
        split = [
            part for size, axis in zip(sizes, self.axes, strict=True) for part in (size // axis.factor, axis.factor)
        ]
        order = [0, *(2 + 2 * k for k in range(n)), 1, *(3 + 2 * k for k in range(n))]
        return values.reshape(batch, fields, *split).permute(order)


@final
class GridConvolution(nn.Module):
    """A convolution on a grid: around periodic axes, and with zeros beyond the ends of others.

    The weights are a matrix, `(outputs, inputs · kernel)`, as optimizers for matrices want them.
    """

    def __init__(self, inputs: int, outputs: int, kernel: tuple[int, ...], axes: tuple[GridAxis, ...]) -> None:
        super().__init__()
        missing = MOST_AXES - len(kernel)
        self.shape = (outputs, inputs, *kernel, *(1,) * missing)
        like = nn.Conv3d(inputs, outputs, self.shape[2:])  # type: ignore[arg-type]
        assert like.bias is not None
        self.weight = nn.Parameter(like.weight.detach().flatten(1).clone())
        self.bias = nn.Parameter(like.bias.detach().clone())
        self.around = tuple(2 + k for k, axis in enumerate(axes) if axis.is_periodic)
        self.padding = tuple(REACH * (not axis.is_periodic) for axis in axes) + (0,) * missing
        self.missing = missing

    def forward(self, values: Tensor, precision: torch.dtype = torch.float32) -> Tensor:
        """`(batch, outputs, *counts)` from `(batch, inputs, *counts)`."""
        values = values.to(precision)
        for number in self.around:
            count = values.shape[number]
            ends = values.narrow(number, count - REACH, REACH), values.narrow(number, 0, REACH)
            values = torch.cat([ends[0], values, ends[1]], dim=number)
        shape = values.shape
        values = values.reshape(*shape, *(1,) * self.missing).contiguous(memory_format=torch.channels_last_3d)
        weight = self.weight.reshape(self.shape).to(precision, memory_format=torch.channels_last_3d)
        found = functional.conv3d(values, weight, self.bias.to(precision), padding=self.padding)
        return found.reshape(found.shape[: found.dim() - self.missing]) if self.missing else found


def _middles(count: int) -> Tensor:
    return (torch.arange(count, dtype=torch.float64) + 0.5) * 2 / count - 1
