"""From residuals to one number."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

LOSSES: dict[str, Callable[[Tensor], Tensor]] = {
    "l2": torch.square,
    "l1": torch.abs,
    "huber": lambda r: functional.huber_loss(r, torch.zeros_like(r), reduction="none"),
}


def mean_loss(residuals: Tensor, kind: str, scale: Tensor) -> Tensor:
    """`Σ_k mean_n ρ(r_nk / s_k)`: the mean over the points, the sum over the components."""
    return LOSSES[kind](residuals / scale).mean(dim=0).sum()
