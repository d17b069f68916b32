"""Walls at the ends of an axis, where fields are known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, final

import numpy as np

from pinr.errors import DeclarationError
from pinr.superresolution.grid_dataset import GridDataset

NEAR = 1.5  # steps: walls further away from the first position belong to another part of the run
AT = 0.05  # steps: a position so near a wall is on it


@final
@dataclass(frozen=True)
class Walls:
    """Two walls across an axis.

    Attributes:
        low: The position of the lower one.
        high: That of the upper one.
        values: What fields are there, below and above; fields that are not named are not known.
    """

    low: float
    high: float
    values: Mapping[str, tuple[float, float]]

    def gaps(self, data: GridDataset, axis: str) -> tuple[float, float] | None:
        """How many steps there are from the walls to the first and the last position, None where none are next to both.

        Raises:
            DeclarationError: Positions lie behind a wall.
        """
        positions, step = data.positions(axis), data.steps[axis]
        if step is None:
            return None
        below, above = (positions[0] - self.low) / step, (self.high - positions[-1]) / step
        if min(below, above) < -AT:
            message = (
                f"The equations have walls at {axis} = {self.low:g} and {self.high:g}, and the data go from {axis} = "
                f"{positions[0]:g} to {positions[-1]:g}. Say where the walls of the data are, for "
                f"`rayleigh_benard` by `plates=({positions[0] - step / 2:g}, {positions[-1] + step / 2:g})`."
            )
            raise DeclarationError(message)
        return (below, above) if AT < min(below, above) <= max(below, above) <= NEAR else None

    def is_in_the_middle(self, data: GridDataset, axis: str) -> bool:
        """Whether the mirror image of the data along the axis lies at the same positions."""
        positions = data.positions(axis)
        return bool(
            np.abs((positions + positions[::-1]) - (self.low + self.high)).max() < 1e-3 * (self.high - self.low)
        )

    def record(self) -> dict[str, Any]:
        """As JSON."""
        return {"low": self.low, "high": self.high, "values": {name: list(pair) for name, pair in self.values.items()}}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """The other way."""
        values = {str(name): (float(below), float(above)) for name, (below, above) in record["values"].items()}
        return cls(float(record["low"]), float(record["high"]), values)
