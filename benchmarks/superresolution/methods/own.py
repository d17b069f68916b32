"""pinr, with nothing chosen."""

from collections.abc import Callable
from pathlib import Path
from typing import final

import xarray
from typing_extensions import override

from benchmarks.superresolution.cases import PRANDTL, RAYLEIGH
from benchmarks.superresolution.method import AbstractUpsampler, Method
from pinr import superresolution
from pinr.superresolution import GridDataset, SuperResolution


@final
class Own(AbstractUpsampler):
    def __init__(self, model: SuperResolution) -> None:
        self.model = model
        self.steps = int(model.notes.get("steps", 0))

    @override
    def __call__(self, coarse: xarray.Dataset, like: xarray.Dataset) -> xarray.Dataset:
        return self.model.upsample(coarse, like=like)

    @override
    def save(self, path: Path) -> None:
        self.model.save(path)


def trained(**settings: float) -> Callable[[GridDataset, float, int], AbstractUpsampler]:
    def train(data: GridDataset, seconds: float, seed: int) -> AbstractUpsampler:
        equations = superresolution.rayleigh_benard(Ra=RAYLEIGH, Pr=PRANDTL)
        return Own(superresolution.fit(data, equations, seconds=seconds, seed=seed, progress=False, **settings))

    return train


def load(path: Path) -> AbstractUpsampler:
    return Own(superresolution.load(path))


OWN = Method("**pinr**", trained(), load)
OWN_WITHOUT = Method("pinr, γ = 0", trained(gamma=0.0), load)
