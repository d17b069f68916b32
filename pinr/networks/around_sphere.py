"""A network that begins as the distance to a sphere."""

import math
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional

# Of the published weights: the slopes of waves are about 1, and must not outweigh that of the sphere.
SMALL = 0.1
ROUNDED = 0.2  # of the radius: how far the tip of the cone in the middle is rounded off


@final
class AroundSphere(nn.Module):
    """`√(|x|² + δ²) − √(r² + δ²) + network(x)` for every component, with small weights in the network's last layer.

    Without normals nothing in an equation says which side of a surface is outside; a field that begins like this is
    positive in the corners of the box and negative in its middle. The first root is a function of x alone, what is
    trained is the network; −√(r² + δ²) is where its last bias begins.

    Args:
        network: What is added.
        last: Its last layer.
        inputs: Number of coordinates.
        radius: r, between 0 and 1 where the sphere is to lie within the box.

    References: Atzmon and Lipman, SAL: sign agnostic learning of shapes from raw data, CVPR 2020, for networks of
    rectifiers; Ben-Shabat, Koneputugodage and Gould, DiGS: divergence guided shape implicit neural representation for
    unoriented point clouds, CVPR 2022, sec. 4, which gives sine layers such weights instead.
    """

    ones: Tensor
    rounding: Tensor

    def __init__(self, network: nn.Module, last: nn.Linear, inputs: int, radius: float) -> None:
        super().__init__()
        self.network = network
        outputs, delta = last.out_features, ROUNDED * radius
        self.register_buffer("ones", torch.ones(outputs, inputs, dtype=torch.float64))
        self.register_buffer("rounding", torch.full((outputs,), delta**2, dtype=torch.float64))
        with torch.no_grad():
            last.weight.mul_(SMALL)
            last.bias.mul_(SMALL).sub_(math.hypot(radius, delta))

    def forward(self, points: Tensor) -> Tensor:
        cone = torch.sqrt(functional.linear(torch.square(points), self.ones, self.rounding))
        return cone + self.network(points)

    def extra_repr(self) -> str:
        return "√(|x|² + δ²) + …"
