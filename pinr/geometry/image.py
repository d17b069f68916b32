"""Images: a rectangle that is sampled at its pixels, and what is known there."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self, final

import numpy as np
import sympy
import xarray
from numpy.typing import NDArray
from sympy.logic.boolalg import Boolean
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.files.read_image import read_image
from pinr.geometry.bounds import Bounds
from pinr.geometry.box import Box
from pinr.geometry.chart import Chart
from pinr.geometry.face import Face
from pinr.geometry.number import Number
from pinr.geometry.region import AbstractRegion
from pinr.geometry.samples import Mask, Points, Samples
from pinr.geometry.sampling.sampler import Seed
from pinr.language.coefficients import coefficient
from pinr.language.coordinates import Coordinate
from pinr.language.digest import sha256_of
from pinr.language.operators import Expression, grad, laplacian

Pixels = NDArray[np.float64]
Extent = Mapping[str, tuple[Any, Any]]

WHOLE: Extent = {"x": (-1, 1), "y": (-1, 1)}
CHANNELS = ("red", "green", "blue")
DEPTHS = {"u1": 255.0, "u2": 65535.0, "b1": 1.0}  # the largest value of each kind of pixel


@final
@dataclass(frozen=True, init=False, repr=False)
class Image(AbstractRegion):
    """An image on a rectangle, `on(image, Eq(grad(g), image.gradient))`; samples are drawn among its pixels.

    The outermost pixels lie on the edges, the first row at the top. `value` is the cubic spline through all pixels,
    in [0, 1]: a scalar if the image is gray, a vector (red, green, blue) if it is coloured. `gradient` and `laplacian`
    are its derivatives.

    Args:
        pixels: `(rows, columns)` or `(rows, columns, 3)`: 8 or 16 bits, truth values, or floats in [0, 1].
        extent: Where it lies, the horizontal coordinate first: `{"x": (0, 4), "y": (0, 3)}`.
        name: What prints call it.

    Raises:
        GeometryError: The array or the extent is not as said.
    """

    box: Box
    shape: tuple[int, ...]
    name: str
    digest: str
    file: str | None
    pixels: Pixels | None = field(compare=False)

    def __init__(self, pixels: Any, *, extent: Extent | None = None, name: str = "image") -> None:
        self._fill(pixels, extent, name, None)

    @classmethod
    def read(cls, path: str | os.PathLike[str], *, extent: Extent | None = None, name: str | None = None) -> Self:
        """The image of a file that Pillow opens, such as PNG, JPEG or TIFF.

        Raises:
            FileFormatError: The file cannot be read, or is transparent somewhere.
            GeometryError: The extent is not as said.
        """
        made = object.__new__(cls)
        made._fill(read_image(path), extent, name or _name_of(os.path.basename(path)), os.path.basename(path))
        return made

    @classmethod
    def without_pixels(cls, box: Box, shape: tuple[int, ...], name: str, digest: str, file: str | None) -> Self:
        """The region alone: of stored images the values are in the coefficients of the equations."""
        made = object.__new__(cls)
        made._set(box, shape, name, digest, file, None)
        return made

    def _fill(self, pixels: Any, extent: Extent | None, name: str, file: str | None) -> None:
        if not isinstance(name, str) or not name.isidentifier():
            message = f"`Image(…, name={name!r})`: the name must consist of letters, digits and underscores."
            raise GeometryError(message)
        values = _in_unit_range(np.asarray(pixels), f"Image({file or name})")
        values.flags.writeable = False
        self._set(_box(extent or WHOLE), values.shape, name, sha256_of({"pixels": values}), file, values)

    def _set(self, *parts: Any) -> None:
        for key, part in zip(("box", "shape", "name", "digest", "file", "pixels"), parts, strict=True):
            object.__setattr__(self, key, part)

    @cached_property
    def array(self) -> xarray.DataArray:
        """The pixels with named dimensions, the vertical one upwards; of a coloured image also `component`."""
        if self.pixels is None:
            message = f"`{self!r}` was read from a solution, whose equations have its values. Read the image again."
            raise GeometryError(message)
        across, up = self._axes
        dims = (self.names[1], self.names[0], "component")[: len(self.shape)]
        return xarray.DataArray(self.pixels[::-1], coords={self.names[1]: up, self.names[0]: across}, dims=dims)

    @cached_property
    def value(self) -> Expression:
        """The image as a function of its coordinates: the cubic spline through its pixels."""
        along = tuple(Coordinate(name) for name in self.names)
        if len(self.shape) == 2:
            return coefficient(self.name, self.array, *along)
        channels = [self.array.isel(component=k) for k in range(len(CHANNELS))]
        return sympy.ImmutableMatrix(
            [coefficient(f"{self.name}_{c}", channel, *along) for c, channel in zip(CHANNELS, channels, strict=True)]
        )

    @property
    def gradient(self) -> sympy.ImmutableMatrix:
        """`grad(image.value)`: a vector, of a coloured image the matrix with a row per channel."""
        return grad(self.value, *map(Coordinate, self.names))

    @property
    def laplacian(self) -> Expression:
        """`laplacian(image.value)`."""
        return laplacian(self.value, *map(Coordinate, self.names))

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
            chosen = zip(self.names, self._axes, unit.T, strict=True)
            return Samples({name: axis[np.floor(u * len(axis)).astype(np.intp)] for name, axis, u in chosen})

        return (Chart(2, self.box.measure, place),)

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
            "type": "Image",
            "box": self.box.record(),
            "shape": list(self.shape),
            "name": self.name,
            "sha256": self.digest,
            "file": self.file,
        }

    @override
    def __repr__(self) -> str:
        pairs = ", ".join(f'"{i.name}": ({i.low}, {i.high})' for i in self.box.intervals)
        extent = "" if self.box == _box(WHOLE) else f", extent={{{pairs}}}"
        usual = "image" if self.file is None else _name_of(self.file)
        name = "" if self.name == usual else f', name="{self.name}"'
        if self.file is not None:
            return f'Image.read("{self.file}"{extent}{name})'
        return f"Image({'×'.join(map(str, self.shape))}{extent}{name})"

    @property
    def _axes(self) -> tuple[Pixels, Pixels]:
        """The positions of the columns, and of the rows from below."""
        (left, right), (low, high) = self.bounds.values()
        return np.linspace(left, right, self.shape[1]), np.linspace(low, high, self.shape[0])


def _name_of(file: str) -> str:
    """A name for prints and files: that of the file, as far as it has letters and digits."""
    stem = "".join(letter if letter == "_" or letter.isalnum() else "_" for letter in os.path.splitext(file)[0])
    return stem if stem.isidentifier() else f"image_{stem}"


def _box(extent: Extent) -> Box:
    if not isinstance(extent, Mapping) or len(extent) != 2:
        message = f"`Image(…, extent={extent!r})`: give both coordinates, as in `extent={{'x': (0, 4), 'y': (0, 3)}}`."
        raise GeometryError(message)
    return Box(**dict[str, Any](extent))


def _in_unit_range(pixels: NDArray[Any], written: str) -> Pixels:
    is_image = pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] == len(CHANNELS))
    if not is_image or min(pixels.shape[:2]) < 2:
        message = (
            f"`{written}` has the shape {pixels.shape}. An image is (rows, columns) or (rows, columns, 3), "
            "of at least 2 × 2 pixels."
        )
        raise GeometryError(message)
    largest = DEPTHS.get(pixels.dtype.str[1:], None if pixels.dtype.kind != "f" else 1.0)
    if largest is None:
        message = (
            f"`{written}` has pixels of type {pixels.dtype}, whose largest value is not known. "
            "Divide by it, so that they are floats in [0, 1]."
        )
        raise GeometryError(message)
    values = pixels.astype(np.float64) / largest
    if not ((values >= 0) & (values <= 1)).all():
        message = (
            f"`{written}` has values outside [0, 1], or none. Scale them; for data that are no image there is "
            "`coefficient(name, array, x, y, extent=…)`."
        )
        raise GeometryError(message)
    return values
