"""A trained network as a model: coarse datasets in, fine ones out."""

import json
import math
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self, final

import h5py
import numpy as np
import torch
import xarray
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from pinr.errors import DeclarationError, FileFormatError
from pinr.files import atomic_path
from pinr.files.hdf5 import open_hdf5
from pinr.superresolution.grid_axes import ends_of
from pinr.superresolution.local_grid import GridAxis
from pinr.superresolution.recipes import Network, recipe_from_record, recipe_record
from pinr.superresolution.records import read_refinement, write_refinement
from pinr.superresolution.refinement import Refinement
from pinr.superresolution.spline import LEAST_NODES, Axis, along, at_points, with_walls
from pinr.superresolution.standardisation import Standardisation
from pinr.superresolution.stream import write
from pinr.superresolution.walls import Walls
from pinr.training.progress import AbstractProgress, Silent, progress_for

Array = NDArray[np.float64]
FORMAT = "pinr super-resolution"
FRAMES = 12  # coarse values along time that are worked on together
OVERLAP = 2  # and how many more on each side are refined with them
SEEN = 16  # nodes on each side of a place that its spline sees: those beyond count less than 1e-5
REFINE = 100  # steps
SAID_AFTER = 10.0  # seconds
SLACK = 1e-6  # of a node: rounding of positions in files


@final
@dataclass(frozen=True, eq=False)
class SuperResolution:
    """Fine fields from coarse ones.

    `model.upsample(coarse)` takes and gives datasets in the units of the data it was trained on; between the nodes
    fields are splines with four continuous derivatives, so that any positions can be asked for.

    Attributes:
        network: What was trained.
        fields: The names of its components.
        standardisation: What it sees of fields.
        notes: What is worth knowing about the training.
        walls: By axis, where fields are known.
        refinement: What makes fields obey the equations of the training; None without equations.
    """

    network: Network
    fields: tuple[str, ...]
    standardisation: Standardisation
    notes: Mapping[str, Any]
    walls: Mapping[str, Walls] = field(default_factory=dict)
    refinement: Refinement | None = None

    @property
    def axes(self) -> tuple[GridAxis, ...]:
        """The axes of the fields, time first."""
        return self.network.axes

    def upsample(
        self,
        coarse: xarray.Dataset,
        like: xarray.Dataset | None = None,
        *,
        refine: int = REFINE,
        progress: AbstractProgress | bool = True,
    ) -> xarray.Dataset:
        """The fine fields of a coarse dataset.

        Args:
            coarse: As `GridDataset.coarsened` makes it.
            like: A dataset whose positions are wanted, not beyond the coarse cells by more than a node; None takes the
                nodes.
            refine: Steps in which the fields of the network are brought to obey the equations of the training, which
                takes most of the time; 0 takes those of the network.
            progress: Whether to say how far it is when that takes long, or how.

        Raises:
            DeclarationError: A field or an axis is missing, steps are others than those of the training, or positions
                lie outside.
        """
        positions = self._positions(coarse, like)
        shown = progress if isinstance(progress, AbstractProgress) else progress_for() if progress else Silent()
        parts, done, began = [], 0, time.perf_counter()
        first = self.axes[0].name
        with shown:
            for own, part in self.pieces(coarse, like, refine=refine):
                parts.append(part)
                done += len(own)
                if time.perf_counter() - began > SAID_AFTER:
                    shown.say(f"{done} of {len(positions[first])} positions of {first}")
        sizes = tuple(len(positions[axis.name]) for axis in self.axes)
        names = [axis.name for axis in self.axes]
        values = np.concatenate(parts, axis=1) if parts else np.empty((len(self.fields), *sizes), dtype=np.float32)
        variables = {name: (names, values[number]) for number, name in enumerate(self.fields)}
        return xarray.Dataset(variables, {name: positions[name] for name in names}, coarse.attrs)

    def pieces(
        self, coarse: xarray.Dataset, like: xarray.Dataset | None = None, *, refine: int = REFINE
    ) -> Iterator[tuple[Array, NDArray[np.float32]]]:
        """The fine fields, some positions of the first axis after the other: these, and `(fields, *counts)`.

        So trajectories that are larger than memory can be read, made fine and written.
        """
        positions = self._positions(coarse, like)
        places = {a.name: self._nodes(a, coarse, positions[a.name]) for a in self.axes}
        first, *others = self.axes
        done = 0
        for piece in self._worked_on(coarse, refine, places[first.name]):
            own = places[first.name][done:]
            own = own[own < piece.last]
            values = piece.values
            for number, axis in enumerate(piece.axes):
                where = own - piece.origin if number == 0 else places[others[number - 1].name]
                values = along(values, 2 + number, axis.matrix(where))
            yield positions[first.name][done : done + len(own)], self._in_units(values[0].numpy())
            done += len(own)

    def write(
        self,
        path: str | os.PathLike[str],
        coarse: xarray.Dataset,
        like: xarray.Dataset | None = None,
        *,
        refine: int = REFINE,
    ) -> None:
        """Write the fine fields of a coarse dataset as they are found, `.h5` or `.xdmf`; see `stream.write`."""
        write(self, path, coarse, like, refine=refine)

    def at(
        self,
        coarse: xarray.Dataset,
        points: Mapping[str, ArrayLike],
        derivative: Mapping[str, int] | None = None,
        *,
        refine: int = REFINE,
    ) -> dict[str, Array]:
        """The fine fields, or a derivative of them, at single points.

        `model.at(coarse, {"t": 20.1, "z": [0.2, 0.5], "x": 1.0}, derivative={"x": 1})["b"]` are two slopes.

        Args:
            coarse: As `GridDataset.coarsened` makes it.
            points: Positions by axis, in arrays that broadcast.
            derivative: Orders by axis, at most four along each; None is the value.
            refine: See `upsample`.

        Returns:
            Values by field, in the shape of the points.

        Raises:
            DeclarationError: An axis is missing or unknown, or points lie outside.
        """
        self._check(coarse)
        orders = dict(derivative or {})
        for what, names in (("points", set(points)), ("derivative", set(orders))):
            known = {axis.name for axis in self.axes}
            if names - known or (what == "points" and known - names):
                message = (
                    f"`{what}` are about {', '.join(sorted(names)) or 'no axis'}; the axes are {self._named_axes}."
                )
                raise DeclarationError(message)
        given = np.broadcast_arrays(*(np.asarray(points[a.name], dtype=np.float64) for a in self.axes))
        places = np.stack([self._nodes(a, coarse, g.ravel()) for a, g in zip(self.axes, given, strict=True)], axis=1)
        index = tuple(orders.get(axis.name, 0) for axis in self.axes)
        found = np.full((len(self.fields), len(places)), np.nan)
        for piece in self._worked_on(coarse, refine, places[:, 0]):
            rows = np.flatnonzero((places[:, 0] >= piece.first) & (places[:, 0] < piece.last))
            own = places[rows] - np.array([piece.origin, *(0.0 for _ in self.axes[1:])])
            found[:, rows] = at_points(piece.values[0].double().numpy(), piece.axes, own, index).T
        values = self._in_units(found, is_value=not any(index))
        return {name: values[number].reshape(given[0].shape) for number, name in enumerate(self.fields)}

    def _worked_on(self, coarse: xarray.Dataset, refine: int, wanted: Array) -> Iterator["_Piece"]:
        """The values at the nodes, some coarse values of the first axis after the other, where there are wanted places.

        Args:
            coarse: What is made fine.
            refine: See `upsample`.
            wanted: Places along the first axis, in nodes.
        """
        if not (isinstance(refine, int) and refine >= 0):
            message = f"`refine={refine!r}`: give a number of steps, 0 for none."
            raise DeclarationError(message)
        first = self.axes[0]
        count = coarse.sizes[first.name]
        around = OVERLAP if self.refinement is not None and refine else math.ceil(SEEN / first.factor)
        for start in range(0, count, FRAMES):
            end = min(start + FRAMES, count)
            begin = -np.inf if start == 0 else start * first.factor
            last = np.inf if end == count else end * first.factor
            if not np.any((wanted >= begin) & (wanted < last)):
                continue
            halo = around + self.network.reach
            inner, outer = ((max(0, start - beyond), min(count, end + beyond)) for beyond in (around, halo))
            part = coarse.isel({first.name: slice(*outer)})
            with torch.no_grad():
                values = self.network(self._standardised(part), (inner[0] - outer[0], inner[1] - outer[0]))
            axes = [a.spline_axis(inner[1] - inner[0] if a is first else part.sizes[a.name]) for a in self.axes]
            if self.refinement is not None and refine:
                values = self.refinement.refined(values, axes, refine)
            yield _Piece(with_walls(values, axes, self._ends), axes, inner[0] * first.factor, begin, last)

    @property
    def _ends(self) -> list[Tensor | None]:
        return ends_of(self.axes, self.walls, self.fields, self.standardisation)

    def _in_units(self, values: NDArray[Any], *, is_value: bool = True) -> NDArray[Any]:
        """Fields as those of the data, `(fields, …)`; derivatives have no mean."""
        mean, scale = (
            np.array([by[name] for name in self.fields], dtype=values.dtype).reshape(-1, *(1,) * (values.ndim - 1))
            for by in (self.standardisation.mean, self.standardisation.scale)
        )
        return is_value * mean + scale * values

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model as HDF5; the file appears whole or not at all."""
        record = {
            "network": recipe_record(self.network.recipe),
            "axes": [asdict(axis) for axis in self.axes],
            "fields": list(self.fields),
            "mean": dict(self.standardisation.mean),
            "scale": dict(self.standardisation.scale),
            "walls": {axis: walls.record() for axis, walls in self.walls.items()},
            "notes": dict(self.notes),
        }
        with atomic_path(path) as temporary, h5py.File(temporary, "w") as file:
            file.attrs["format"] = FORMAT
            if self.refinement is not None:
                record["refinement"] = write_refinement(file, self.refinement)
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
                axes = tuple(_axis_of(axis) for axis in record["axes"])
                walls = {axis: Walls.from_record(own) for axis, own in record["walls"].items()}
                fields = tuple(map(str, record["fields"]))
                network = recipe_from_record(record["network"]).build(axes, len(fields))
                weights = {name: torch.as_tensor(file[f"weights/{name}"][()]) for name in network.state_dict()}
                network.load_state_dict(weights)
                standardisation = Standardisation(record["mean"], record["scale"])
                refinement = None
                if "refinement" in record:
                    refinement = read_refinement(file, record["refinement"], axes, fields, standardisation)
                return cls(network, fields, standardisation, record["notes"], walls, refinement)
            except (KeyError, TypeError, ValueError, RuntimeError, DeclarationError) as error:
                message = f"`{Path(path).name}` is damaged ({type(error).__name__}: {error})."
                raise FileFormatError(message) from error

    def _standardised(self, coarse: xarray.Dataset) -> Tensor:
        names = [axis.name for axis in self.axes]
        values = [
            (coarse[f].transpose(*names).values - self.standardisation.mean[f]) / self.standardisation.scale[f]
            for f in self.fields
        ]
        return torch.from_numpy(np.stack(values).astype(np.float32))[None]

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
        below, above = axis.walls or (1.0, 1.0)
        outside = (places < -below - SLACK) | (places > count - 1 + above + SLACK)
        if outside.any():
            message = (
                f"`upsample`: {axis.name} = {positions[outside][0]:g} is outside of the coarse data, which reach from "
                f"{_first_node(axis, coarse) - below * axis.spacing:g} to "
                f"{_first_node(axis, coarse) + (count - 1 + above) * axis.spacing:g}."
            )
            raise DeclarationError(message)
        return places

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
            if not axis.is_periodic and axis.nodes(len(positions)) < LEAST_NODES:
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


def _axis_of(record: Mapping[str, Any]) -> GridAxis:
    walls = record["walls"]
    return GridAxis(**{**record, "walls": None if walls is None else tuple(walls)})


@dataclass(frozen=True)
class _Piece:
    """Values at the nodes of a part of a run.

    Attributes:
        values: And at walls, `(1, fields, *known)`.
        axes: Its nodes.
        origin: The number of its first node.
        first: Places from this node on belong to it; −∞ for the first piece.
        last: Places from this node on belong to the next piece; ∞ for the last one.
    """

    values: Tensor
    axes: Sequence[Axis]
    origin: int
    first: float
    last: float
