"""Named parameters as one flat vector and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import final

import torch
from torch import Tensor


@final
@dataclass(frozen=True)
class Layout:
    """Where each named tensor lies in the vector."""

    shapes: tuple[tuple[str, tuple[int, ...]], ...]

    @staticmethod
    def of(parameters: Mapping[str, Tensor]) -> "Layout":
        return Layout(tuple((name, tuple(value.shape)) for name, value in parameters.items()))

    def flatten(self, parameters: Mapping[str, Tensor]) -> Tensor:
        """The tensors one after the other, `(P,)`."""
        return torch.cat([parameters[name].detach().reshape(-1) for name, _ in self.shapes])

    def unflatten(self, vector: Tensor) -> dict[str, Tensor]:
        """Views of the vector by name, differentiable in it."""
        parts = vector.split([prod(shape) for _, shape in self.shapes])
        return {name: part.reshape(shape) for (name, shape), part in zip(self.shapes, parts, strict=True)}
