"""Random Fourier features: sines and cosines of random projections of the points."""

from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional


@final
class GaussianFeatures(nn.Module):
    """`[cos B x, sin B x]` with `B ~ N(0, deviation²)`, which is drawn once and not trained.

    Rows with a large entry of B oscillate fast along that coordinate: the deviation is the bandwidth of what the
    network sees. A shift of the points only turns each pair of cosine and sine.

    Reference: Rahimi and Recht, Random Features for Large-Scale Kernel Machines, NIPS 2007.
    """

    frequencies: Tensor

    def __init__(self, inputs: int, features: int, deviation: float, generator: torch.Generator) -> None:
        super().__init__()
        drawn = torch.normal(0.0, deviation, (features, inputs), generator=generator, dtype=torch.float64)
        self.register_buffer("frequencies", drawn)

    def forward(self, points: Tensor) -> Tensor:
        phases = functional.linear(points, self.frequencies)
        return torch.cat([torch.cos(phases), torch.sin(phases)], dim=-1)

    def extra_repr(self) -> str:
        features, inputs = self.frequencies.shape
        return f"{inputs} → {2 * features}"
