"""What a method is: from data to something that makes fine fields of coarse ones."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import final

import xarray

from pinr.superresolution import GridDataset


class AbstractUpsampler(ABC):
    """Coarse fields in, fine fields out.

    Attributes:
        steps: Of its training; 0 of what is not trained.
    """

    steps: int

    @abstractmethod
    def __call__(self, coarse: xarray.Dataset, like: xarray.Dataset) -> xarray.Dataset:
        """The fields at the positions of `like`, in the units of the coarse ones."""

    @abstractmethod
    def save(self, path: Path) -> None:
        """Write what was trained."""


@final
@dataclass(frozen=True)
class Method:
    """A row of the table.

    Attributes:
        title: What it is called.
        train: From data, seconds and a seed.
        load: From what `save` has written.
        is_trained: Whether the seconds and the seed make a difference.
    """

    title: str
    train: Callable[[GridDataset, float, int], AbstractUpsampler]
    load: Callable[[Path], AbstractUpsampler]
    is_trained: bool = True
