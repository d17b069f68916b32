"""A network from coarse values to a latent grid, and one from that to fields at any point."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, final

import numpy as np
import torch
from torch import Tensor, nn

from pinr.derivatives.request import MultiIndex
from pinr.errors import DeclarationError
from pinr.superresolution.implicit_decoder import ImplicitDecoder
from pinr.superresolution.local_grid import GridAxis
from pinr.superresolution.spline import Axis
from pinr.superresolution.unet import UNet

POINTS = 512  # of the publication, sec. 5


@final
@dataclass(frozen=True)
class LatentGrid:
    """An encoder that gives every coarse value a latent vector, and a decoder that is a network at every point.

    It is the published kind of network. Derivatives in a training are jets of decoder and blending, and what they cost
    is some 1,100 points a second on a processor: 30 times what they cost on the splines of a `LocalImplicitGrid`.

    Attributes:
        encoder: To the latent grid, whose nodes are the places of the coarse values.
        decoder: From it. Beyond the last nodes, up to walls, the nearest ones speak alone.
        points: Of every crop of a step, once at nodes for values and once anywhere for equations.

    Reference: Jiang et al., MeshfreeFlowNet, SC 2020.
    """

    encoder: UNet = field(default_factory=UNet)
    decoder: ImplicitDecoder = field(default_factory=ImplicitDecoder)
    points: int = POINTS

    def __post_init__(self) -> None:
        for part, kind in (("encoder", UNet), ("decoder", ImplicitDecoder)):
            if not isinstance(getattr(self, part), kind):
                message = f"`LatentGrid({part}={getattr(self, part)!r})`: the {part} is a `{kind.__name__}(…)`."
                raise DeclarationError(message)
        if self.encoder.latent != self.decoder.latent:
            message = (
                f"`{self}`: the encoder gives latent vectors of {self.encoder.latent} numbers, and the decoder takes "
                f"{self.decoder.latent}. Give both the same `latent`."
            )
            raise DeclarationError(message)
        if not isinstance(self.points, int) or self.points < 1:
            message = f"`LatentGrid(points={self.points!r})`: the points of a crop are a whole number of at least 1."
            raise DeclarationError(message)

    def build(self, axes: Sequence[GridAxis], fields: int, seed: int = 0) -> "LatentNetwork":
        """The module with fresh weights, ready to be evaluated.

        Raises:
            DeclarationError: There are not 2 or 3 axes, or one of them has a single coarse value.
        """
        for axis in axes:
            if axis.coarse == 1:
                message = f"`LatentGrid`: `{axis.name}` has 1 coarse value, and cells need 2. Coarsen it less."
                raise DeclarationError(message)
        network = LatentNetwork(self, tuple(axes), fields, seed)
        network.eval()
        return network

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """The recipe of a file."""
        decoder = {**record["decoder"], "widths": tuple(record["decoder"]["widths"])}
        return cls(UNet(**record["encoder"]), ImplicitDecoder(**decoder), record["points"])


@final
class LatentNetwork(nn.Module):
    """The module of a `LatentGrid`."""

    def __init__(self, recipe: LatentGrid, axes: tuple[GridAxis, ...], fields: int, seed: int) -> None:
        super().__init__()
        self.recipe, self.axes, self.fields = recipe, axes, fields
        counts, periodic = [axis.coarse for axis in axes], [axis.is_periodic for axis in axes]
        self.encoder = recipe.encoder.build(counts, periodic, fields, seed)
        self.decoder = recipe.decoder.build(len(axes), fields, seed)

    @property
    def reach(self) -> int:
        """Coarse values along time that those at nodes depend on, in each direction: the decoder sees two of them."""
        return self.encoder.reach + 1

    def forward(self, coarse: Tensor, within: tuple[int, int] | None = None) -> Tensor:
        """Standardised values at the nodes, `(batch, fields, *nodes)`, from coarse ones, `(batch, fields, *counts)`.

        Without gradients some points are evaluated after the other, so that memory stays small.

        Args:
            coarse: Standardised values.
            within: From which coarse value along the first axis to before which nodes are wanted; None is all.
        """
        counts = coarse.shape[2:]
        nodes = [np.arange(axis.nodes(n), dtype=np.float64) for axis, n in zip(self.axes, counts, strict=True)]
        if within is not None:
            first, (begin, end) = self.axes[0], within
            nodes[0] = begin * first.factor + np.arange(first.nodes(end - begin), dtype=np.float64)
        places = [(own - _first(axis)) / axis.factor for own, axis in zip(nodes, self.axes, strict=True)]
        value = (0,) * len(self.axes)
        found = self.decoder.on_lattice(self.latents(coarse), self._latent_axes(counts), places, [value])
        return found[value].contiguous()

    def latents(self, coarse: Tensor, precision: torch.dtype = torch.float32) -> Tensor:
        """The latent grid, `(batch, latent, *counts)`.

        Args:
            coarse: Standardised values.
            precision: Of the convolutions. With batch norms it is float32, for these enlarge small differences within a
                channel, and rounding with them.
        """
        is_half = precision == torch.bfloat16 and self.recipe.encoder.norm != "batch"
        with torch.autocast(coarse.device.type, torch.bfloat16, enabled=is_half):
            found: Tensor = self.encoder(coarse)
        return found.to(coarse.dtype)

    def at_nodes(
        self, latents: Tensor, nodes: Tensor, indices: Collection[MultiIndex], entries: Tensor
    ) -> dict[MultiIndex, Tensor]:
        """Derivatives of the standardised fields at points, `(N, fields)` by multi-index, in units of the coordinates.

        Args:
            latents: The latent grid.
            nodes: The points, in nodes, `(N, axes)`: whole numbers are nodes, others lie between.
            indices: Orders by axis.
            entries: Which entry of the batch each point is in, `(N,)`.
        """
        columns = [(own - _first(axis)) / axis.factor for own, axis in zip(nodes.unbind(1), self.axes, strict=True)]
        axes = self._latent_axes(latents.shape[2:])
        return self.decoder.at_points(latents, axes, torch.stack(columns, dim=1), indices, entries=entries)

    def _latent_axes(self, counts: Sequence[int]) -> list[Axis]:
        return [
            Axis(n, axis.factor * axis.spacing, axis.is_periodic) for axis, n in zip(self.axes, counts, strict=True)
        ]


def _first(axis: GridAxis) -> float:
    """Where the first coarse value is, in nodes: averages belong to the middles of their boxes."""
    return (axis.factor - 1) / 2 if axis.is_averaged else 0.0
