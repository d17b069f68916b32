"""SIREN: a network of sine layers."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, final

import torch
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import override

from pinr.errors import DeclarationError
from pinr.networks.around_sphere import AroundSphere
from pinr.networks.recipe import AbstractRecipe, check_sizes, uniform_

SIGNAL_FREQUENCY = 30.0  # ω₀ of Sitzmann et al. 2020, sec. 3.2, for signals in [−1, 1]


@final
@dataclass(frozen=True)
class Siren(AbstractRecipe):
    """Sine layers `sin(ω₀(W h + b))` and a linear layer at the end.

    Args:
        width: Units of a layer.
        depth: Number of sine layers; the published "256×3" has depth 4.
        omega: ω₀. 30 is for signals in [−1, 1]; None takes what the problem suggests.
        first_omega: ω₀ of the first layer alone; None is `omega`. Sounds of a few seconds want 3000, which is what the
            published interval [−100, 100] comes to: a network sees every coordinate in [−1, 1].
        sphere: For shapes: the network begins nearly as the distance to a sphere of this radius in [−1, 1]ⁿ, negative
            inside, see `AroundSphere`; ½ for a shape that fills most of the box. None begins with waves alone.

    Initialisation as published: first layer U(±1/n), further layers and the last U(±√(6/n)/ω₀),
    biases U(±1/√n). Around a sphere the last layer is a tenth of that.

    Reference: Sitzmann et al., Implicit Neural Representations with Periodic Activation Functions,
    NeurIPS 2020, sec. 3.2; vsitzmann/siren at 4df34ba.
    """

    width: int = 64
    depth: int = 3
    omega: float | None = None
    first_omega: float | None = None
    sphere: float | None = None

    def __post_init__(self) -> None:
        check_sizes(self)
        for name in ("omega", "first_omega", "sphere"):
            frequency = getattr(self, name)
            if frequency is not None and not (math.isfinite(frequency) and frequency > 0):
                message = f"`{self}`: {name} must be positive."
                raise DeclarationError(message)

    @override
    def __repr__(self) -> str:
        further = {"first_omega": self.first_omega, "sphere": self.sphere}
        shown = "".join(f", {name}={value!r}" for name, value in further.items() if value is not None)
        return f"Siren(width={self.width!r}, depth={self.depth!r}, omega={self.omega!r}{shown})"

    @override
    def build(self, inputs: int, outputs: int, *, frequency: float, generator: torch.Generator) -> nn.Module:
        omega = frequency if self.omega is None else self.omega
        first = omega if self.first_omega is None else self.first_omega
        sizes = [inputs, *[self.width] * self.depth]
        layers: list[nn.Module] = [
            SineLayer(a, b, omega, "further", generator) if number else SineLayer(a, b, first, "first", generator)
            for number, (a, b) in enumerate(pairwise(sizes))
        ]
        last = nn.utils.skip_init(nn.Linear, self.width, outputs, dtype=torch.float64)
        uniform_(last.weight, math.sqrt(6 / self.width) / omega, generator)
        uniform_(last.bias, 1 / math.sqrt(self.width), generator)
        waves = nn.Sequential(*layers, last)
        return waves if self.sphere is None else AroundSphere(waves, last, inputs, self.sphere)


@final
class SineLayer(nn.Module):
    """`sin(ω₀(W h + b))`; ω₀ is multiplied into the weights, which are small, not into the points."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        omega: float,
        place: Literal["first", "further"],
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        self.omega = omega
        self.weight = nn.Parameter(torch.empty(outputs, inputs, dtype=torch.float64))
        self.bias = nn.Parameter(torch.empty(outputs, dtype=torch.float64))
        bound = 1 / inputs if place == "first" else math.sqrt(6 / inputs) / omega
        uniform_(self.weight, bound, generator)
        uniform_(self.bias, 1 / math.sqrt(inputs), generator)

    def forward(self, points: Tensor) -> Tensor:
        return torch.sin(functional.linear(points, self.omega * self.weight, self.omega * self.bias))

    def extra_repr(self) -> str:
        outputs, inputs = self.weight.shape
        return f"{inputs} → {outputs}, ω₀ = {self.omega:g}"
