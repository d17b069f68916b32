"""A network of one's own
======================

Any `nn.Module` from `(points, coordinates)` to `(points, components)` is a network: `python examples/own_network.py
[seconds]`. Its derivatives are found by the rules of the torch functions in its `forward`, at the same price as those
of a built-in one.

Here the module knows two things about heat in a ring of length 2π: the field is periodic, so it sees `x` only through
sine and cosine; and it starts from `sin x + ½ cos 3x`, so that is built in, and the network learns the rest.
"""

import sys

import torch
from sympy import Rational, cos, exp, pi, sin
from torch import Tensor, nn

from pinr import Box, Eq, Problem, coordinates, laplacian, on, solve, unknown

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0


class Ring(nn.Module):
    """`u = u₀(x) + t · network(cos x, sin x, t)`: periodic, and exact at t = 0."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(3, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1)
        )

    def forward(self, points: Tensor) -> Tensor:
        x, t = points[:, :1], points[:, 1:]
        start = torch.sin(x) + torch.cos(3 * x) / 2
        return start + t * self.layers(torch.cat([torch.cos(x), torch.sin(x), t], dim=1))


x, t = coordinates("x", time="t")
u = unknown("u", x, t)
ring = Box(x=(0, 2 * pi), periodic="x") * Box(t=(0, 1))
problem = Problem(
    on(ring, Eq(u.diff(t), laplacian(u) / 5)),
    on(ring.at(t=0), Eq(u, sin(x) + cos(3 * x) / 2)),
    reference={u: exp(-t / 5) * sin(x) + exp(-9 * t / 5) * cos(3 * x) * Rational(1, 2)},
    name="heat in a ring",
)
torch.manual_seed(0)  # the module makes its own initial weights
solution = solve(problem, Ring(width=24), seconds=SECONDS)

solution.export("own_network.png")

error = solution.error(u)
print(f"relative L2 error: {error:.1e}")
