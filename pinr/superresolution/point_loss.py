"""The loss of networks that give values at points: at some nodes, and equations at some points between them."""

from collections.abc import Sequence
from typing import Any, final

import torch
from torch import Tensor
from torch.nn import functional
from typing_extensions import override

from pinr.derivatives.request import MultiIndex
from pinr.superresolution.abstract_crop_loss import AbstractCropLoss
from pinr.superresolution.latent_grid import LatentNetwork


@final
class PointLoss(AbstractCropLoss):
    """Of a `LatentGrid`: values at random nodes of every crop, and equations at random points between nodes."""

    network: LatentNetwork

    @override
    def encoded(self, coarse: Tensor, precision: torch.dtype) -> Tensor:
        self.network.train()  # here alone do norms of batches see batches
        latents = self.network.latents(coarse, precision)
        self.network.eval()
        return latents

    @override
    def misfit(self, encoded: Tensor, fine: Tensor) -> Tensor:
        entries = self._entries()
        drawn = [torch.from_numpy(self.generator.integers(n, size=len(entries))) for n in fine.shape[2:]]
        drawn = [own.to(self.device) for own in drawn]
        value = (0,) * len(drawn)
        nodes = torch.stack(drawn, dim=1).double()
        found = self.network.at_nodes(encoded, nodes, [value], entries)[value]
        chosen: tuple[Any, ...] = (entries, slice(None), *drawn)
        return functional.l1_loss(found, fine[chosen])

    @override
    def derivatives(
        self, encoded: Tensor, counts: tuple[int, ...], indices: Sequence[MultiIndex]
    ) -> dict[MultiIndex, Tensor]:
        entries = self._entries()
        nodes = [axis.nodes(n) for axis, n in zip(self.axes, counts, strict=True)]
        ends = [n if axis.is_periodic else n - 1 for axis, n in zip(self.axes, nodes, strict=True)]
        places = torch.from_numpy(self.generator.uniform(0, ends, size=(len(entries), len(ends)))).to(self.device)
        return self.network.at_nodes(encoded, places, indices, entries)

    def _entries(self) -> Tensor:
        """Which crop each point is in."""
        return torch.arange(self.batch, device=self.device).repeat_interleave(self.network.recipe.points)
