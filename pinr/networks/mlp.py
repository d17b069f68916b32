"""The plain multilayer perceptron."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import final

import torch
from torch import nn
from typing_extensions import override

from pinr.networks.activations import Activation, Elementwise, check_activation
from pinr.networks.recipe import AbstractRecipe, check_sizes, uniform_


@final
@dataclass(frozen=True)
class MLP(AbstractRecipe):
    """Layers `a(W h + b)` and a linear layer at the end; the choice for fronts and smooth fields.

    Args:
        width: Units of a layer.
        depth: Number of hidden layers.
        activation: Smooth functions only: a PDE of order p needs p + 1 derivatives.

    Initialisation: Glorot uniform weights, biases U(±1/√n) so that units differ across the region.

    Reference: Glorot and Bengio, AISTATS 2010.
    """

    width: int = 64
    depth: int = 3
    activation: Activation = "tanh"

    def __post_init__(self) -> None:
        check_sizes(self)
        check_activation(self)

    @override
    def build(self, inputs: int, outputs: int, *, frequency: float, generator: torch.Generator) -> nn.Module:
        sizes = [inputs, *[self.width] * self.depth, outputs]
        layers: list[nn.Module] = []
        for a, b in pairwise(sizes):
            linear = nn.utils.skip_init(nn.Linear, a, b, dtype=torch.float64)
            uniform_(linear.weight, math.sqrt(6 / (a + b)), generator)
            uniform_(linear.bias, 1 / math.sqrt(a), generator)
            layers += [linear, Elementwise(self.activation)]
        return nn.Sequential(*layers[:-1])
