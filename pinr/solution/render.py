"""Pictures of learned shapes."""

from typing import TYPE_CHECKING, Any

import PIL.Image

from pinr.errors import DeclarationError
from pinr.solution.shape import shape_from
from pinr.surfaces import Camera, Lattice, picture
from pinr.surfaces.picture import COLOR

if TYPE_CHECKING:
    from pinr.solution.solution import Solution


def render(
    solution: "Solution",
    written: Any,
    *,
    camera: Camera,
    resolution: int = 128,
    color: tuple[float, float, float] = COLOR,
    shadows: bool = False,
) -> PIL.Image.Image:
    """A shaded picture of where an expression is negative, by rays that follow the networks themselves.

    Args:
        solution: What has learned the shape.
        written: An expression that is negative inside, a condition, or a learned region; None is the only unknown.
        camera: From where, and how large.
        resolution: Of the smallest features, in cells along the longest side of the box.
        color: Red, green and blue, 0 … 1.
        shadows: Whether the shape throws shadows on itself.

    Raises:
        DeclarationError: What is written says no shape, or one in the plane.
    """
    shape = shape_from(solution, written)
    if len(shape.names) != 3:
        message = f"`render({shape!r})`: pictures are of shapes in space. In the plane write `solution.plot(…)`."
        raise DeclarationError(message)
    low, high = zip(*shape.box.bounds.values(), strict=True)
    lattice = Lattice.over(low, high, resolution)
    frame = tuple(zip(*shape.bounds.values(), strict=True))
    image = picture(
        shape.level.values,
        shape.level.gradient,
        lattice,
        camera,
        color=color,
        shadows=shadows,
        frame=(frame[0], frame[1]),
    )
    return PIL.Image.fromarray(image)
