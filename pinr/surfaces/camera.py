"""A camera around a box."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin, tan
from typing import final

import numpy as np

from pinr.errors import GeometryError
from pinr.surfaces.lattice import Array

FRAME = 1.05  # the sphere around the box fills the picture but for a margin


@final
@dataclass(frozen=True)
class Camera:
    """A pinhole camera that looks at the middle of a box from outside.

    Args:
        azimuth: In degrees, counterclockwise from the first axis as seen from above.
        elevation: In degrees above the plane of the first two axes.
        opening: Of the shorter side of the picture, in degrees.
        size: Width and height in pixels.
    """

    azimuth: float = 30.0
    elevation: float = 25.0
    opening: float = 35.0
    size: tuple[int, int] = (512, 512)

    def __post_init__(self) -> None:
        is_size = len(self.size) == 2 and all(isinstance(n, int) and 1 <= n <= 2**14 for n in self.size)
        if not is_size or not 0 < self.opening < 180 or not -90 <= self.elevation <= 90:
            message = (
                f"`{self}`: the size is (width, height) in whole pixels, the elevation lies between −90 and 90 "
                "degrees, the opening between 0 and 180."
            )
            raise GeometryError(message)

    def rays(self, low: Sequence[float], high: Sequence[float]) -> tuple[Array, Array]:
        """The origin `(3,)` and the directions `(height · width, 3)` of length 1, row by row from above.

        Args:
            low: The lowest corner of the box that fills the picture.
            high: Its highest corner.
        """
        middle = (np.array(low) + high) / 2
        radius = float(np.linalg.norm(np.subtract(high, low)) / 2)
        a, e = self.azimuth * pi / 180, self.elevation * pi / 180
        backward = np.array([cos(e) * cos(a), cos(e) * sin(a), sin(e)])
        right = np.array([-sin(a), cos(a), 0.0])
        up = np.cross(backward, right)
        half = tan(self.opening * pi / 360)
        origin = middle + backward * radius * FRAME / sin(self.opening * pi / 360)
        width, height = self.size
        across = (2 * np.arange(width) + 1 - width) / min(self.size) * half
        upward = (height - 1 - 2 * np.arange(height)) / min(self.size) * half
        directions = across[None, :, None] * right + upward[:, None, None] * up - backward
        directions /= np.linalg.norm(directions, axis=2, keepdims=True)
        return origin, directions.reshape(-1, 3)
