"""Images: a rectangle that is sampled at its pixels, and what is known there."""

import os
from functools import cached_property
from typing import Any, ClassVar, Self, final

import numpy as np
import xarray
from numpy.typing import NDArray
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.files.read_image import read_image
from pinr.geometry.signal import COLOURS, AbstractSignal, Extent, checked_box, checked_name, name_of
from pinr.language.digest import sha256_of
from pinr.language.gridded import Gridded

Pixels = NDArray[np.float64]

DEPTHS = {"u1": 255.0, "u2": 65535.0, "b1": 1.0}  # the largest value of each kind of pixel


@final
class Image(AbstractSignal):
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

    USUAL: ClassVar[str] = "image"
    WHOLE: ClassVar[Extent] = {"x": (-1, 1), "y": (-1, 1)}
    MOST_POSITIONS: ClassVar[int] = 100_000

    def __init__(self, pixels: Any, *, extent: Extent | None = None, name: str = USUAL) -> None:
        self._fill(pixels, extent, name, None)

    @classmethod
    def read(cls, path: str | os.PathLike[str], *, extent: Extent | None = None, name: str | None = None) -> Self:
        """The image of a file that Pillow opens, such as PNG, JPEG or TIFF.

        Raises:
            FileFormatError: The file cannot be read, or is transparent somewhere.
            GeometryError: The extent is not as said.
        """
        made, file = object.__new__(cls), os.path.basename(path)
        made._fill(read_image(path), extent, name or name_of(file, cls.USUAL), file)
        return made

    def _fill(self, pixels: Any, extent: Extent | None, name: str, file: str | None) -> None:
        checked_name(name, "Image")
        values = in_unit_range(np.asarray(pixels), f"Image({file or name})")
        values.flags.writeable = False
        box = checked_box(extent, self.WHOLE, "Image")
        self._set(box, values.shape, name, sha256_of({"pixels": values}), file, values)

    @property
    def pixels(self) -> Pixels | None:
        """The values as an array, the first row at the top."""
        return self.values

    @cached_property
    def array(self) -> xarray.DataArray:
        """The pixels with named dimensions, the vertical one upwards; of a coloured image also `component`."""
        pixels, (across, up) = self._held(), self.positions
        dims = (self.names[1], self.names[0], "component")[: len(self.shape)]
        return xarray.DataArray(pixels[::-1], coords={self.names[1]: up, self.names[0]: across}, dims=dims)

    @property
    @override
    def channels(self) -> tuple[str, ...]:
        return COLOURS if len(self.shape) == 3 else ()

    @property
    @override
    def counts(self) -> tuple[int, ...]:
        return self.shape[1], self.shape[0]

    @cached_property
    @override
    def grids(self) -> tuple[Gridded, ...]:
        array = self.array
        parts = [array.isel(component=k) for k in range(len(COLOURS))] if self.channels else [array]
        return tuple(Gridded(part, written=f"`{self!r}`") for part in parts)

    @property
    @override
    def _is_sound(self) -> bool:
        return len(self.names) == 2 and (len(self.shape) == 2 or self.shape[2:] == (len(COLOURS),))


def in_unit_range(pixels: NDArray[Any], written: str) -> Pixels:
    """Pixels as numbers in [0, 1].

    Raises:
        GeometryError: The shape is not that of an image, the depth not known, or values are outside.
    """
    is_image = pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] == len(COLOURS))
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
