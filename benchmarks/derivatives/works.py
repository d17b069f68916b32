"""What is measured: equations, the network and the points."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from pinr.derivatives.request import Group, MultiIndex, Request
from pinr.networks import Siren

DEPTH, FREQUENCY = 4, 10.0
Channels = Callable[[int, int], Any]
"""Number of the request's channel and component to their values at the points, `(N,)`: a method may find them as they
are asked for, so that nobody pays for derivatives that the equation does not have."""


@dataclass(frozen=True)
class Work:
    """One equation: the derivatives it needs and its residuals, in arithmetic that torch and JAX share."""

    name: str
    outputs: int
    request: Request
    residuals: Callable[[Channels], list[Any]]
    points: int = 4096
    width: int = 128
    dtype: torch.dtype = torch.float32

    @property
    def inputs(self) -> int:
        return self.request.inputs

    @property
    def channels_of_floor(self) -> int:
        """Jets carry k channels; a value or first derivatives and a reverse sweep per component, if that is less."""
        if self.request.order > 2:
            return self.request.size
        swept = 1 if self.request.order == 1 else 1 + self.inputs
        return min(self.request.size, swept + self.outputs)

    def network_and_points(self) -> tuple[nn.Module, Tensor]:
        generator = torch.Generator().manual_seed(0)
        recipe = Siren(self.width, DEPTH, omega=FREQUENCY)
        module = recipe.build(self.inputs, self.outputs, frequency=FREQUENCY, generator=generator)
        points = torch.rand(self.points, self.inputs, generator=generator, dtype=torch.float64) * 2 - 1
        return module.to(self.dtype), points.to(self.dtype)

    def loss(self, channels: Channels) -> Any:
        found = self.residuals(channels)
        return sum((r * r).mean() for r in found) / len(found)


def unit(inputs: int, axis: int, order: int = 1) -> MultiIndex:
    return tuple(order * (axis == other) for other in range(inputs))


def laplacian(inputs: int) -> Group:
    return Group(tuple(unit(inputs, axis, 2) for axis in range(inputs)), (1.0,) * inputs)


def first(channels: Channels) -> list[Any]:
    return [channels(0, 0)]


def eikonal(channels: Channels) -> list[Any]:
    x, y, z = (channels(axis, 0) for axis in range(3))
    return [(x * x + y * y + z * z) ** 0.5 - 1]


def navier_stokes(channels: Channels) -> list[Any]:
    (u, v), (u_x, v_x, p_x), (u_y, v_y, p_y) = ([channels(n, c) for c in range(2 + (n > 0))] for n in range(3))
    return [
        u * u_x + v * u_y + p_x - 0.01 * channels(3, 0),
        u * v_x + v * v_y + p_y - 0.01 * channels(3, 1),
        u_x + v_y,
    ]


def kuramoto_sivashinsky(channels: Channels) -> list[Any]:
    return [channels(2, 0) + channels(0, 0) * channels(1, 0)]


def monge_ampere(channels: Channels) -> list[Any]:
    xx, xy, xz, yy, yz, zz = (channels(number, 0) for number in range(6))
    return [xx * (yy * zz - yz * yz) - xy * (xy * zz - yz * xz) + xz * (xy * yz - yy * xz) - 1]


def poisson(name: str, inputs: int = 2, **others: Any) -> Work:
    return Work(name, 1, Request(inputs, (), (laplacian(inputs),)), first, **others)


WAVE = Group((unit(3, 0, 2), unit(3, 1, 2), unit(3, 2, 2)), (-0.25, -0.25, 1.0))
SECOND = ((2, 0, 0), (1, 1, 0), (1, 0, 1), (0, 2, 0), (0, 1, 1), (0, 0, 2))
REST = Group(((4, 0), (2, 0), (0, 1)), (1.0, 1.0, 1.0))
WORKS = {
    work.name: work
    for work in (
        poisson("Poisson 2-D"),
        Work("eikonal 3-D", 1, Request(3, tuple(unit(3, axis) for axis in range(3))), eikonal),
        Work("wave 2-D", 1, Request(3, (), (WAVE,)), first),
        Work("Navier–Stokes 2-D", 3, Request(2, ((0, 0), (1, 0), (0, 1)), (laplacian(2),)), navier_stokes),
        Work("Kuramoto–Sivashinsky", 1, Request(2, ((0, 0), (1, 0)), (REST,)), kuramoto_sivashinsky),
        Work("Monge–Ampère 3-D", 1, Request(3, SECOND), monge_ampere),
        poisson("Poisson 10-D", 10),
        poisson("Poisson 100-D, 512 points", 100, points=512),
        poisson("Poisson 2-D, width 256", width=256),
        poisson("Poisson 2-D, float64", dtype=torch.float64),
    )
}
