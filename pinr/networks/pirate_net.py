"""PirateNet: a deep gated network that starts as a shallow linear one."""

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn
from typing_extensions import override

from pinr.errors import DeclarationError
from pinr.networks.activations import ACTIVATIONS, Activation, check_activation
from pinr.networks.dense import LayerMaker, dense, factorized
from pinr.networks.gaussian_features import GaussianFeatures
from pinr.networks.recipe import AbstractRecipe, check_positive, check_sizes


@final
@dataclass(frozen=True)
class PirateNet(AbstractRecipe):
    """Residual blocks `x ← α h(x) + (1 − α) x` on Fourier features, α trained from 0.

    With `Φ = [cos Bx, sin Bx]`, `U = a(W_U Φ + b_U)` and `V = a(W_V Φ + b_V)`, a block has three layers:
    `f = a(W₁ x + b₁)`, `z = f ⊙ U + (1 − f) ⊙ V`, `g = a(W₂ z + b₂)`, `z' = g ⊙ U + (1 − g) ⊙ V`, `h = a(W₃ z' + b₃)`.
    At the start every block is the identity, so the network is linear in Φ at any depth.

    Args:
        width: Units of a layer; even, half of them are cosines.
        depth: Number of blocks, three layers each.
        scale: s in `B ~ N(0, s²)`, per unit of inputs in [−1, 1], without a factor 2π. B is not trained.
        factorized: Whether the weights are in two factors, see `FactorizedLinear`.
        activation: One of the smooth ones; published with tanh.

    Initialisation as published: Glorot normal weights, zero biases, `α = 0`; but for the least-squares fit of the last
    layer to initial data ("physics-informed initialisation"), which is left out: the last layer is Glorot normal too.

    **Good values.** Published: 256 × 3 blocks, s = 1 (Burgers) to 2 (Allen–Cahn), 10⁵ steps or more, Adam with 5,000
    steps of warm-up. A step takes about twice that of an `MLP` with as many layers; it is for long trainings of hard
    problems in time.

    Reference: Wang, Li, Chen and Perdikaris, PirateNets: Physics-informed Deep Learning with Residual Adaptive
    Networks, JMLR 25, 2024; arXiv:2402.00326; numbers of PredictiveIntelligenceLab/jaxpi at 127a306, which trains B.
    """

    width: int = 256
    depth: int = 3
    scale: float = 1.0
    factorized: bool = True
    activation: Activation = "tanh"

    def __post_init__(self) -> None:
        check_sizes(self)
        check_positive(self, "scale")
        check_activation(self)
        if self.width % 2:
            message = f"`{self}`: the width must be even, half of the units are cosines and half sines."
            raise DeclarationError(message)

    @override
    def build(self, inputs: int, outputs: int, *, frequency: float, generator: torch.Generator) -> nn.Module:
        return AdaptiveResidualNetwork(self, inputs, outputs, generator)


@final
class AdaptiveResidualNetwork(nn.Module):
    """What `PirateNet` makes."""

    def __init__(self, recipe: PirateNet, inputs: int, outputs: int, generator: torch.Generator) -> None:
        super().__init__()
        width, layer = recipe.width, factorized if recipe.factorized else dense
        self.activation = recipe.activation
        self.features = GaussianFeatures(inputs, width // 2, recipe.scale, generator)
        self.first_encoder = layer(width, width, generator)
        self.second_encoder = layer(width, width, generator)
        self.blocks = nn.ModuleList(
            AdaptiveBlock(width, recipe.activation, layer, generator) for _ in range(recipe.depth)
        )
        self.last = layer(width, outputs, generator)

    def forward(self, points: Tensor) -> Tensor:
        a = ACTIVATIONS[self.activation]
        x = self.features(points)
        second = a(self.second_encoder(x))
        difference = a(self.first_encoder(x)) - second
        for block in self.blocks:
            x = block(x, second, difference)
        return self.last(x)


@final
class AdaptiveBlock(nn.Module):
    """`x + α (h(x) − x)`, with h three layers and two gates `V + f ⊙ (U − V)`."""

    def __init__(self, width: int, activation: str, layer: LayerMaker, generator: torch.Generator) -> None:
        super().__init__()
        self.activation = activation
        self.layers = nn.ModuleList(layer(width, width, generator) for _ in range(3))
        self.alpha = nn.Parameter(torch.zeros(1, dtype=torch.float64))

    def forward(self, x: Tensor, second: Tensor, difference: Tensor) -> Tensor:
        a = ACTIVATIONS[self.activation]
        first_layer, second_layer, third_layer = self.layers
        z = second + a(first_layer(x)) * difference
        z = second + a(second_layer(z)) * difference
        return x + self.alpha * (a(third_layer(z)) - x)

    def extra_repr(self) -> str:
        return self.activation
