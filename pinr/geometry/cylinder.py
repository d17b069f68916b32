"""Cylinders."""

from typing import Any

from pinr.errors import GeometryError
from pinr.geometry.ball import Ball
from pinr.geometry.box import Box
from pinr.geometry.family import multiplied
from pinr.geometry.region import AbstractRegion


def Cylinder(*, radius: Any, name: str | None = None, **coordinates: Any) -> AbstractRegion:  # noqa: N802 - reads as a region
    """A ball times an interval: `Cylinder(x=0, y=0, radius=1, z=(0, 2))`, with the parts `side`, `z-`, `z+`.

    It is the product `Ball(x=0, y=0, radius=1, name="side") * Box(z=(0, 2))`, and prints as such.

    Args:
        radius: Distance of the side from the axis.
        name: Prefixes the parts: `pipe.side`, `pipe.z-`, `pipe.z+`.
        coordinates: Numbers for the centre of the cross-section, one pair `(low, high)` along the axis.

    Raises:
        GeometryError: There is no pair or more than one, or no centre.
    """
    along = {n: value for n, value in coordinates.items() if isinstance(value, tuple | list)}
    if len(along) != 1 or len(coordinates) < 2:
        message = (
            f"`Cylinder({', '.join(f'{n}={value}' for n, value in coordinates.items())}, radius={radius})`: give "
            "numbers for the centre and one pair along the axis, `Cylinder(x=0, y=0, radius=1, z=(0, 2))`."
        )
        raise GeometryError(message)
    center = {n: value for n, value in coordinates.items() if n not in along}
    side = Ball(radius=radius, name="side" if name is None else f"{name}.side", **center)
    return multiplied((side, Box(name=name, **along)))
