"""A trained network as a model: coarse datasets in, fine ones out."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self, final

import h5py
import numpy as np
import torch
import xarray
from numpy.typing import NDArray
from torch import Tensor

from pinr.errors import DeclarationError, FileFormatError
from pinr.files import atomic_path
from pinr.files.hdf5 import open_hdf5
from pinr.superresolution.local_grid import GridAxis, GridNetwork, LocalImplicitGrid
from pinr.superresolution.spline import PAD, TAPS, taps
from pinr.superresolution.standardisation import Standardisation
from pinr.superresolution.stream import write

Array = NDArray[np.float64]
FORMAT = "pinr super-resolution"
FRAMES = 8  # coarse values along time that are worked on together
SLACK = 1e-6  # of a node: rounding of positions in files


@final
@dataclass(frozen=True, eq=False)
class SuperResolution:
    """Fine fields from coarse ones.

    `model.upsample(coarse)` takes and gives datasets in the units of the data it was trained on; between the nodes
    fields are splines with two continuous derivatives, so that any positions can be asked for.

    Attributes:
        network: What was trained.
        fields: The names of its components.
        standardisation: What it sees of fields.
        notes: What is worth knowing about the training.
    """

    network: GridNetwork
    fields: tuple[str, ...]
    standardisation: Standardisation
    notes: Mapping[str, Any]

    @property
    def axes(self) -> tuple[GridAxis, ...]:
        """The axes of the fields, time first."""
        return self.network.axes

    def upsample(self, coarse: xarray.Dataset, like: xarray.Dataset | None = None) -> xarray.Dataset:
        """The fine fields of a coarse dataset.

        Args:
            coarse: As `GridDataset.coarsened` makes it.
            like: A dataset whose positions are wanted, not beyond the coarse cells by more than a node; None takes the
                nodes.

        Raises:
            DeclarationError: A field or an axis is missing, steps are others than those of the training, or positions
                lie outside.
        """
        positions = self._positions(coarse, like)
        parts = [part for _, part in self.pieces(coarse, like)]
        sizes = tuple(len(positions[axis.name]) for axis in self.axes)
        names = [axis.name for axis in self.axes]
        values = np.concatenate(parts, axis=1) if parts else np.empty((len(self.fields), *sizes), dtype=np.float32)
        variables = {name: (names, values[number]) for number, name in enumerate(self.fields)}
        return xarray.Dataset(variables, {name: positions[name] for name in names}, coarse.attrs)

    def pieces(
        self, coarse: xarray.Dataset, like: xarray.Dataset | None = None
    ) -> Iterator[tuple[Array, NDArray[np.float32]]]:
        """The fine fields, some positions of the first axis after the other: these, and `(fields, *counts)`.

        So trajectories that are larger than memory can be read, made fine and written.
        """
        positions = self._positions(coarse, like)
        places = {a.name: self._nodes(a, coarse, positions[a.name]) for a in self.axes}
        first, *others = self.axes
        count, halo = coarse.sizes[first.name], self._halo
        matrices = [self._matrix(a, places[a.name], coarse.sizes[a.name]) for a in others]
        done = 0
        for start in range(0, count, FRAMES):
            end = min(start + FRAMES, count)
            low, high = max(0, start - halo), min(count, end + halo)
            last = np.inf if end == count else end * first.factor
            own = places[first.name][done:]
            own = own[own < last]
            if not len(own):
                continue
            with torch.no_grad():
                coefficients = self._coefficients(coarse.isel({first.name: slice(low, high)}))[0]
                values = _along(coefficients, 1, self._matrix(first, own - low * first.factor, high - low))
                for k, matrix in enumerate(matrices, start=2):
                    values = _along(values, k, matrix)
            mean, scale = (
                np.array([by[name] for name in self.fields], dtype=np.float32).reshape(-1, *(1,) * len(self.axes))
                for by in (self.standardisation.mean, self.standardisation.scale)
            )
            yield positions[first.name][done : done + len(own)], mean + scale * values.numpy()
            done += len(own)

    def write(self, path: str | os.PathLike[str], coarse: xarray.Dataset, like: xarray.Dataset | None = None) -> None:
        """Write the fine fields of a coarse dataset as they are found, `.h5` or `.xdmf`; see `stream.write`."""
        write(self, path, coarse, like)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model as HDF5; the file appears whole or not at all."""
        record = {
            "network": asdict(self.network.recipe),
            "axes": [asdict(axis) for axis in self.axes],
            "fields": list(self.fields),
            "mean": dict(self.standardisation.mean),
            "scale": dict(self.standardisation.scale),
            "notes": dict(self.notes),
        }
        with atomic_path(path) as temporary, h5py.File(temporary, "w") as file:
            file.attrs["format"] = FORMAT
            file["record"] = json.dumps(record, ensure_ascii=False)
            for name, weight in self.network.state_dict().items():
                file[f"weights/{name}"] = weight.numpy()

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read what `save` has written: data only, no code runs.

        Raises:
            FileFormatError: The file is no such model, or is damaged.
        """
        with open_hdf5(path) as file:
            if file.attrs.get("format") != FORMAT:
                message = f"`{Path(path).name}` is no model of super-resolution. `SuperResolution.save` writes them."
                raise FileFormatError(message)
            try:
                record = json.loads(file["record"].asstr()[()])
                axes = tuple(GridAxis(**axis) for axis in record["axes"])
                fields = tuple(map(str, record["fields"]))
                network = LocalImplicitGrid(**record["network"]).build(axes, len(fields))
                weights = {name: torch.from_numpy(file[f"weights/{name}"][()]) for name in network.state_dict()}
                network.load_state_dict(weights)
                standardisation = Standardisation(record["mean"], record["scale"])
                return cls(network, fields, standardisation, record["notes"])
            except (KeyError, TypeError, ValueError, RuntimeError, DeclarationError) as error:
                message = f"`{Path(path).name}` is damaged ({type(error).__name__}: {error})."
                raise FileFormatError(message) from error

    @property
    def _halo(self) -> int:
        """Coarse values along time that a fine one depends on, in each direction."""
        recipe = self.network.recipe
        return recipe.depth * (2 * recipe.levels - 1) + 3

    def _coefficients(self, coarse: xarray.Dataset) -> Tensor:
        names = [axis.name for axis in self.axes]
        values = [
            (coarse[f].transpose(*names).values - self.standardisation.mean[f]) / self.standardisation.scale[f]
            for f in self.fields
        ]
        result: Tensor = self.network(torch.from_numpy(np.stack(values).astype(np.float32))[None])
        return result

    def _positions(self, coarse: xarray.Dataset, like: xarray.Dataset | None) -> dict[str, Array]:
        """Where fine values are wanted, by axis."""
        self._check(coarse)
        if like is None:
            return {
                a.name: _first_node(a, coarse) + a.spacing * np.arange(a.nodes(coarse.sizes[a.name]), dtype=np.float64)
                for a in self.axes
            }
        for axis in self.axes:
            if axis.name not in like.coords:
                message = f"`like` has no positions of `{axis.name}`. Give a dataset with {self._named_axes}."
                raise DeclarationError(message)
        found = {a.name: np.asarray(like[a.name].values, dtype=np.float64) for a in self.axes}
        first = self.axes[0].name
        if np.any(np.diff(found[first]) <= 0):
            message = f"`like`: the positions of `{first}` do not increase. Sort them."
            raise DeclarationError(message)
        return found

    def _nodes(self, axis: GridAxis, coarse: xarray.Dataset, positions: Array) -> Array:
        """Positions in nodes, those of a periodic axis in its first period."""
        count = axis.nodes(coarse.sizes[axis.name])
        places = (positions - _first_node(axis, coarse)) / axis.spacing
        near = np.rint(places)
        places = np.where(np.abs(places - near) < SLACK, near, places)
        if axis.is_periodic:
            return np.mod(places, count)
        outside = (places < -1) | (places > count)
        if outside.any():
            message = (
                f"`upsample`: {axis.name} = {positions[outside][0]:g} is outside of the coarse data, which reach from "
                f"{_first_node(axis, coarse) - axis.spacing:g} to {_first_node(axis, coarse) + count * axis.spacing:g}."
            )
            raise DeclarationError(message)
        return places

    def _matrix(self, axis: GridAxis, places: Array, coarse: int) -> Tensor:
        """Values at places by coefficients, `(places, nodes and two more at each end)`."""
        count = axis.nodes(coarse)
        own = torch.from_numpy(places)
        nodes = own.floor().clamp(-1, count - 1)
        matrix = torch.zeros(len(places), count + 2 * PAD)
        columns = nodes.long()[:, None] + (PAD - 1) + torch.arange(TAPS)
        return matrix.scatter_(1, columns, taps(own - nodes, 0).float())

    def _check(self, coarse: xarray.Dataset) -> None:
        for name in self.fields:
            if name not in coarse.data_vars:
                message = f"The coarse dataset has no field `{name}`. The model has {', '.join(self.fields)}."
                raise DeclarationError(message)
        for axis in self.axes:
            if axis.name not in coarse.coords:
                message = f"The coarse dataset has no positions of `{axis.name}`. It needs {self._named_axes}."
                raise DeclarationError(message)
            positions = np.asarray(coarse[axis.name].values, dtype=np.float64)
            if axis.coarse and len(positions) != axis.coarse:
                message = (
                    f"The coarse dataset has {len(positions)} positions along `{axis.name}`, and the model was trained "
                    f"with {axis.coarse}. Only time may have others."
                )
                raise DeclarationError(message)
            if not axis.is_periodic and axis.nodes(len(positions)) < TAPS:
                message = (
                    f"The coarse dataset has {len(positions)} positions along `{axis.name}`: too few for a spline."
                )
                raise DeclarationError(message)
            steps, wanted = np.diff(positions), axis.factor * axis.spacing
            if len(steps) and np.abs(steps - wanted).max() > 1e-3 * wanted:
                message = (
                    f"The coarse dataset has steps of {steps[np.abs(steps - wanted).argmax()]:g} along `{axis.name}`, "
                    f"and the model was trained with {wanted:g}."
                )
                raise DeclarationError(message)

    @property
    def _named_axes(self) -> str:
        return ", ".join(axis.name for axis in self.axes)


def _first_node(axis: GridAxis, coarse: xarray.Dataset) -> float:
    """The position of node 0."""
    first = float(coarse[axis.name].values[0])
    return first - (axis.factor - 1) / 2 * axis.spacing if axis.is_averaged else first


def _along(values: Tensor, axis: int, matrix: Tensor) -> Tensor:
    return torch.movedim(torch.movedim(values, axis, -1) @ matrix.t(), -1, axis)
