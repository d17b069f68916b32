"""The axes of a dataset as those of a network."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from pinr.errors import DeclarationError
from pinr.superresolution.equations import Equations
from pinr.superresolution.grid_dataset import GridDataset
from pinr.superresolution.local_grid import GridAxis
from pinr.superresolution.standardisation import Standardisation
from pinr.superresolution.walls import Walls


def grid_axes(data: GridDataset, equations: Equations | None = None) -> tuple[GridAxis, ...]:
    """The axes of a dataset as those of a network, with the walls of which the equations know.

    Raises:
        DeclarationError: The data are not of a kind that networks can see.
    """
    if data.time not in data.axes or data.time in data.periods:
        message = (
            f"The data have the axes {', '.join(data.axes)}, of which `{data.time}` is no time that goes on. Say which "
            'one is: `GridDataset(…, time="time")`.'
        )
        raise DeclarationError(message)
    walls = {} if equations is None else equations.walls
    found = []
    for axis in data.axes:
        step = data.steps[axis]
        if step is None:
            message = f"The steps of `{axis}` change; splines between nodes need even ones. Interpolate the data first."
            raise DeclarationError(message)
        rule, factor = data.coarsening.rules[axis], data.coarsening.factors[axis]
        is_periodic = axis in data.periods
        if axis != data.time and factor > 1 and rule != "mean":
            message = (
                f"Every {factor}-th value of `{axis}` is taken. Networks see averages of boxes in space: take "
                '`coarsen_by="mean"`.'
            )
            raise DeclarationError(message)
        found.append(
            GridAxis(
                axis,
                factor,
                step,
                is_averaged=rule == "mean",
                is_periodic=is_periodic,
                is_invariant=is_periodic or axis == data.time,
                coarse=0 if axis == data.time else data.coarsening.coarse_count(axis, data.counts[axis]),
                walls=walls[axis].gaps(data, axis) if axis in walls and not is_periodic else None,
            )
        )
    return tuple(found)


def ends_of(
    axes: Sequence[GridAxis], walls: Mapping[str, Walls], fields: Sequence[str], standardisation: Standardisation
) -> list[Tensor | None]:
    """Standardised values at the walls of every axis, `(fields, 2)`, NaN where one is not known."""
    found: list[Tensor | None] = []
    for axis in axes:
        if axis.walls is None:
            found.append(None)
            continue
        known = walls[axis.name].values
        pairs = [
            [(value - standardisation.mean[name]) / standardisation.scale[name] for value in known[name]]
            if name in known
            else [float("nan")] * 2
            for name in fields
        ]
        found.append(torch.tensor(pairs, dtype=torch.float64))
    return found
