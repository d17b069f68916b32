"""MeshfreeFlowNet as published, with equations by nested automatic differentiation.

Reference: Jiang et al., MeshfreeFlowNet, SC 2020. Kept: the U-Net of residual blocks 1-3-1 with batch normalisation, 32
latent numbers at each coarse value, the decoder of widths 512 to 32 that sees its input in every layer, the trilinear
blend of its outputs, mean absolute errors at 512 points of each crop, γ = 0.0125, Adam at 10⁻² with clipped gradients.
Changed: equations have the axes, the time scale and the pressure gradient of the data; the rate follows the time that
is left, as there are no epochs in a few minutes; crops are as wide as the period, which convolutions know of; half of
them are mirrored; points are nodes, where values need no interpolation; and the U-Net does not go down to a single
value, since batches are of two crops instead of ten. Equations are asked for at 64 of the points of each crop.
"""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import final

import numpy as np
import torch
import xarray
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import override

from benchmarks.superresolution.cases import PRANDTL, RAYLEIGH
from benchmarks.superresolution.layout import AXES, Layout, rate_at, shares_of
from benchmarks.superresolution.method import AbstractUpsampler, Method
from pinr.superresolution import Crops, GridDataset

BASE, MOST, LATENT = 16, 256, 32  # channels: of the first level, at most, and of what is decoded
WIDTHS = (512, 256, 128, 64, 32)
LEAST = 2  # rows of the coarsest level: of fewer numbers a batch would have no variance worth the name
FRAMES = 4  # coarse frames of a crop, and of what is decoded together
BATCH, POINTS = 2, 512
EQUATION_POINTS = 64  # of these, for a point of the equations costs as much as hundred others
RATE, CLIP = 1e-2, 1.0
GAMMA = 0.0125
AT_ONCE = 1 << 14  # points that are decoded together


@final
class ResidualBlock(nn.Module):
    """Convolutions of 1, 3 and 1 with batch normalisation, beside a shortcut; circular in x, zeros beyond t and z."""

    def __init__(self, given: int, wanted: int) -> None:
        super().__init__()
        self.first, self.middle, self.last = (
            nn.Conv3d(given, wanted, 1),
            nn.Conv3d(wanted, wanted, 3),
            nn.Conv3d(wanted, wanted, 1),
        )
        self.norms = nn.ModuleList(nn.BatchNorm3d(wanted) for _ in range(3))
        self.shortcut = nn.Conv3d(given, wanted, 1) if given != wanted else nn.Identity()

    @override
    def forward(self, h: Tensor) -> Tensor:
        inner = functional.relu(self.norms[0](self.first(h)))
        inner = functional.pad(functional.pad(inner, (1, 1, 0, 0, 0, 0), mode="circular"), (0, 0, 1, 1, 1, 1))
        inner = functional.relu(self.norms[1](self.middle(inner)))
        return functional.relu(self.norms[2](self.last(inner)) + self.shortcut(h))


@final
class UNet(nn.Module):
    """Halves every axis, as long as two values are left in space, and goes back up with what was before beside it."""

    def __init__(self, fields: int, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.pools = _halvings(shape)
        channels = [min(BASE * 2**level, MOST) for level in range(len(self.pools) + 1)]
        self.first = ResidualBlock(fields, channels[0])
        self.down = nn.ModuleList(ResidualBlock(a, b) for a, b in itertools.pairwise(channels))
        self.up = nn.ModuleList(ResidualBlock(a + b, a) for a, b in itertools.pairwise(channels))
        self.last = nn.Conv3d(channels[0], LATENT, 1)

    @override
    def forward(self, coarse: Tensor) -> Tensor:
        h, before = self.first(coarse), []
        for pool, block in zip(self.pools, self.down, strict=True):
            before.append(h)
            h = block(functional.max_pool3d(h, pool))
        for pool, block, beside in zip(self.pools[::-1], reversed(self.up), before[::-1], strict=True):  # type: ignore[call-overload]
            h = block(torch.cat([functional.interpolate(h, scale_factor=tuple(map(float, pool))), beside], dim=1))
        return self.last(h)


def _halvings(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """What pools each axis on the way down."""
    found = []
    while min(shape[1:]) >= 2 * LEAST and not any(count % 2 for count in shape[1:]):
        pool = (2 if shape[0] % 2 == 0 else 1, *(2 for _ in shape[1:]))
        found.append(pool)
        shape = tuple(count // factor for count, factor in zip(shape, pool, strict=True))
    return found


@final
class Decoder(nn.Module):
    """Relative coordinates and latent numbers to fields; every hidden layer sees them again."""

    def __init__(self, fields: int) -> None:
        super().__init__()
        given = len(AXES) + LATENT
        sizes = [0, *WIDTHS]
        self.hidden = nn.ModuleList(nn.Linear(before + given, after) for before, after in itertools.pairwise(sizes))
        self.last = nn.Linear(WIDTHS[-1], fields)

    @override
    def forward(self, given: Tensor) -> Tensor:
        h = given[..., :0]
        for layer in self.hidden:
            h = functional.softplus(layer(torch.cat([h, given], dim=-1)))
        return self.last(h)


@final
class Network(nn.Module):
    """Coarse values and places to fields there."""

    def __init__(self, fields: int, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.encoder, self.decoder = UNet(fields, shape), Decoder(fields)

    def latent(self, coarse: Tensor) -> Tensor:
        """`(batch, numbers, t, z + 2, x)`: those at the plates' side of the outermost boxes are those of the boxes."""
        return functional.pad(self.encoder(coarse), (0, 0, 1, 1, 0, 0), mode="replicate")

    def at(self, latent: Tensor, places: Tensor) -> Tensor:
        """Standardised fields, `(batch, points, fields)`, at places `(batch, points, axes)` in coarse values.

        Outputs for the eight corners of a cell are blended; along x the last value is followed by the first.
        """
        own = places + torch.tensor([0.0, 1.0, 0.0], dtype=places.dtype)
        counts = latent.shape[2:]
        lowest = own.detach().floor()
        ends = [float(count - 2) for count in counts[:2]]
        lowest = torch.stack([*(lowest[..., k].clamp(0, end) for k, end in enumerate(ends)), lowest[..., 2]], dim=-1)
        flat, blended = latent.flatten(2), torch.zeros(())
        for corner in itertools.product((0.0, 1.0), repeat=len(AXES)):
            vertex = lowest + torch.tensor(corner, dtype=places.dtype)
            t, z, x = vertex.long().unbind(-1)
            row = (t * counts[1] + z) * counts[2] + x.remainder(counts[2])
            near = flat.gather(2, row[:, None].expand(-1, flat.shape[1], -1)).transpose(1, 2)
            apart = own - vertex
            weight = (1 - apart.abs()).prod(dim=-1, keepdim=True)
            blended = blended + weight * self.decoder(torch.cat([apart, near], dim=-1))
        return blended


def residuals(fields: Tensor, places: Tensor, *, diffusivity: float, viscosity: float) -> dict[str, Tensor]:
    """What is left of the equations at places `(…, (t, z, x))`, of which p, b, u, w `(…, 4)` are functions.

    Every derivative is a backward pass of its own through all before it.
    """

    def slopes(values: Tensor) -> tuple[Tensor, ...]:
        (found,) = torch.autograd.grad(values.sum(), places, create_graph=True, materialize_grads=True)
        return found.unbind(-1)

    p, b, u, w = fields.unbind(-1)
    _, p_z, p_x = slopes(p)
    (b_t, b_z, b_x), (u_t, u_z, u_x), (w_t, w_z, w_x) = (slopes(values) for values in (b, u, w))

    def laplacian(along_z: Tensor, along_x: Tensor) -> Tensor:
        return slopes(along_z)[1] + slopes(along_x)[2]

    return {
        "energy": b_t + u * b_x + w * b_z - diffusivity * laplacian(b_z, b_x),
        "momentum_x": u_t + u * u_x + w * u_z + p_x - viscosity * laplacian(u_z, u_x),
        "momentum_z": w_t + u * w_x + w * w_z + p_z - b - viscosity * laplacian(w_z, w_x),
        "continuity": u_x + w_z,
    }


@final
class Meshfree(AbstractUpsampler):
    """Fields at any place; each time is decoded from the window of coarse frames in which it is most in the middle."""

    def __init__(self, network: Network, layout: Layout, shape: tuple[int, ...], steps: int) -> None:
        self.network, self.layout, self.shape, self.steps = network.eval(), layout, shape, steps

    @override
    def __call__(self, coarse: xarray.Dataset, like: xarray.Dataset) -> xarray.Dataset:
        values = self.layout.tensor(coarse)
        wanted = {axis: np.asarray(like[axis].values, dtype=np.float64) for axis in AXES}
        places = [(wanted[axis] - coarse[axis].values[0]) / self._step(number) for number, axis in enumerate(AXES)]
        last = values.shape[2] - FRAMES
        windows = np.clip(np.floor(places[0]) - (FRAMES // 2 - 1), 0, last).astype(int)
        found = np.empty((len(self.layout.fields), *(len(own) for own in places)), dtype=np.float32)
        with torch.no_grad():
            for window in np.unique(windows):
                frames = np.flatnonzero(windows == window)
                latent = self.network.latent(values[:, :, window : window + FRAMES])
                found[:, frames] = self._decoded(latent, [places[0][frames] - window, *places[1:]])
        return self.layout.dataset(found, wanted, coarse)

    def _decoded(self, latent: Tensor, places: list[NDArray[np.float64]]) -> NDArray[np.float32]:
        shape = tuple(len(own) for own in places)
        points = torch.from_numpy(np.stack(np.meshgrid(*places, indexing="ij"), axis=-1).reshape(-1, 3)).float()
        parts = [self.network.at(latent, part[None])[0] for part in points.split(AT_ONCE)]
        decoded: NDArray[np.float32] = torch.cat(parts).t().numpy().reshape(-1, *shape)
        return decoded

    def _step(self, number: int) -> float:
        return self.layout.factors[number] * self.layout.spacing[number]

    @override
    def save(self, path: Path) -> None:
        weights = self.network.state_dict()
        record = {"layout": self.layout.record(), "shape": list(self.shape), "steps": self.steps, "weights": weights}
        torch.save(record, path)


def trained(gamma: float) -> Callable[[GridDataset, float, int], AbstractUpsampler]:
    def train(data: GridDataset, seconds: float, seed: int) -> AbstractUpsampler:
        layout, generator = Layout.of(data), np.random.default_rng(seed)
        torch.manual_seed(seed)
        shape = (FRAMES, *data.crops(1, size={"t": FRAMES}, generator=np.random.default_rng(0)).coarse.shape[3:])
        network = Network(len(layout.fields), shape)
        optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
        steps = 0
        for share in shares_of(seconds):
            optimizer.param_groups[0]["lr"] = rate_at(steps, share, RATE)
            crops = layout.mirrored(data.crops(BATCH, size={"t": FRAMES}, generator=generator), generator)
            loss = loss_on(crops, network, layout, gamma=gamma, generator=generator)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_value_(network.parameters(), CLIP)
            optimizer.step()
            steps += 1
        return Meshfree(network, layout, shape, steps)

    return train


def loss_on(crops: Crops, network: Network, layout: Layout, *, gamma: float, generator: np.random.Generator) -> Tensor:
    """The mean absolute error at points of crops, and γ times the residuals there."""
    chosen, wanted = crops.samples(POINTS, generator)
    first = torch.from_numpy(np.stack([crops.coarse_places[axis][:, :1] for axis in AXES], axis=-1))
    step = torch.tensor([factor * own for factor, own in zip(layout.factors, layout.spacing, strict=True)])
    # Beside the first coarse value, so that single precision sees small distances.
    places = (torch.from_numpy(np.stack([chosen[axis] for axis in AXES], axis=-1)) - first).float()
    latent = network.latent(torch.from_numpy(crops.coarse))
    loss = (network.at(latent, places / step) - torch.from_numpy(wanted).transpose(1, 2)).abs().mean()
    if gamma > 0:
        own = places[:, :EQUATION_POINTS].requires_grad_()
        fields = network.at(latent, own / step) * torch.tensor(layout.scale) + torch.tensor(layout.mean)
        diffusivity, viscosity = (RAYLEIGH * PRANDTL) ** -0.5, (RAYLEIGH / PRANDTL) ** -0.5
        left = residuals(fields, own, diffusivity=diffusivity, viscosity=viscosity)
        loss = loss + gamma * torch.stack([part.abs().mean() for part in left.values()]).sum()
    return loss


def load(path: Path) -> AbstractUpsampler:
    record = torch.load(path, weights_only=True)
    layout, shape = Layout.read(record["layout"]), tuple(record["shape"])
    network = Network(len(layout.fields), shape)
    network.load_state_dict(record["weights"])
    return Meshfree(network, layout, shape, record["steps"])


MESHFREE = Method("MeshfreeFlowNet, γ = 0", trained(0.0), load)
MESHFREE_EQUATIONS = Method("MeshfreeFlowNet, γ = 0.0125", trained(GAMMA), load)
