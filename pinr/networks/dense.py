"""Fully connected layers as the publications on gated and Fourier networks initialise them."""

import math
from typing import Protocol, final

import torch
from torch import Tensor, nn
from torch.nn import functional


class LayerMaker(Protocol):
    """What makes the layers of a network: `dense` or `factorized`."""

    def __call__(self, inputs: int, outputs: int, generator: torch.Generator) -> nn.Module: ...


def dense(inputs: int, outputs: int, generator: torch.Generator) -> nn.Linear:
    """`W h + b` with Glorot normal weights, `N(0, 2/(inputs + outputs))`, and zero biases."""
    linear = nn.utils.skip_init(nn.Linear, inputs, outputs, dtype=torch.float64)
    with torch.no_grad():
        linear.weight.copy_(glorot_normal(inputs, outputs, generator))
        linear.bias.zero_()
    return linear


def factorized(inputs: int, outputs: int, generator: torch.Generator) -> "FactorizedLinear":
    """The same map at the start, with the weights in two factors that are trained."""
    return FactorizedLinear(inputs, outputs, generator)


@final
class FactorizedLinear(nn.Module):
    """`diag(eˢ) V h + b`: random weight factorisation, which lets every unit choose its own learning rate.

    At the start `s ~ N(1, 0.1²)`, and V is such that the product is Glorot normal; biases are zero. The factor
    that is trained is `eˢ`, as in the published code.

    Reference: Wang, Wang, Seidman, Perdikaris, Random Weight Factorization Improves the Training of
    Continuous Neural Representations, arXiv:2210.01274; μ and σ of PredictiveIntelligenceLab/jaxpi.
    """

    MEAN = 1.0
    DEVIATION = 0.1

    def __init__(self, inputs: int, outputs: int, generator: torch.Generator) -> None:
        super().__init__()
        product = glorot_normal(inputs, outputs, generator)
        logarithm = torch.normal(self.MEAN, self.DEVIATION, (outputs, 1), generator=generator, dtype=torch.float64)
        self.scale = nn.Parameter(logarithm.exp())
        self.direction = nn.Parameter(product / logarithm.exp())
        self.bias = nn.Parameter(torch.zeros(outputs, dtype=torch.float64))

    def forward(self, values: Tensor) -> Tensor:
        return functional.linear(values, self.scale * self.direction, self.bias)

    def extra_repr(self) -> str:
        outputs, inputs = self.direction.shape
        return f"{inputs} → {outputs}"


def glorot_normal(inputs: int, outputs: int, generator: torch.Generator) -> Tensor:
    """A matrix `(outputs, inputs)` of `N(0, 2/(inputs + outputs))`."""
    deviation = math.sqrt(2 / (inputs + outputs))
    return torch.normal(0.0, deviation, (outputs, inputs), generator=generator, dtype=torch.float64)
