"""A network as decoder of a latent grid: at every point one function for each corner of its cell, blended."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import final, get_args

import torch
from torch import Tensor, nn

from pinr.derivatives.engines.jets import Jets
from pinr.derivatives.request import MultiIndex, Request, below
from pinr.errors import DeclarationError
from pinr.networks.activations import Activation, Elementwise, check_activation
from pinr.networks.recipe import uniform_
from pinr.superresolution.blending import Blend, blended
from pinr.superresolution.spline import Array, Axis

CHUNK = 4096  # points that are evaluated together where no gradient is wanted: memory stays small


@final
@dataclass(frozen=True)
class ImplicitDecoder:
    """Fields from a latent grid, `f(x) = Σ_c w_c(x) g(ξ_c(x), z_c)` over the corners c of the cell of x.

    g is a network, z_c the latent vector of a corner, `ξ_c = (x − x_c)/h` from −1 to 1 by axis, and w a partition of
    one. Derivatives are jets of g by ξ alone, blended by Leibniz' rule: latent vectors do not change within a cell.

    Attributes:
        widths: Units of the hidden layers, each of which sees the inputs of the network again.
        latent: Length of a latent vector.
        activation: One of the smooth ones.
        blend: `trilinear` as published: f is continuous, its first derivatives jump at the faces of cells. `smooth`:
            f has two continuous derivatives, as the residuals of second-order equations ask for.

    Reference: Jiang et al., MeshfreeFlowNet, SC 2020, sec. 4; layers of maxjiang93/space_time_pde at 5e355b0.
    """

    widths: tuple[int, ...] = (512, 256, 128, 64, 32)
    latent: int = 32
    activation: Activation = "softplus"
    blend: Blend = "smooth"

    def __post_init__(self) -> None:
        for name, sizes in (("widths", self.widths), ("latent", (self.latent,))):
            if not sizes or any(not isinstance(size, int) or size < 1 for size in sizes):
                message = f"`{self}`: the {name} must be whole numbers of at least 1."
                raise DeclarationError(message)
        check_activation(self)
        if self.blend not in get_args(Blend):
            message = f"`{self}`: the blend must be one of {', '.join(get_args(Blend))}."
            raise DeclarationError(message)

    def build(self, axes: int, fields: int, seed: int = 0) -> "Decoder":
        """The module with fresh weights, for so many axes and fields."""
        if axes < 1 or fields < 1:
            message = f"`{self}`: a decoder has at least one axis and one field, not {axes} and {fields}."
            raise DeclarationError(message)
        return Decoder(self, axes, fields, torch.Generator().manual_seed(seed))


@final
class Decoder(nn.Module):
    """The module of an `ImplicitDecoder`."""

    def __init__(self, recipe: ImplicitDecoder, axes: int, fields: int, generator: torch.Generator) -> None:
        super().__init__()
        self.recipe, self.axes, self.fields = recipe, axes, fields
        self.function = CornerFunction(recipe, axes, fields, generator)

    def at_points(
        self,
        latents: Tensor,
        axes: Sequence[Axis],
        places: Tensor,
        indices: Collection[MultiIndex],
        *,
        entries: Tensor | None = None,
    ) -> dict[MultiIndex, Tensor]:
        """Derivatives of the fields at any points, `(N, fields)` by multi-index, in units of the coordinates.

        Args:
            latents: `(batch, latent, *counts)`.
            axes: The nodes.
            places: The points in nodes, `(N, axes)`: from −1 to the number of nodes, anything along periodic axes.
            indices: Orders by axis, in the order of the axes.
            entries: Which entry of the batch each point is in, `(N,)`; None where there is one only.

        Raises:
            DeclarationError: Shapes do not fit, a multi-index is none, or a point lies outside.
        """
        self._check(latents, axes, indices)
        _check_places(places, axes, entries, len(latents))
        if entries is None:
            entries = torch.zeros(len(places), dtype=torch.long, device=places.device)
        wanted = [tuple(index) for index in indices]
        if torch.is_grad_enabled() or len(places) <= CHUNK:
            return self._at_points(latents, axes, places, wanted, entries)
        pieces = zip(places.split(CHUNK), entries.split(CHUNK), strict=True)
        parts = [self._at_points(latents, axes, own, wanted, within) for own, within in pieces]
        return {index: torch.cat([part[index] for part in parts]) for index in wanted}

    def on_lattice(
        self, latents: Tensor, axes: Sequence[Axis], places: Sequence[Array], indices: Collection[MultiIndex]
    ) -> dict[MultiIndex, Tensor]:
        """Derivatives of the fields at all combinations of places by axis, `(batch, fields, *places)` by multi-index.

        Args:
            latents: `(batch, latent, *counts)`.
            axes: The nodes.
            places: For each axis, in nodes.
            indices: Orders by axis.

        Raises:
            DeclarationError: As by `at_points`.
        """
        along = [torch.from_numpy(own).to(latents.device) for own in places]
        points = torch.stack([c.reshape(-1) for c in torch.meshgrid(*along, indexing="ij")], dim=1)
        batch, counts = len(latents), tuple(map(len, places))
        entries = torch.arange(batch, device=latents.device).repeat_interleave(len(points))
        found = self.at_points(latents, axes, points.repeat(batch, 1), indices, entries=entries)
        return {index: values.reshape(batch, *counts, self.fields).movedim(-1, 1) for index, values in found.items()}

    def _at_points(
        self,
        latents: Tensor,
        axes: Sequence[Axis],
        places: Tensor,
        indices: Collection[MultiIndex],
        entries: Tensor,
    ) -> dict[MultiIndex, Tensor]:
        corners, fractions = cells(places, axes)
        corners = corners + entries.long() * math.prod(axis.count for axis in axes)
        nodes = latents.movedim(1, -1).flatten(0, -2)  # all entries one after the other
        fractions = fractions.to(latents.dtype)  # places may have more digits than the network
        steps = torch.tensor(list(product((0, 1), repeat=len(axes))), dtype=latents.dtype, device=places.device)
        relative = fractions - steps[:, None]
        inputs = torch.cat([relative.flatten(0, 1), nodes[corners.reshape(-1)]], dim=1)
        needed = tuple(dict.fromkeys(part for index in indices for part in below(index)))
        constant = (0,) * self.recipe.latent
        request = Request(inputs.shape[1], tuple(part + constant for part in needed))
        channels = Jets().derivatives(self.function, inputs, request)
        parts = dict(zip(needed, channels.unflatten(1, corners.shape), strict=True))
        spacings = [axis.spacing for axis in axes]
        return {
            index: values * math.prod(h**-order for h, order in zip(spacings, index, strict=True))
            for index, values in blended(parts, fractions, indices, self.recipe.blend).items()
        }

    def _check(self, latents: Tensor, axes: Sequence[Axis], indices: Collection[MultiIndex]) -> None:
        wanted = (self.recipe.latent, *(axis.count for axis in axes))
        if len(axes) != self.axes or latents.dim() != self.axes + 2 or tuple(latents.shape[1:]) != wanted:
            message = (
                f"Latent grids of the shape {tuple(latents.shape)} do not fit. A decoder of {self.axes} axes takes "
                f"(batch, {', '.join(map(str, wanted))})."
            )
            raise DeclarationError(message)
        for number, axis in enumerate(axes):
            if axis.count < 2:
                message = f"Axis {number} of the latent grid has {axis.count} node: cells need at least 2."
                raise DeclarationError(message)
        for index in indices:
            if len(index) != self.axes or min(index) < 0:
                message = (
                    f"`{tuple(index)}` is no multi-index of {self.axes} axes. Give an order of 0 or more for each."
                )
                raise DeclarationError(message)


def cells(places: Tensor, axes: Sequence[Axis]) -> tuple[Tensor, Tensor]:
    """The numbers of the corners of the cells of points, `(2ᵈ, N)`, and the distances from the first, `(N, d)`.

    Nodes are numbered with the last axis fastest. Cells of periodic axes close; points beyond the ends of others are
    in the last cell there.
    """
    corners = torch.zeros((1, len(places)), dtype=torch.long, device=places.device)
    fractions = []
    for axis, place in zip(axes, places.unbind(1), strict=True):
        node = place.detach().floor()
        if not axis.is_periodic:
            node = node.clamp(0, axis.count - 2)
        fractions.append(place - node)
        ends = torch.stack([node, node + 1]).long() % axis.count
        corners = (corners[:, None] * axis.count + ends).flatten(0, 1)
    return corners, torch.stack(fractions, dim=1)


def _check_places(places: Tensor, axes: Sequence[Axis], entries: Tensor | None, batch: int) -> None:
    if places.dim() != 2 or places.shape[1] != len(axes):
        message = f"Places of the shape {tuple(places.shape)} do not fit {len(axes)} axes. Give (points, {len(axes)})."
        raise DeclarationError(message)
    for number, axis in enumerate(axes):
        own = places[:, number]
        low, high = (-math.inf, math.inf) if axis.is_periodic else (-1, axis.count)
        is_inside = torch.isfinite(own) & (own >= low) & (own <= high)
        if not is_inside.all():
            message = (
                f"The place {float(own[~is_inside][0]):g} along axis {number} is not on the grid, which reaches from "
                f"{low:g} to {high:g} in nodes."
            )
            raise DeclarationError(message)
    if entries is None:
        if batch != 1:
            message = f"There are {batch} latent grids: say which each point is in, `entries=…`."
            raise DeclarationError(message)
    elif entries.shape != places.shape[:1] or (len(entries) and not 0 <= entries.min() <= entries.max() < batch):
        message = f"`entries` is one number from 0 to {batch - 1} for each of {len(places)} points."
        raise DeclarationError(message)


@final
class CornerFunction(nn.Module):
    """The network g of `(ξ, z)`: every hidden layer sees its inputs beside the layer before."""

    def __init__(self, recipe: ImplicitDecoder, axes: int, fields: int, generator: torch.Generator) -> None:
        super().__init__()
        inputs, widths = axes + recipe.latent, recipe.widths
        # A layer `W [h; x] + b` is the sum of two: derivatives of the part of x are the same at every point, and cost
        # no matrix product for each of them.
        self.seen = nn.ModuleList(_linear(inputs, width) for width in widths)
        self.layers = nn.ModuleList(_linear(a, b, bias=False) for a, b in pairwise(widths))
        self.last = _linear(widths[-1], fields)
        self.activation = Elementwise(recipe.activation)
        before = [0, *widths[:-1]]
        for seen, units in zip(self.seen, before, strict=True):
            _begin(seen, inputs + units, generator)
        for layer, units in zip(self.layers, before[1:], strict=True):
            _begin(layer, inputs + units, generator)
        _begin(self.last, widths[-1], generator)

    def forward(self, inputs: Tensor) -> Tensor:
        hidden = self.activation(self.seen[0](inputs))
        for seen, layer in zip(self.seen[1:], self.layers, strict=True):
            hidden = self.activation(layer(hidden) + seen(inputs))
        result: Tensor = self.last(hidden)
        return result


def _linear(inputs: int, outputs: int, *, bias: bool = True) -> nn.Module:
    """A layer whose weights are yet to be drawn."""
    return nn.utils.skip_init(nn.Linear, inputs, outputs, bias=bias)


def _begin(part: nn.Module, inputs: int, generator: torch.Generator) -> None:
    """Torch's own distribution for a layer of so many inputs, of which the part may see some only."""
    for parameter in part.parameters():
        uniform_(parameter, 1 / math.sqrt(inputs), generator)
