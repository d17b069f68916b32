"""Mirror images of data that are solutions as they are."""

from collections.abc import Sequence

import torch
from torch import Tensor

from pinr.superresolution.equations import Equations
from pinr.superresolution.grid_dataset import GridDataset


def mirrors_of(data: GridDataset, equations: Equations) -> dict[str, tuple[str, ...]]:
    """Along which axes mirror images of the data are solutions on the same grid, and what changes its sign."""
    return {
        axis: odd
        for axis, odd in equations.mirrors.items()
        if axis in data.periods or (axis in equations.walls and equations.walls[axis].is_in_the_middle(data, axis))
    }


def reflection(data: GridDataset, odd: Sequence[str], axes: int) -> tuple[Tensor, Tensor]:
    """What standardised fields are multiplied with, and what is added, so that odd fields change their sign."""
    mean, scale = data.standardisation.mean, data.standardisation.scale
    shape = (-1, *(1,) * axes)
    signs = torch.tensor([-1.0 if name in odd else 1.0 for name in data.fields])
    shifts = (signs - 1) * torch.tensor([mean[name] / scale[name] for name in data.fields])
    return signs.reshape(shape), shifts.reshape(shape)
