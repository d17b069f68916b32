"""Networks that are exactly periodic along some of their inputs."""

import math
from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional


@final
class Periodic(nn.Module):
    """`network(…, cos kθ, sin kθ, …)` with `θ = π (ξ + 1)`: of period 2 in some inputs ξ, those of [−1, 1].

    With `ξ = −1 + 2 (x − low)/L`, as `Scaled` has it, `θ = 2π (x − low)/L`. Values and all derivatives agree at both
    ends, whatever the weights: nothing is left to a loss. One harmonic is enough, since functions of
    `cos θ` and `sin θ` are all periodic functions; more of them help networks that learn high frequencies slowly.

    Args:
        network: Takes the other inputs, in their order, then the cosines, then the sines.
        inputs: Number of inputs.
        axes: Which of them are periodic.
        harmonics: k runs from 1 to this.

    Reference: Dong and Ni, A method for representing periodic functions and enforcing exactly periodic boundary
    conditions with deep neural networks, J. Comput. Phys. 435, 2021, sec. 2.
    """

    angular: Tensor
    others: Tensor

    def __init__(self, network: nn.Module, inputs: int, axes: Sequence[int], harmonics: int = 1) -> None:
        super().__init__()
        self.network = network
        unit = torch.eye(inputs, dtype=torch.float64)
        multiples = math.pi * torch.arange(1.0, harmonics + 1, dtype=torch.float64)
        self.register_buffer("angular", torch.cat([multiples[:, None] * unit[axis] for axis in axes]))
        self.register_buffer("others", unit[[axis for axis in range(inputs) if axis not in axes]])

    @staticmethod
    def inputs_of_network(inputs: int, axes: Sequence[int], harmonics: int = 1) -> int:
        """How many inputs the network behind has."""
        return inputs + (2 * harmonics - 1) * len(axes)

    def forward(self, points: Tensor) -> Tensor:
        # Matrix products, so that derivatives stay the same at every point until the sines and cosines.
        angles = functional.linear(points, self.angular, self.angular.sum(dim=1))
        embedded = [torch.cos(angles), torch.sin(angles)]
        if len(self.others):
            embedded.insert(0, functional.linear(points, self.others))
        return self.network(torch.cat(embedded, dim=-1))

    def extra_repr(self) -> str:
        return f"{len(self.others)} other inputs, {len(self.angular)} angles"
