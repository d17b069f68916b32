"""Signals: a box that is sampled at the points of a regular grid, and what is known there."""

import os
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
import sympy
from numpy.typing import NDArray
from sympy.logic.boolalg import Boolean
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.geometry.bounds import Bounds
from pinr.geometry.box import Box
from pinr.geometry.chart import Chart
from pinr.geometry.face import Face
from pinr.geometry.number import Number
from pinr.geometry.region import AbstractRegion, checked_count, checked_seeds
from pinr.geometry.samples import Mask, Points, Samples
from pinr.geometry.sampling.sampler import AbstractSampler, Seed
from pinr.language.coefficients import coefficient
from pinr.language.coordinates import Coordinate
from pinr.language.grid import AbstractGrid
from pinr.language.operators import Expression, grad, laplacian

Extent = Mapping[str, tuple[Any, Any]]
COLOURS = ("red", "green", "blue")


@dataclass(frozen=True, init=False, repr=False)
class AbstractSignal(AbstractRegion):
    """Values on a regular grid that fills a box, `on(signal, Eq(f, signal.value))`; samples are drawn among its points.

    The outermost points lie on the faces of the box. A kind of signal says how its array lies in the box, and what its
    values are.

    Attributes:
        box: Where it lies.
        shape: That of the array as it was given.
        name: What prints call it.
        digest: The fingerprint of the values.
        file: The name of the file without the folder, or None.
        values: The array, None of a signal that was read from a solution.
    """

    USUAL: ClassVar[str]  # its name if nobody says
    WHOLE: ClassVar[Extent]  # where it lies if nobody says
    MOST_POSITIONS: ClassVar[int] = 10**9  # along an axis of a stored signal

    box: Box
    shape: tuple[int, ...]
    name: str
    digest: str
    file: str | None
    values: Any = field(compare=False)

    @property
    @abstractmethod
    def counts(self) -> tuple[int, ...]:
        """How many positions there are along each coordinate, in the order of `names`."""

    @property
    @abstractmethod
    def grids(self) -> tuple[AbstractGrid, ...]:
        """The values of every channel.

        Raises:
            GeometryError: The signal was read from a solution.
        """

    @property
    def channels(self) -> tuple[str, ...]:
        """What the components of a vector are called; nothing of a scalar."""
        return ()

    @classmethod
    def without_values(cls, box: Box, shape: tuple[int, ...], name: str, digest: str, file: str | None) -> Self:
        """The region alone: of stored signals the values are in the coefficients of the equations.

        Raises:
            GeometryError: There is no such signal.
        """
        made = object.__new__(cls)
        made._set(box, shape, name, digest, file, None)
        if not made._is_sound or not all(2 <= n <= cls.MOST_POSITIONS for n in made.counts):
            message = f"The record of {cls.__name__} {name!r} does not fit together. The file is damaged."
            raise GeometryError(message)
        return made

    @property
    @abstractmethod
    def _is_sound(self) -> bool:
        """Whether the shape of the array goes with the axes of the box."""

    def _set(self, *parts: Any) -> None:
        for key, part in zip(("box", "shape", "name", "digest", "file", "values"), parts, strict=True):
            object.__setattr__(self, key, part)

    @cached_property
    def value(self) -> Expression:
        """The signal as a function of its coordinates: at its own points the values, in between an interpolation."""
        components = [coefficient(name, grid, *self.coordinates) for name, grid in self.data.items()]
        return sympy.ImmutableMatrix(components) if self.channels else components[0]

    @property
    def data(self) -> dict[str, AbstractGrid]:
        """The values by the names that they have in equations: for `Solution.load(path, using=film.data)`."""
        names = [f"{self.name}_{channel}" for channel in self.channels] or [self.name]
        return dict(zip(names, self.grids, strict=True))

    @property
    def gradient(self) -> sympy.ImmutableMatrix:
        """`grad(value)` in space, of a signal without space in time: a vector, of a vector the matrix with its rows."""
        return grad(self.value, *self._differentiated)

    @property
    def laplacian(self) -> Expression:
        """`laplacian(value)`, by the same coordinates."""
        return laplacian(self.value, *self._differentiated)

    @property
    def coordinates(self) -> tuple[Coordinate, ...]:
        """What `value` depends on: `t` and `time` are of the role time, all else of space."""
        return tuple(Coordinate(name, role) for name, role in self.coordinate_roles)

    @property
    def _differentiated(self) -> tuple[Coordinate, ...]:
        return tuple(c for c in self.coordinates if c.role == "space") or self.coordinates

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return self.box.names

    @property
    @override
    def bounds(self) -> Bounds:
        return self.box.bounds

    @cached_property
    @override
    def charts(self) -> tuple[Chart, ...]:
        def place(unit: NDArray[np.float64]) -> Samples:
            chosen = zip(self.names, self.positions, unit.T, strict=True)
            return Samples({name: axis[np.floor(u * len(axis)).astype(np.intp)] for name, axis, u in chosen})

        return (Chart(len(self.names), self.box.measure, place),)

    @cached_property
    def positions(self) -> tuple[NDArray[np.float64], ...]:
        """The positions along every coordinate, increasing."""
        return tuple(np.linspace(*ends, n) for ends, n in zip(self.bounds.values(), self.counts, strict=True))

    @property
    @override
    def population(self) -> int:
        return int(np.prod(self.counts, dtype=object))

    @override
    def sample(self, count: int, *, sampler: AbstractSampler, seed: Seed) -> Samples:
        """Points of the grid spread evenly; each of them once where there are as many as the count."""
        written = f"{self!r}.sample({count!r}, seed={seed!r})"
        if checked_count(count, written) != self.population:
            return super().sample(count, sampler=sampler, seed=seed)
        checked_seeds(seed, written)
        mesh = np.meshgrid(*self.positions, indexing="ij")
        return Samples({name: along.ravel() for name, along in zip(self.names, mesh, strict=True)})

    @override
    def quadrature(self, order: int, *, seed: Seed = 0) -> Samples:
        return self.box.quadrature(order)

    @override
    def encloses(self, points: Points) -> Mask:
        return self.box.encloses(points)

    @override
    def surrounds(self, points: Points) -> Mask:
        return self.box.surrounds(points)

    @override
    def covers(self, bounds: Bounds) -> bool | None:
        return self.box.covers(bounds)

    @override
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        return self.box.faces(space)

    @override
    def membership(self, values: Mapping[str, sympy.Expr]) -> Boolean:
        return self.box.membership(values)

    @override
    def pinned(self, values: Mapping[str, Number]) -> AbstractRegion:
        return self.box.pinned(values)

    @override
    def crosscut(self, values: Mapping[str, Number]) -> AbstractRegion | None:
        return self.box.crosscut(values)

    @override
    def record(self) -> dict[str, Any]:
        return {
            "type": type(self).__name__,
            "box": self.box.record(),
            "shape": list(self.shape),
            "name": self.name,
            "sha256": self.digest,
            "file": self.file,
        }

    @override
    def __repr__(self) -> str:
        kind = type(self).__name__
        pairs = ", ".join(f'"{i.name}": ({i.low}, {i.high})' for i in self.box.intervals)
        extent = "" if self.box == Box(**dict[str, Any](self.WHOLE)) else f", extent={{{pairs}}}"
        usual = self.USUAL if self.file is None else name_of(self.file, self.USUAL)
        name = "" if self.name == usual else f', name="{self.name}"'
        if self.file is not None:
            return f'{kind}.read("{self.file}"{extent}{name})'
        return f"{kind}({'×'.join(map(str, self.shape))}{extent}{name})"

    def _held(self) -> Any:
        """The values, where there are any."""
        if self.values is None:
            message = (
                f"`{self!r}` was read from a solution, whose equations have its values. Read the {self.USUAL} again."
            )
            raise GeometryError(message)
        return self.values


def name_of(file: str, usual: str) -> str:
    """A name for prints and files: that of the file, as far as it has letters and digits."""
    stem = os.path.splitext(os.path.basename(file))[0]
    letters = "".join(letter if letter == "_" or letter.isalnum() else "_" for letter in stem)
    return letters if letters.isidentifier() else f"{usual}_{letters}"


def checked_name(name: Any, kind: str) -> str:
    """A name as a user gives it.

    Raises:
        GeometryError: It cannot stand in prints and files.
    """
    if isinstance(name, str) and name.isidentifier():
        return name
    message = f"`{kind}(…, name={name!r})`: the name must consist of letters, digits and underscores."
    raise GeometryError(message)


def checked_box(extent: Any, usual: Extent, kind: str) -> Box:
    """The box of an extent as a user gives it, with as many coordinates as the usual one.

    Raises:
        GeometryError: It is no mapping of so many coordinates to their ends, or ends are not in order.
    """
    extent = usual if extent is None else extent
    if not isinstance(extent, Mapping) or len(extent) != len(usual):
        example = ", ".join(f"'{name}': (0, {number})" for number, name in enumerate(usual, start=3))
        wanted = {1: "its coordinate", 2: "both coordinates"}.get(len(usual), f"all {len(usual)} coordinates")
        message = f"`{kind}(…, extent={extent!r})`: give {wanted}, as in `extent={{{example}}}`."
        raise GeometryError(message)
    return Box(**dict[str, Any](extent))
