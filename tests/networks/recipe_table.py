"""Every recipe: small ones to test, with the number of weights that theory gives."""

from collections.abc import Callable

import torch
from torch import nn

from pinr.networks import MLP, AbstractRecipe, FourierFeatures, ModifiedMLP, PirateNet, ResidualMLP, Siren

Count = Callable[[int, int], int]
"""Weights for so many inputs and outputs."""


def dense(inputs: int, outputs: int) -> int:
    return inputs * outputs + outputs


def factorized(inputs: int, outputs: int) -> int:
    return inputs * outputs + 2 * outputs


RECIPES: dict[str, tuple[AbstractRecipe, Count]] = {
    "Siren": (Siren(width=16, depth=3), lambda i, o: dense(i, 16) + 2 * dense(16, 16) + dense(16, o)),
    "Siren, one layer": (Siren(width=16, depth=1, omega=5), lambda i, o: dense(i, 16) + dense(16, o)),
    "Siren, around a sphere": (
        Siren(width=16, depth=2, omega=5, sphere=0.5),
        lambda i, o: dense(i, 16) + dense(16, 16) + dense(16, o),
    ),
    "MLP": (MLP(width=16, depth=3), lambda i, o: dense(i, 16) + 2 * dense(16, 16) + dense(16, o)),
    "MLP, gelu": (MLP(width=16, depth=1, activation="gelu"), lambda i, o: dense(i, 16) + dense(16, o)),
    "FourierFeatures": (
        FourierFeatures(width=16, depth=2, features=12, scale=1.0),
        lambda i, o: dense(24, 16) + dense(16, 16) + dense(16, o),
    ),
    "FourierFeatures, silu": (
        FourierFeatures(width=16, depth=1, features=12, scale=0.5, activation="silu"),
        lambda i, o: dense(24, 16) + dense(16, o),
    ),
    "ResidualMLP": (ResidualMLP(width=16, depth=2), lambda i, o: dense(i, 16) + 4 * dense(16, 16) + dense(16, o)),
    "ResidualMLP, deep": (
        ResidualMLP(width=16, depth=12, activation="sin"),
        lambda i, o: dense(i, 16) + 24 * dense(16, 16) + dense(16, o),
    ),
    "ModifiedMLP": (
        ModifiedMLP(width=16, depth=3),
        lambda i, o: 3 * dense(i, 16) + 2 * dense(16, 16) + dense(16, o),
    ),
    "PirateNet": (
        PirateNet(width=16, depth=2),
        lambda i, o: (2 + 2 * 3) * factorized(16, 16) + 2 + factorized(16, o),
    ),
    "PirateNet, plain": (
        PirateNet(width=16, depth=1, factorized=False, activation="softplus"),
        lambda i, o: (2 + 3) * dense(16, 16) + 1 + dense(16, o),
    ),
}


def built(name: str, inputs: int, outputs: int, *, seed: int = 0) -> nn.Module:
    generator = torch.Generator().manual_seed(seed)
    return RECIPES[name][0].build(inputs, outputs, frequency=4.0, generator=generator)


def shaken(module: nn.Module) -> nn.Module:
    """A little away from the start, where factors that begin at 0 would hide mistakes."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in module.parameters():
            weight.add_(0.1 * torch.randn(weight.shape, generator=generator, dtype=weight.dtype))
    return module
