"""Between the user's coordinates and units and a network's: both sides of size about 1."""

from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor, nn


@final
class Scaled(nn.Module):
    """`s · network((x − c)/h)`: the box with centre c and half widths h becomes [−1, 1]ⁿ."""

    center: Tensor
    half_width: Tensor
    output_scale: Tensor

    def __init__(
        self,
        network: nn.Module,
        bounds: Sequence[tuple[float, float]],
        output_scale: Sequence[float],
    ) -> None:
        super().__init__()
        low, high = torch.tensor(bounds, dtype=torch.float64).reshape(-1, 2).unbind(1)
        self.network = network
        self.register_buffer("center", (low + high) / 2)
        self.register_buffer("half_width", torch.where(high > low, (high - low) / 2, 1.0))
        self.register_buffer("output_scale", torch.tensor(output_scale, dtype=torch.float64))

    def forward(self, points: Tensor) -> Tensor:
        return self.network((points - self.center) / self.half_width) * self.output_scale
