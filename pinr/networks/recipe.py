"""A recipe: what a user says about a network before its inputs and outputs are known."""

import math
from abc import ABC, abstractmethod
from dataclasses import asdict, fields
from typing import Any

import torch
from torch import nn

from pinr.errors import DeclarationError


class AbstractRecipe(ABC):
    """A network without its sizes; frozen, and stored as its name with its fields."""

    @abstractmethod
    def build(self, inputs: int, outputs: int, *, frequency: float, generator: torch.Generator) -> nn.Module:
        """The network for so many inputs in [−1, 1] and so many outputs of size about 1.

        Args:
            inputs: Number of coordinates.
            outputs: Number of components.
            frequency: First-layer frequency that the problem suggests, used where the recipe leaves it open.
            generator: Source of the random initial weights.
        """

    def record(self) -> dict[str, Any]:
        """The recipe as plain data."""
        return {"recipe": type(self).__name__, **asdict(self)}  # type: ignore[call-overload]


def check_sizes(recipe: Any) -> None:
    """Refuse widths, depths and numbers of features below 1."""
    for field in fields(recipe):
        value = getattr(recipe, field.name)
        if field.name in ("width", "depth", "features") and (not isinstance(value, int) or value < 1):
            message = f"`{recipe}`: the {field.name} must be a whole number of at least 1."
            raise DeclarationError(message)


def check_positive(recipe: Any, name: str) -> None:
    """Refuse a number that is not positive and finite."""
    value = getattr(recipe, name)
    if not (isinstance(value, int | float) and math.isfinite(value) and value > 0):
        message = f"`{recipe}`: the {name} must be positive."
        raise DeclarationError(message)


def uniform_(tensor: torch.Tensor, bound: float, generator: torch.Generator) -> None:
    """Fill with U(−bound, bound)."""
    with torch.no_grad():
        tensor.uniform_(-bound, bound, generator=generator)
