"""A multilayer perceptron with residual blocks."""

import math
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn
from typing_extensions import override

from pinr.networks.activations import Activation, Elementwise, check_activation
from pinr.networks.recipe import AbstractRecipe, check_sizes, uniform_


@final
@dataclass(frozen=True)
class ResidualMLP(AbstractRecipe):
    """Pre-activation blocks `h + W₂ a(W₁ a(h) + b₁) + b₂` between two linear layers.

    Args:
        width: Units of a layer.
        depth: Number of blocks, two layers each.
        activation: One of the smooth ones.

    Initialisation: Glorot uniform weights, biases U(±1/√n). The sums of L blocks would grow with L; the second
    layers of the blocks start at `1/√L` of that, which keeps the size at every depth.

    **Good values.** 64 × 3, which is seven hidden layers. It is for networks so deep that an `MLP` no longer trains; a
    shallow one costs the same per layer and needs no residuals.

    Reference: He et al., Identity Mappings in Deep Residual Networks, ECCV 2016, fig. 4(e); the factor of the second
    layers: Hayou et al., Stable ResNet, AISTATS 2021.
    """

    width: int = 64
    depth: int = 3
    activation: Activation = "tanh"

    def __post_init__(self) -> None:
        check_sizes(self)
        check_activation(self)

    @override
    def build(self, inputs: int, outputs: int, *, frequency: float, generator: torch.Generator) -> nn.Module:
        return nn.Sequential(
            _linear(inputs, self.width, 1.0, generator),
            *(
                ResidualBlock(self.width, self.activation, 1 / math.sqrt(self.depth), generator)
                for _ in range(self.depth)
            ),
            Elementwise(self.activation),
            _linear(self.width, outputs, 1.0, generator),
        )


@final
class ResidualBlock(nn.Module):
    """`h + W₂ a(W₁ a(h) + b₁) + b₂`."""

    def __init__(self, width: int, activation: str, factor: float, generator: torch.Generator) -> None:
        super().__init__()
        self.change = nn.Sequential(
            Elementwise(activation),
            _linear(width, width, 1.0, generator),
            Elementwise(activation),
            _linear(width, width, factor, generator),
        )

    def forward(self, values: Tensor) -> Tensor:
        return values + self.change(values)


def _linear(inputs: int, outputs: int, factor: float, generator: torch.Generator) -> nn.Linear:
    linear = nn.utils.skip_init(nn.Linear, inputs, outputs, dtype=torch.float64)
    uniform_(linear.weight, factor * math.sqrt(6 / (inputs + outputs)), generator)
    uniform_(linear.bias, factor / math.sqrt(inputs), generator)
    return linear
