"""From residuals to one number."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

SMALLEST = 1e-8  # of a scaled residual under `l1`, whose factor would be infinite at 0

LOSSES: dict[str, Callable[[Tensor], Tensor]] = {
    "l2": torch.square,
    "l1": torch.abs,
    "huber": lambda r: functional.huber_loss(r, torch.zeros_like(r), reduction="none"),
}


FACTORS: dict[str, Callable[[Tensor], Tensor]] = {
    "l2": torch.ones_like,
    "l1": lambda r: (2 * r.abs().clamp_min(SMALLEST)).rsqrt(),
    "huber": lambda r: (2 * r.abs().clamp_min(1.0)).rsqrt(),
}
"""Factors `f` with which squares have the slope of the loss, `f² = ρ'(r) / 2r`: iteratively reweighted squares."""


def row_factors(residuals: Tensor, kind: str) -> Tensor:
    """What to multiply scaled residuals by, so that least squares descend along the loss."""
    return FACTORS[kind](residuals)


def point_losses(residuals: Tensor, kind: str, scale: Tensor) -> Tensor:
    """`Σ_k ρ(r_nk / s_k)` of every point, `(N,)`."""
    return LOSSES[kind](residuals / scale).sum(dim=1)


def mean_loss(residuals: Tensor, kind: str, scale: Tensor, factors: Tensor | None = None) -> Tensor:
    """`mean_n f_n Σ_k ρ(r_nk / s_k)`: the mean over the points, the sum over the components.

    The factors `(N,)` say how much each point counts; without them all count the same.
    """
    if factors is None:
        return LOSSES[kind](residuals / scale).mean(dim=0).sum()
    return (factors[:, None] * LOSSES[kind](residuals / scale)).mean(dim=0).sum()
