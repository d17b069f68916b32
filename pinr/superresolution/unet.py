"""A U-Net as encoder: from coarse values to a latent vector at each of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, final, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional

from pinr.errors import DeclarationError

Norm = Literal["group", "batch"]

CONVOLUTIONS: dict[int, Any] = {2: nn.Conv2d, 3: nn.Conv3d}
BATCH_NORMS: dict[int, Any] = {2: nn.BatchNorm2d, 3: nn.BatchNorm3d}
POOLS: dict[int, Any] = {2: functional.max_pool2d, 3: functional.max_pool3d}
GROUPS, IN_GROUP = 8, 4  # of channels at most, and channels in a group at least


@final
@dataclass(frozen=True)
class UNet:
    """Residual blocks of convolutions 1–3–1 on grids that are halved, and doubled again with what was there joined.

    Every level halves the even axes that are longer than the shortest of them, or all where they are equally long,
    until each axis has one value left or an odd number. Each level has twice the channels of the one before.

    Attributes:
        latent: Channels of the result.
        base: Channels of the grid itself.
        cap: Channels at most.
        norm: `batch` as published; `group` does not depend on the other entries of a batch, nor on how many there are,
            nor on other positions along axes of any length.

    References: Jiang et al., MeshfreeFlowNet, SC 2020, sec. 4.1; layers of maxjiang93/space_time_pde at 5e355b0. Group
    norm: Wu and He, ECCV 2018. Ends of axes that are not periodic repeat their last values here, and are 0 there.
    """

    latent: int = 32
    base: int = 16
    cap: int = 256
    norm: Norm = "group"

    def __post_init__(self) -> None:
        for name in ("latent", "base", "cap"):
            size = getattr(self, name)
            least = 1 if name == "latent" else 2  # a block has half as many channels within
            if not isinstance(size, int) or size < least:
                message = f"`{self}`: `{name}` must be a whole number of at least {least}."
                raise DeclarationError(message)
        if self.cap < self.base:
            message = f"`{self}`: the cap is below the channels that the network begins with."
            raise DeclarationError(message)
        if self.norm not in get_args(Norm):
            message = f"`{self}`: the norm must be one of {', '.join(get_args(Norm))}."
            raise DeclarationError(message)

    def build(self, counts: Sequence[int], periodic: Sequence[bool], fields: int, seed: int = 0) -> "Encoder":
        """The module with fresh weights.

        Args:
            counts: Coarse values by axis; 0 of an axis that may have any number, which is not halved.
            periodic: Which axes close.
            fields: Channels of what goes in.
            seed: Of the weights.

        Raises:
            DeclarationError: There are not 2 or 3 axes, or counts are none.
        """
        if len(counts) not in CONVOLUTIONS or len(periodic) != len(counts):
            message = f"`{self}`: grids have 2 or 3 axes, not the counts {tuple(counts)} with {len(periodic)} signs."
            raise DeclarationError(message)
        if min(counts) < 0 or fields < 1:
            message = f"`{self}`: counts {tuple(counts)} and {fields} fields cannot be."
            raise DeclarationError(message)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return Encoder(self, tuple(counts), tuple(periodic), fields)


def halvings(counts: Sequence[int]) -> list[tuple[int, ...]]:
    """By what every level divides each axis, 2 or 1, from the grid itself down."""
    found, left = [], list(counts)
    while even := [count for count in left if count and count % 2 == 0]:
        shortest = min(even) if len(set(even)) > 1 else 0
        found.append(tuple(2 if count % 2 == 0 and count > shortest else 1 for count in left))
        left = [count // factor for count, factor in zip(left, found[-1], strict=True)]
    return found


@final
class Encoder(nn.Module):
    """The module of a `UNet`."""

    def __init__(self, recipe: UNet, counts: tuple[int, ...], periodic: tuple[bool, ...], fields: int) -> None:
        super().__init__()
        self.recipe, self.counts, self.fields = recipe, counts, fields
        self.factors = halvings(counts)
        depth = len(self.factors)
        free = tuple(axis for axis, count in enumerate(counts) if not count)
        sizes = [min(recipe.base * 2**level, recipe.cap) for level in range(depth + 1)]

        def block(inputs: int, neck: int, outputs: int, *, is_last: bool = False) -> Block:
            return Block((inputs, neck, outputs), periodic, recipe.norm, free, is_last=is_last)

        self.first = block(fields, sizes[0], sizes[0])
        self.down = nn.ModuleList(block(sizes[k], sizes[k + 1] // 2, sizes[k + 1]) for k in range(depth))
        self.up = nn.ModuleList(
            block(sizes[k + 1] * (1 if k == depth - 1 else 2), sizes[k], sizes[k]) for k in reversed(range(depth))
        )
        joined = sizes[0] * (2 if depth else 1)
        self.last = block(joined, joined, recipe.latent, is_last=True)

    def forward(self, coarse: Tensor) -> Tensor:
        """The latent grid, `(batch, latent, *counts)`.

        Args:
            coarse: Standardised values, `(batch, fields, *counts)`.

        Raises:
            DeclarationError: The grid is another than that which the network was built for.
        """
        self._check(coarse)
        hidden = self.first(coarse)
        kept = [hidden]
        for block, factors in zip(self.down, self.factors, strict=True):
            hidden = POOLS[len(self.counts)](block(hidden), factors)
            kept.append(hidden)
        hidden = kept.pop()
        for number, (block, factors) in enumerate(zip(self.up, reversed(self.factors), strict=True)):
            if number == 0:  # nothing to join at the bottom: it is this
                hidden = block(_repeated(hidden, factors))
            else:
                hidden = _repeated(block(torch.cat([hidden, kept.pop()], dim=1)), factors)
        if kept:
            hidden = torch.cat([hidden, kept.pop()], dim=1)
        result: Tensor = self.last(hidden)
        return result

    @property
    def reach(self) -> int:
        """Positions along an axis of any length that a latent vector depends on, in each direction: one of each block.

        So it is of group norms, and of batch norms that are not in training.
        """
        return len(self.down) + len(self.up) + 2

    def _check(self, coarse: Tensor) -> None:
        shape = tuple(coarse.shape)
        fits = len(shape) == len(self.counts) + 2 and shape[1] == self.fields
        if not fits or any(count not in (0, own) for count, own in zip(self.counts, shape[2:], strict=True)):
            wanted = ", ".join(str(count or "any") for count in self.counts)
            message = f"Values of the shape {shape} do not fit. The encoder takes (batch, {self.fields}, {wanted})."
            raise DeclarationError(message)


@final
class Block(nn.Module):
    """`r(n₃ W₃ r(n₂ W₂ r(n₁ W₁ h)) + W h)` with norms n and rectifiers r; W₂ sees neighbours, the others one value.

    Args:
        sizes: Channels of h, within and of the result.
        periodic: Which axes close.
        norm: The norm.
        free: Axes of any length.
        is_last: Whether the outermost rectifier is left out.
    """

    def __init__(
        self,
        sizes: tuple[int, int, int],
        periodic: tuple[bool, ...],
        norm: Norm,
        free: tuple[int, ...] = (),
        *,
        is_last: bool,
    ) -> None:
        super().__init__()
        inputs, neck, outputs = sizes
        convolution = CONVOLUTIONS[len(periodic)]
        self.periodic, self.is_last = periodic, is_last
        self.narrow = convolution(inputs, neck, 1)
        self.around = convolution(neck, neck, 3)
        self.widen = convolution(neck, outputs, 1)
        self.shortcut = convolution(inputs, outputs, 1)
        self.norms = nn.ModuleList(_norm(norm, size, len(periodic), free) for size in (neck, neck, outputs))

    def forward(self, values: Tensor) -> Tensor:
        hidden = functional.relu(self.norms[0](self.narrow(values)))
        hidden = functional.relu(self.norms[1](self.around(with_neighbours(hidden, self.periodic))))
        hidden = self.norms[2](self.widen(hidden)) + self.shortcut(values)
        return hidden if self.is_last else functional.relu(hidden)


def with_neighbours(values: Tensor, periodic: Sequence[bool]) -> Tensor:
    """One more value at each end of every axis: the other end's, or the last one again."""
    for mode, closes in (("circular", True), ("replicate", False)):
        sides = [int(is_periodic == closes) for is_periodic in reversed(periodic) for _ in "-+"]
        if any(sides):
            values = functional.pad(values, sides, mode=mode)
    return values


def _repeated(values: Tensor, factors: Sequence[int]) -> Tensor:
    """Every value as often as the axes were divided by."""
    for axis, factor in enumerate(factors, start=2):
        if factor > 1:
            values = values.repeat_interleave(factor, dim=axis)
    return values


@final
class PositionNorm(nn.GroupNorm):
    """Group norm with statistics of its own at every position along some axes, whose number then changes nothing."""

    def __init__(self, groups: int, channels: int, free: tuple[int, ...]) -> None:
        super().__init__(groups, channels)
        self.free = tuple(2 + axis for axis in free)

    def forward(self, values: Tensor) -> Tensor:
        first = tuple(range(1, 1 + len(self.free)))
        moved = values.movedim(self.free, first)
        found = super().forward(moved.flatten(0, len(first)))
        return found.unflatten(0, moved.shape[: 1 + len(first)]).movedim(first, self.free)


def _norm(norm: Norm, channels: int, axes: int, free: tuple[int, ...]) -> nn.Module:
    if norm == "batch":
        module: nn.Module = BATCH_NORMS[axes](channels)
        return module
    most = max(1, min(GROUPS, channels // IN_GROUP))
    return PositionNorm(max(g for g in range(1, most + 1) if channels % g == 0), channels, free)
