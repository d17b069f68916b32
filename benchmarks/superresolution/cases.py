"""What is trained on, and what is tested: the columns of the table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

import xarray

from pinr.superresolution import GridDataset

FIELDS = ("p", "b", "u", "w")
RAYLEIGH, PRANDTL = 1e6, 1.0
BEGUN = 18.0  # convection has begun in all of these runs
SPLIT = 41.0  # what is before trains, what is after tests
QUARTER = 23.75  # 23 of 92 frames
EIGHT = {"t": 4, "z": 8, "x": 8}
OTHER_DRAW = 1  # seed of the noise of what is tested; the noise of crops is drawn with them


@final
@dataclass(frozen=True)
class Case:
    """A training.

    Attributes:
        name: What it is called.
        coarsen: Fine values to a coarse one, by axis.
        until: The end of the frames that train.
        noise: Of coarse values, by the standard deviation of the field, in training and test.
    """

    name: str
    coarsen: Mapping[str, int] = field(default_factory=lambda: dict(EIGHT))
    until: float = SPLIT
    noise: float = 0.0

    def data(self, run: Path) -> GridDataset:
        """What trains."""
        return self._dataset(run, (BEGUN, self.until))

    def test(self, source: Path | xarray.Dataset, times: tuple[float | None, float | None]) -> GridDataset:
        """What is tested; noise is as large as that of the training, and other."""
        return self._dataset(source, times)

    def _dataset(self, source: Path | xarray.Dataset, times: tuple[float | None, float | None]) -> GridDataset:
        return GridDataset(
            source, fields=FIELDS, coarsen=self.coarsen, select={"t": times}, noise=self.noise, seed=OTHER_DRAW
        )


CASES = {
    case.name: case
    for case in (
        Case("standard"),
        Case("x4x4x4", coarsen={"t": 4, "z": 4, "x": 4}),
        Case("noise", noise=0.05),
        Case("quarter", until=QUARTER),
    )
}

TESTS = ("same", "other", "between")
