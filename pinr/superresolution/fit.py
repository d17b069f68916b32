"""Training a network that makes fine fields of coarse ones, under equations."""

import math
import time
from collections.abc import Collection, Sequence
from typing import final

import numpy as np
import torch
from torch import Tensor

from pinr.derivatives.request import MultiIndex
from pinr.errors import DeclarationError, TrainingError
from pinr.superresolution.equation_rows import EquationRows
from pinr.superresolution.equations import Equations
from pinr.superresolution.grid_dataset import GridDataset
from pinr.superresolution.local_grid import GridAxis, GridNetwork, LocalImplicitGrid
from pinr.superresolution.model import SuperResolution
from pinr.superresolution.spline import Axis, Lattice, interpolating, on_lattice, padded
from pinr.training.progress import AbstractProgress, Silent, duration, progress_for

SECONDS = 1200.0
BATCH = 4
FRAMES = 5  # coarse values along time in a crop
RATE, LEAST_RATE, WARM_UP, DECAY = 2e-3, 1e-5, 100, 1e-3
EVERY = 10.0  # seconds between lines of progress
GAMMA = 0.05  # weight of the equations
STEP = 2  # nodes from one point of the equations to the next: they ask for smoothness, not for every node


@final
class Fit:
    """Steps of a training: crops, their values at nodes, and residuals between them."""

    def __init__(
        self,
        data: GridDataset,
        equations: Equations | None,
        network: LocalImplicitGrid,
        *,
        gamma: float = GAMMA,
        batch: int = BATCH,
        seed: int = 0,
    ) -> None:
        self.data, self.batch, self.gamma = data, batch, gamma
        self.axes = grid_axes(data)
        self.network: GridNetwork = network.build(self.axes, len(data.fields), seed)
        self.generator = np.random.default_rng(seed)
        mirrors = {} if equations is None else equations.mirrors
        self.mirrors = {axis: odd for axis, odd in mirrors.items() if axis in data.periods}
        self.rows = None
        if equations is not None and gamma > 0:
            self.rows = EquationRows(equations, data.standardisation, data.fields, data.axes)
            self.sizes = self._sizes()

    def loss(self) -> tuple[Tensor, dict[str, float]]:
        """The loss on fresh crops."""
        size = {self.data.axes[0]: FRAMES}
        crops = self.data.crops(self.batch, size=size, generator=self.generator)
        coarse, fine = self._mirrored(torch.from_numpy(crops.coarse), torch.from_numpy(crops.fine))
        coefficients = self.network(coarse)
        axes = [axis.spline_axis(n) for axis, n in zip(self.axes, coarse.shape[2:], strict=True)]
        whole = Lattice((0.0,) * len(axes), (1,) * len(axes), tuple(a.count for a in axes))
        value = (0,) * len(axes)
        data_loss = (on_lattice(coefficients, axes, whole, [value])[value] - fine).abs().mean()
        parts = {"data": float(data_loss.detach())}
        if self.rows is None:
            return data_loss, parts
        total = data_loss
        one = int(self.generator.integers(self.batch))  # of the crops: its many points tell what those of all would
        for name, residual in self._residuals(coefficients[one : one + 1], axes).items():
            part = (residual / self.sizes[name]).abs().mean()
            parts[name] = float(part.detach())
            total = total + self.gamma * self.rows.equations.weights[name] * part
        return total, parts

    def _mirrored(self, coarse: Tensor, fine: Tensor) -> tuple[Tensor, Tensor]:
        """Half of the crops as their mirror images, along periodic axes of which the equations allow it."""
        for axis, odd in self.mirrors.items():
            place = 2 + self.data.axes.index(axis)
            signs = torch.tensor([-1.0 if name in odd else 1.0 for name in self.data.fields])
            shifts = torch.tensor(
                [self.data.standardisation.mean[n] / self.data.standardisation.scale[n] for n in self.data.fields]
            )
            shape = (-1, *(1,) * len(self.axes))
            signs, shifts = signs.reshape(shape), ((signs - 1) * shifts).reshape(shape)
            is_mirrored = torch.from_numpy(self.generator.random(len(coarse)) < 0.5).reshape(
                -1, 1, *(1,) * len(self.axes)
            )
            coarse, fine = (
                torch.where(is_mirrored, signs * values.flip(place) + shifts.to(values), values)
                for values in (coarse, fine)
            )
        return coarse, fine

    def _residuals(self, coefficients: Tensor, axes: list[Axis]) -> dict[str, Tensor]:
        assert self.rows is not None
        return self.rows.residuals(derivatives_at(coefficients, axes, self._lattice(axes), self.rows.indices))

    def _lattice(self, axes: list[Axis]) -> Lattice:
        """Points at random between the nodes."""
        starts = [float(self.generator.uniform(0, STEP)) for _ in axes]
        counts = []
        for start, axis in zip(starts, axes, strict=True):
            last = axis.count if axis.is_periodic else axis.count - 1
            counts.append(math.ceil((last - start) / STEP))
        return Lattice(tuple(starts), (STEP,) * len(axes), tuple(counts))

    def _sizes(self) -> dict[str, float]:
        """Of the terms of the equations, on the fine fields themselves."""
        assert self.rows is not None
        crops = self.data.crops(4, size={self.data.axes[0]: FRAMES}, generator=np.random.default_rng(0))
        fine = torch.from_numpy(crops.fine).double()
        axes = [axis.spline_axis(n) for axis, n in zip(self.axes, crops.coarse.shape[2:], strict=True)]
        lattice = Lattice((0.5,) * len(axes), (1,) * len(axes), tuple(a.count - 1 for a in axes))
        coefficients = padded(interpolating(fine, axes), axes)
        sizes = self.rows.sizes(derivatives_at(coefficients, axes, lattice, self.rows.indices))
        for name, size in sizes.items():
            if not (size > 0 and math.isfinite(size)):
                message = (
                    f"The equation `{name}` has terms of the size {size:g} in the data. Leave it out, or mend the data."
                )
                raise DeclarationError(message)
        return sizes


def derivatives_at(
    coefficients: Tensor, axes: Sequence[Axis], lattice: Lattice, indices: Collection[MultiIndex]
) -> dict[MultiIndex, Tensor]:
    """Derivatives of splines on a lattice, all of its points in one row, `(N, fields)` by multi-index."""
    found = on_lattice(coefficients, axes, lattice, indices)
    return {index: values.movedim(1, -1).reshape(-1, values.shape[1]) for index, values in found.items()}


def grid_axes(data: GridDataset) -> tuple[GridAxis, ...]:
    """The axes of a dataset as those of a network."""
    if data.time not in data.axes or data.time in data.periods:
        message = (
            f"The data have the axes {', '.join(data.axes)}, of which `{data.time}` is no time that goes on. Say which "
            'one is: `GridDataset(…, time="time")`.'
        )
        raise DeclarationError(message)
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
                rule == "mean",
                is_periodic,
                is_periodic or axis == data.time,
                0 if axis == data.time else data.coarsening.coarse_count(axis, data.counts[axis]),
            )
        )
    return tuple(found)


def fit(
    data: GridDataset,
    equations: Equations | None = None,
    *,
    seconds: float = SECONDS,
    network: LocalImplicitGrid | None = None,
    gamma: float = GAMMA,
    batch: int = BATCH,
    seed: int = 0,
    progress: AbstractProgress | bool = True,
) -> SuperResolution:
    """Train a network that makes the fine fields of a dataset from its coarse ones.

    The loss is the mean absolute error of standardised fields at the nodes, and `gamma` times that of the equations
    at points between them, each divided by the size of its largest term.

    Args:
        data: What to learn from.
        equations: What fine fields obey; None trains on values alone.
        seconds: Time for training.
        network: The network; None is `LocalImplicitGrid()`.
        gamma: Weight of the equations, beside which each has its own.
        batch: Crops of a step.
        seed: Of weights and crops.
        progress: Whether to show progress, or how.

    Raises:
        DeclarationError: An argument is not as said, or the data are not of a kind that a network can see.
        TrainingError: The loss is not finite.
    """
    if not (isinstance(seconds, int | float) and 0 < seconds < math.inf):
        message = f"`fit(…, seconds={seconds!r})`: the time must be positive."
        raise DeclarationError(message)
    if not 0 <= gamma < math.inf:
        message = f"`fit(…, gamma={gamma!r})`: the weight of the equations is a number that is 0 or larger."
        raise DeclarationError(message)
    shown = progress if isinstance(progress, AbstractProgress) else progress_for() if progress else Silent()
    own = Fit(data, equations, network or LocalImplicitGrid(), gamma=gamma, batch=batch, seed=seed)
    with shown:
        steps = _train(own, seconds, shown)
    notes = {"seconds": seconds, "steps": steps, "gamma": gamma, "seed": seed, "equations": list(equations or ())}
    return SuperResolution(own.network, data.fields, data.standardisation, notes)


def _train(own: Fit, seconds: float, progress: AbstractProgress) -> int:
    """AdamW with a rate that decays to nothing at the end of the time."""
    optimizer = torch.optim.AdamW(own.network.parameters(), lr=RATE, weight_decay=DECAY)
    began, steps, last = time.perf_counter(), 0, -math.inf
    while (spent := time.perf_counter() - began) < seconds:
        rate = RATE * min(1.0, (steps + 1) / WARM_UP) * math.sqrt(1 - spent / seconds) + LEAST_RATE
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss, parts = own.loss()
        if not torch.isfinite(loss):
            shown = ", ".join(f"{name} {value:.2e}" for name, value in parts.items())
            message = f"The loss is not finite at step {steps} ({shown}). Look for values in the data that are not."
            raise TrainingError(message)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        steps += 1
        if spent - last >= EVERY:
            last = spent
            shown = ", ".join(f"{name} {value:.2e}" for name, value in parts.items())
            progress.say(f"step {steps:,}, {duration(spent)}, {duration(seconds - spent)} left, {shown}")
    return steps
