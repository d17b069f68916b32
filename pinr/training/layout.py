"""Named parameters as one flat vector and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from math import prod
from typing import final

import torch
from torch import Tensor

from pinr.optimizers import MatrixBlock


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

    @cached_property
    def blocks(self) -> tuple[MatrixBlock, ...]:
        """The matrices: weights `(rows, columns)`, each with the vector of as many rows in the same layer after it."""
        starts = accumulate((prod(shape) for _, shape in self.shapes), initial=0)
        followers = (*self.shapes[1:], ("", ()))
        return tuple(
            MatrixBlock(start, *shape, has_bias=_layer(following) == _layer(name) and beside == shape[:1])
            for (name, shape), (following, beside), start in zip(self.shapes, followers, starts, strict=False)
            if len(shape) == 2
        )


def _layer(name: str) -> str:
    """`"u.network.0"` of `"u.network.0.weight"`."""
    return name.rpartition(".")[0]
