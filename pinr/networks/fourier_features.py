"""Fourier features: a multilayer perceptron behind random sines and cosines of the points."""

import math
from dataclasses import dataclass
from typing import final

import torch
from torch import nn
from typing_extensions import override

from pinr.networks.activations import Activation, Elementwise, check_activation
from pinr.networks.dense import dense
from pinr.networks.gaussian_features import GaussianFeatures
from pinr.networks.recipe import AbstractRecipe, check_positive, check_sizes


@final
@dataclass(frozen=True)
class FourierFeatures(AbstractRecipe):
    """Layers `a(W h + b)` on `γ(x) = [cos 2πBx, sin 2πBx]`, and a linear layer at the end.

    Args:
        width: Units of a layer.
        depth: Number of hidden layers; the published "4 layers" count the last one, which is depth 3.
        features: Rows of B; the first layer has twice as many inputs.
        scale: σ in `B ~ N(0, σ²)`: about so many periods across the region along each coordinate, since x runs over
            an interval of length 1 here as in the publication.
        activation: The publication takes ReLU, which has no second derivative, for images.

    Initialisation as published: Glorot normal weights, B drawn once and not trained; biases zero (published: of
    size 0.01).

    **Good values.** σ is the one number that matters: too small blurs, too large is noise between the points, and
    the second derivatives in a residual are of size (2πσ)². Published: natural images 10, text 14, magnetic resonance
    volumes 5. For PDEs start from σ = 1, and more where the solution oscillates. Without an idea of the bandwidth
    take `Siren`.

    Reference: Tancik et al., Fourier Features Let Networks Learn High Frequency Functions in Low Dimensional
    Domains, NeurIPS 2020, eq. 4; tancik/fourier-feature-networks at 9c110c3. For PDEs: Wang, Wang and Perdikaris, On
    the eigenvector bias of Fourier feature networks, CMAME 384, 2021.
    """

    width: int = 256
    depth: int = 4
    features: int = 256
    scale: float = 10.0
    activation: Activation = "tanh"

    def __post_init__(self) -> None:
        check_sizes(self)
        check_positive(self, "scale")
        check_activation(self)

    @override
    def build(self, inputs: int, outputs: int, *, frequency: float, generator: torch.Generator) -> nn.Module:
        # The inputs span [−1, 1], two units: 2πB(x/2) has the published σ per length of the region.
        layers: list[nn.Module] = [GaussianFeatures(inputs, self.features, math.pi * self.scale, generator)]
        for number in range(self.depth):
            layers.append(dense(self.width if number else 2 * self.features, self.width, generator))
            layers.append(Elementwise(self.activation))
        return nn.Sequential(*layers, dense(self.width, outputs, generator))
