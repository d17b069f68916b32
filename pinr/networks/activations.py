"""Activations: the elementwise functions that recipes name."""

from collections.abc import Callable
from typing import Any, Literal, final, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional

from pinr.errors import DeclarationError

Activation = Literal["tanh", "gelu", "softplus", "silu", "sigmoid", "sin"]
"""Smooth functions only: a PDE of order p needs p + 1 derivatives."""

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "gelu": functional.gelu,
    "softplus": functional.softplus,
    "silu": functional.silu,
    "sigmoid": torch.sigmoid,
    "sin": torch.sin,
}


@final
class Elementwise(nn.Module):
    """An activation by name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def forward(self, values: Tensor) -> Tensor:
        return ACTIVATIONS[self.name](values)

    def extra_repr(self) -> str:
        return self.name


def check_activation(recipe: Any) -> None:
    """Refuse activations that are not in the table."""
    if recipe.activation not in get_args(Activation):
        message = f"`{recipe}`: the activation must be one of {', '.join(get_args(Activation))}."
        raise DeclarationError(message)
