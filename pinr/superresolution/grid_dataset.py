"""Fields on grids in space and time, fine and coarse, larger than memory if need be."""

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, final

import numpy as np
import xarray
from numpy.typing import NDArray
from xarray.core import indexing

from pinr.errors import DeclarationError
from pinr.files.open_dataset import open_dataset
from pinr.superresolution.coarse_array import SEEN_AT_ONCE, CoarseArray
from pinr.superresolution.coarsening import Rule, checked_coarsening
from pinr.superresolution.crops import Crops
from pinr.superresolution.periodicity import periods_of, step_of, steps_of
from pinr.superresolution.selection import Ends, selected
from pinr.superresolution.standardisation import Standardisation

Source = str | os.PathLike[str] | xarray.Dataset
SAME_STEP = 1e-4  # relative


@final
class GridDataset:
    """Runs of one kind with their coarse versions.

    The fields stay in their files and are read where they are needed. Coarse values carry the positions that they
    belong to: boxes that are averaged their middles, every n-th value its own.

    Args:
        sources: A file (`.h5`, `.nc`, `.zarr`), an `xarray.Dataset`, or a list of them: what a model is trained on.
        fields: The names of the fields; they have the same axes.
        coarsen: How many fine values make a coarse one, by axis.
        coarsen_by: `"mean"` averages boxes, `"subsample"` takes the first value of each; for all axes or by axis. Where
            nothing is said, space is averaged, and of time every n-th frame is taken.
        select: Which part of each axis, `low ≤ position < high`; None leaves an end open.
        periodic: The names of periodic axes; None asks the file (see `periods_of`).
        axes: The names of the fields' axes, where an HDF5 file does not say them.
        time: The name of the time axis, if there is one. Frames behind the last coarse one are left out.
        standardise: Whether networks see fields of mean 0 and deviation 1; the numbers are those of `sources`.
        noise: The standard deviation of normal errors of coarse values, relative to that of the field.
        seed: Of these errors in `coarsened`.
        in_memory: Bytes; smaller data are read once and kept, and larger coarse ones are computed when they are asked
            for.

    Attributes:
        axes: Time first, then in the order of the file.
        coarsening: The factors and rules.
        periods: The period by periodic axis; an axis of which a part is selected is not periodic.
        steps: The distance of fine positions by axis, None where it changes.

    Raises:
        DeclarationError: An argument is not as said, or sources do not go together.
        FileFormatError: A file cannot be read, or lacks a field.
    """

    def __init__(
        self,
        sources: Source | Sequence[Source],
        *,
        fields: Sequence[str] = ("p", "b", "u", "w"),
        coarsen: Mapping[str, int],
        coarsen_by: Rule | Mapping[str, Rule] | None = None,
        select: Mapping[str, Ends] | None = None,
        periodic: str | Sequence[str] | None = None,
        axes: Sequence[str] | None = None,
        time: str = "t",
        standardise: bool = True,
        noise: float = 0.0,
        seed: int = 0,
        in_memory: int = 1 << 28,
    ) -> None:
        self.fields = (fields,) if isinstance(fields, str) else tuple(fields)
        if not self.fields or len(set(self.fields)) < len(self.fields):
            message = f'`fields={fields!r}`: give names of fields, each once, such as `("u", "w")`.'
            raise DeclarationError(message)
        if not 0 <= noise < np.inf:
            message = f"`noise={noise!r}`: give a number that is 0 or larger, 0.05 for five per cent."
            raise DeclarationError(message)
        self.sources = _listed(sources)
        self.select, self.time, self.noise, self.seed = dict(select or {}), time, noise, seed
        self._periodic, self._said_axes, self._standardise, self._in_memory = periodic, axes, standardise, in_memory
        first = self._opened(self.sources[0])
        self.axes = tuple(str(axis) for axis in first[self.fields[0]].dims)
        self.coarsening = checked_coarsening(coarsen, coarsen_by or {}, self.axes, time)
        self.steps = steps_of(first)
        self._runs = [self._cut(source, self.select) for source in self.sources]
        self.periods = periods_of(self._runs[0])

    @cached_property
    def standardisation(self) -> Standardisation:
        """The mean and deviation of every field in what a model is trained on: the selected part of all sources."""
        return self._measured if self._standardise else Standardisation.none(self.fields)

    @property
    def counts(self) -> dict[str, int]:
        """How many fine positions of each axis are selected; of several runs, in the shortest."""
        return {axis: min(run.sizes[axis] for run in self._runs) for axis in self.axes}

    def positions(self, axis: str) -> NDArray[np.float64]:
        """The fine positions of an axis that are selected; of several runs, in the first."""
        return np.asarray(self._runs[0][axis].values, dtype=np.float64)

    def fine(self, source: Source | None = None, *, select: Mapping[str, Ends] | None = None) -> xarray.Dataset:
        """The fields as they are, in the units of the file; values are read when they are asked for.

        Args:
            source: Another run; None is the one of this dataset.
            select: Other parts of axes than those of this dataset: `select={"t": (41, None)}` for testing.

        Raises:
            DeclarationError: The source is none, or has another grid.
            FileFormatError: The file cannot be read, or lacks a field.
        """
        return self._cut(self._one(source), {**self.select, **(select or {})})

    def coarsened(self, source: Source | None = None, *, select: Mapping[str, Ends] | None = None) -> xarray.Dataset:
        """The coarse fields at their positions, in the units of the file; see `fine`.

        Small ones, by `in_memory`, are computed at once; of larger ones values are computed when they are asked for.
        """
        fine = self.fine(source, select=select)
        rules, factors = self.coarsening.rules, self.coarsening.factors
        places = {axis: self.coarsening.places(fine[axis].values, axis) for axis in self.axes}
        kept = fine.isel({a: slice(None, None, factors[a]) for a in self.axes if rules[a] == "subsample"})
        averaged = checked_coarsening({a: factors[a] for a in self.axes if rules[a] == "mean"}, "mean", self.axes, "")
        variables = {}
        for number, name in enumerate(self.fields):
            deviation = self.noise * self._measured.scale[name] if self.noise else 0.0
            values = CoarseArray(kept[name], averaged, deviation=deviation, seed=(self.seed, number))
            variables[name] = xarray.Variable(self.axes, indexing.LazilyIndexedArray(values), fine[name].attrs)
        coordinates = {axis: (axis, places[axis], fine[axis].attrs) for axis in self.axes}
        found = xarray.Dataset(variables, coordinates, fine.attrs)
        return found.load() if found.nbytes <= self._in_memory else found

    def crops(self, count: int, *, size: Mapping[str, int], generator: np.random.Generator) -> Crops:
        """Pieces of the training data at random places, standardised.

        They begin at any frame and, along periodic axes, at any fine position, beyond the end of which they go on at
        its beginning. Along other axes they begin at a coarse cell, so that walls lie between the same cells as in
        `coarsened`.

        Args:
            count: How many.
            size: Coarse values by axis; axes that are not named are taken whole.
            generator: What draws places and the noise.

        Raises:
            DeclarationError: A number is not positive, there is no such axis, or it is shorter.
        """
        counts = self._checked_size(size, count)
        lengths = {axis: self.coarsening.fine_count(axis, counts[axis]) for axis in self.axes}
        frames = np.array([run.sizes[self.axes[0]] for run in self._held], dtype=np.float64)
        fine, places = [], []
        for which in generator.choice(len(frames), size=count, p=frames / frames.sum()):
            run = self._held[which]
            starts = {axis: self._start(run, axis, lengths[axis], generator) for axis in self.axes}
            fine.append(np.stack([_read(run[name], starts, lengths) for name in self.fields]))
            places.append({axis: self._places(run, axis, starts[axis], lengths[axis]) for axis in self.axes})
        values = np.stack(fine).astype(np.float32, copy=False)
        for column, name in enumerate(self.fields):
            values[:, column] -= np.float32(self.standardisation.mean[name])
            values[:, column] /= np.float32(self.standardisation.scale[name])
        coarse = self.coarsening.values(values, self.axes)
        if self.noise:
            errors = self.noise * generator.standard_normal(coarse.shape)
            for column, name in enumerate(self.fields):
                errors[:, column] *= self._measured.scale[name] / self.standardisation.scale[name]
            coarse = coarse + errors
        fine_places = {axis: np.stack([place[axis] for place in places]) for axis in self.axes}
        coarse_places = {axis: self.coarsening.places(fine_places[axis], axis) for axis in self.axes}
        coarse = coarse.astype(np.float32, copy=False)
        return Crops(self.fields, self.axes, coarse, values, coarse_places, fine_places)

    @cached_property
    def _measured(self) -> Standardisation:
        blocks = ({name: block[name].values for name in self.fields} for run in self._held for block in _blocks(run))
        found = Standardisation.of(blocks, self.fields)
        for name in self.fields:
            if not np.isfinite(found.mean[name]):
                message = f"`{name}` has values that are not finite. Fill them in, or select a part without them."
                raise DeclarationError(message)
        return found

    @cached_property
    def _held(self) -> list[xarray.Dataset]:
        """The runs, in memory if they are small."""
        if sum(run[name].nbytes for run in self._runs for name in self.fields) <= self._in_memory:
            return [run.load() for run in self._runs]
        return self._runs

    def _one(self, source: Source | None) -> Source:
        if source is not None:
            return source
        if len(self.sources) > 1:
            message = f"There are {len(self.sources)} runs. Say which one: its path or its dataset."
            raise DeclarationError(message)
        return self.sources[0]

    def _opened(self, source: Source) -> xarray.Dataset:
        """The fields of a source, time first."""
        if isinstance(source, xarray.Dataset):
            found, written = source, "The dataset"
            for name in self.fields:
                if name not in found.data_vars:
                    message = f"The dataset has no field `{name}`. It has {', '.join(map(str, found.data_vars))}."
                    raise DeclarationError(message)
            found = found[list(self.fields)]
        elif isinstance(source, str | os.PathLike):
            written = f"`{Path(source).name}`"
            found = open_dataset(source, fields=self.fields, axes=self._said_axes)
        else:
            message = f"`{source!r}`: give the path of a file, an xarray.Dataset, or a list of them."
            raise DeclarationError(message)
        axes = found[self.fields[0]].dims
        for name in self.fields:
            if set(found[name].dims) != set(axes):
                message = (
                    f"{written}: `{name}` has the axes {found[name].dims}, `{self.fields[0]}` {axes}. Take one kind."
                )
                raise DeclarationError(message)
        for axis in axes:
            positions = found[axis].values if axis in found.coords else np.empty(0, dtype="U1")
            if positions.dtype.kind not in "fiu" or not np.all(np.diff(positions) > 0):
                message = f"{written}: the axis `{axis}` has no increasing positions. Give numbers as its coordinate."
                raise DeclarationError(message)
        found = found.assign_attrs(periodic=" ".join(periods_of(found, self._periodic)))
        return found.transpose(*sorted(axes, key=lambda axis: axis != self.time))

    def _cut(self, source: Source, select: Mapping[str, Ends]) -> xarray.Dataset:
        """The part of a source that is meant, in whole coarse cells."""
        whole = self._opened(source)
        for axis in self.axes:
            if axis not in whole.dims:
                message = (
                    f"Every run has the axes {', '.join(self.axes)}; this one has {', '.join(map(str, whole.dims))}."
                )
                raise DeclarationError(message)
            step, other = self.steps[axis], step_of(whole[axis].values)
            if step is not None and (other is None or abs(other - step) > SAME_STEP * step):
                message = f"The step of `{axis}` is {step:g} here and {other} in another run. Interpolate one of them."
                raise DeclarationError(message)
        found = selected(whole, select)
        for axis in self.axes:
            found = self._in_whole_cells(found, axis)
        kept = [axis for axis in periods_of(whole) if found.sizes[axis] == whole.sizes[axis]]
        return found.assign_attrs(periodic=" ".join(kept))

    def _in_whole_cells(self, found: xarray.Dataset, axis: str) -> xarray.Dataset:
        count, factor = found.sizes[axis], self.coarsening.factors[axis]
        coarse = self.coarsening.coarse_count(axis, count)
        written = f"`coarsen={{'{axis}': {factor}}}`"
        if not coarse:
            message = f"{written}: only {count} positions of `{axis}` are selected. Select more, or coarsen less."
            raise DeclarationError(message)
        if axis == self.time:
            return found.isel({axis: slice(self.coarsening.fine_count(axis, coarse))})
        if count % factor:
            message = f"{written}: {count} positions of `{axis}` make no whole cells. Take a factor of {count}."
            raise DeclarationError(message)
        if factor > 1 and self.coarsening.rules[axis] == "mean" and self.steps[axis] is None:
            message = f"{written}: averages need even steps, and those of `{axis}` change. Take `'subsample'`."
            raise DeclarationError(message)
        return found

    def _checked_size(self, size: Mapping[str, int], count: int) -> dict[str, int]:
        written = f"`crops({count!r}, size={dict(size)!r})`"
        runs = self._runs
        most = {axis: min(self.coarsening.coarse_count(axis, run.sizes[axis]) for run in runs) for axis in self.axes}
        if count < 1:
            message = f"{written}: give a positive number of crops."
            raise DeclarationError(message)
        for axis, wanted in size.items():
            if axis not in most:
                message = f"{written}: there is no axis `{axis}`. The fields have {', '.join(self.axes)}."
                raise DeclarationError(message)
            if not 1 <= wanted <= most[axis]:
                message = f"{written}: there are {most[axis]} coarse values along `{axis}`. Take 1 to {most[axis]}."
                raise DeclarationError(message)
        return {**most, **size}

    def _start(self, run: xarray.Dataset, axis: str, length: int, generator: np.random.Generator) -> int:
        count = run.sizes[axis]
        if axis in self.periods:
            return int(generator.integers(count))
        if axis == self.time:
            return int(generator.integers(count - length + 1))
        factor = self.coarsening.factors[axis]
        return factor * int(generator.integers((count - length) // factor + 1))

    def _places(self, run: xarray.Dataset, axis: str, start: int, length: int) -> NDArray[np.float64]:
        positions = np.asarray(run[axis].values, dtype=np.float64)
        beyond = positions + self.periods[axis] if axis in self.periods else positions[:0]
        return np.concatenate([positions, beyond])[start : start + length]


def _listed(sources: Source | Sequence[Source]) -> list[Source]:
    listed = [sources] if isinstance(sources, str | os.PathLike | xarray.Dataset) else list(sources)
    if not listed:
        message = "`GridDataset([])`: give a file or a dataset."
        raise DeclarationError(message)
    return listed


def _blocks(run: xarray.Dataset) -> Iterator[xarray.Dataset]:
    """Pieces along the first axis, as large as may be read at once."""
    axis, *others = run.sizes
    size = max(1, SEEN_AT_ONCE // int(np.prod([run.sizes[other] for other in others])))
    for start in range(0, run.sizes[axis], size):
        yield run.isel({axis: slice(start, start + size)})


def _read(values: xarray.DataArray, starts: Mapping[str, int], lengths: Mapping[str, int]) -> NDArray[Any]:
    """A block that may go over the end of periodic axes."""
    for number, axis in enumerate(map(str, values.dims)):
        end, count = starts[axis] + lengths[axis], values.sizes[axis]
        if end > count:
            parts = (slice(starts[axis], count), slice(0, end - count))
            pieces = [values.isel({axis: part}) for part in parts]
            inner, whole = {**starts, axis: 0}, [{**lengths, axis: piece.sizes[axis]} for piece in pieces]
            return np.concatenate([_read(p, inner, w) for p, w in zip(pieces, whole, strict=True)], axis=number)
    return values.isel({axis: slice(starts[axis], starts[axis] + lengths[axis]) for axis in starts}).values
