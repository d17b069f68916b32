"""A plain convolutional network from coarse cells to the fine values in them."""

from pathlib import Path
from typing import final

import numpy as np
import torch
import xarray
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import override

from benchmarks.superresolution.layout import Layout, rate_at, shares_of
from benchmarks.superresolution.method import AbstractUpsampler, Method
from benchmarks.superresolution.methods.interpolation import Interpolation
from pinr.superresolution import GridDataset

WIDTH, DEPTH = 48, 6
BATCH, FRAMES = 4, 5
DECAY = 1e-3


@final
class Network(nn.Module):
    """Residual 3×3×3 convolutions on the coarse grid, and one 1×1×1 layer to the fine values of each cell.

    Circular in x, edges repeated in t and z; the height of cells is one more input.
    """

    def __init__(self, fields: int, factors: tuple[int, ...], *, width: int = WIDTH, depth: int = DEPTH) -> None:
        super().__init__()
        self.fields, self.factors = fields, factors
        self.first = nn.Conv3d(fields + 1, width, 3)
        self.layers = nn.ModuleList(nn.Conv3d(width, width, 3) for _ in range(depth))
        self.last = nn.Conv3d(width, fields * int(np.prod(factors)), 1)

    @override
    def forward(self, coarse: Tensor) -> Tensor:
        """`(batch, fields, t, z, x)` to as many fine values as there are in the cells."""
        batch, _, frames, rows, columns = coarse.shape
        height = torch.linspace(-1, 1, rows).view(1, 1, 1, -1, 1).expand(batch, 1, frames, rows, columns)
        h = self.first(_around(torch.cat([coarse, height], dim=1)))
        for layer in self.layers:
            h = h + functional.gelu(layer(_around(functional.gelu(h))))
        values = self.last(h).view(batch, self.fields, *self.factors, frames, rows, columns)
        t, z, x = self.factors
        return values.permute(0, 1, 5, 2, 6, 3, 7, 4).reshape(batch, self.fields, frames * t, rows * z, columns * x)


def _around(h: Tensor) -> Tensor:
    h = functional.pad(h, (1, 1, 0, 0, 0, 0), mode="circular")
    return functional.pad(h, (0, 0, 1, 1, 1, 1), mode="replicate")


@final
class Convolutional(AbstractUpsampler):
    """The network is bound to its grid; at other places cubic splines go through what it says there."""

    def __init__(self, network: Network, layout: Layout, steps: int) -> None:
        self.network, self.layout, self.steps = network, layout, steps

    @override
    def __call__(self, coarse: xarray.Dataset, like: xarray.Dataset) -> xarray.Dataset:
        with torch.no_grad():
            values = self.network(self.layout.tensor(coarse))[0].numpy()
        places = self.layout.nodes(coarse)
        found = self.layout.dataset(values[:, : len(places["t"])], places, coarse)
        is_asked_for = all(
            len(own) == like.sizes[axis] and np.allclose(own, like[axis].values) for axis, own in places.items()
        )
        return found if is_asked_for else Interpolation(3)(found, like)

    @override
    def save(self, path: Path) -> None:
        weights = self.network.state_dict()
        torch.save({"layout": self.layout.record(), "weights": weights, "steps": self.steps}, path)


def train(data: GridDataset, seconds: float, seed: int) -> Convolutional:
    """Mean absolute error on crops in time, shifted along x and mirrored; AdamW."""
    layout, generator = Layout.of(data), np.random.default_rng(seed)
    torch.manual_seed(seed)
    network = Network(len(layout.fields), layout.factors)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1.0, weight_decay=DECAY)
    steps = 0
    for share in shares_of(seconds):
        optimizer.param_groups[0]["lr"] = rate_at(steps, share)
        crops = layout.mirrored(data.crops(BATCH, size={"t": FRAMES}, generator=generator), generator)
        fine = torch.from_numpy(crops.fine)
        found = network(torch.from_numpy(crops.coarse))[:, :, : fine.shape[2]]
        loss = functional.l1_loss(found, fine)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        steps += 1
    return Convolutional(network, layout, steps)


def load(path: Path) -> Convolutional:
    record = torch.load(path, weights_only=True)
    layout = Layout.read(record["layout"])
    network = Network(len(layout.fields), layout.factors)
    network.load_state_dict(record["weights"])
    return Convolutional(network, layout, record["steps"])


CONVOLUTIONAL = Method("convolutional network", train, load)
