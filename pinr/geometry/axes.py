"""Names for the columns of positions."""

from collections.abc import Sequence
from typing import Any

from pinr.errors import GeometryError

AXES = ("x", "y", "z")

Coordinates = str | Sequence[Any] | None


def axis_names(coordinates: Coordinates, dimension: int, written: str) -> tuple[str, ...]:
    """The names of as many coordinates, `x y z` if none are given.

    Args:
        coordinates: Names or coordinates in a sequence, or in one text between blanks.
        dimension: How many columns there are.
        written: What the user wrote, for errors.

    Raises:
        GeometryError: They are not as many different names.
    """
    if coordinates is None:
        return AXES[:dimension]
    names = tuple(map(str, coordinates.split() if isinstance(coordinates, str) else coordinates))
    if len(names) != dimension or len(set(names)) < dimension or not all(name.isidentifier() for name in names):
        message = (
            f"`{written}`: the coordinates {', '.join(names)} do not name its {dimension} columns. Write for example "
            f"`coordinates={AXES[:dimension]}`."
        )
        raise GeometryError(message)
    return names
