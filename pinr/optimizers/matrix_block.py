"""Where the matrix of a layer lies in the flat vector of all parameters."""

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from pinr.optimizers.vector import Vector


@final
@dataclass(frozen=True)
class MatrixBlock:
    """A weight `W`, row by row, with the bias `b` of its rows after it, if there is one: together the matrix `[W b]`.

    Attributes:
        start: index of the first entry.
        rows: rows of `W`.
        columns: columns of `W`.
        has_bias: whether `b` follows.
    """

    start: int
    rows: int
    columns: int
    has_bias: bool

    @property
    def stop(self) -> int:
        """Index after the last entry."""
        return self.start + self.rows * (self.columns + self.has_bias)

    def matrix(self, vector: Vector) -> Tensor:
        """`[W b]`, `(rows, columns + 1)`, or `W`."""
        part = vector[self.start : self.stop]
        if not self.has_bias:
            return part.view(self.rows, self.columns)
        split = self.rows * self.columns
        return torch.cat([part[:split].view(self.rows, self.columns), part[split:, None]], dim=1)

    def write(self, matrix: Tensor, vector: Vector) -> None:
        """Put the entries of `[W b]` where they belong in the vector."""
        part = vector[self.start : self.stop]
        split = self.rows * self.columns
        part[:split].view(self.rows, self.columns).copy_(matrix[:, : self.columns])
        if self.has_bias:
            part[split:] = matrix[:, self.columns]
