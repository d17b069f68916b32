"""`--grid 256x256` and `--at t=0.5` as the axes of a grid."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pinr.cli.settings import read_pairs
from pinr.errors import DeclarationError

if TYPE_CHECKING:
    from pinr.language.coordinates import Coordinate


def fixed_coordinates(pairs: Sequence[str]) -> dict[str, float]:
    """The values of `--at`, by name.

    Raises:
        DeclarationError: One is no number.
    """
    found = {}
    for name, text in read_pairs("--at", pairs).items():
        try:
            found[name] = float(text)
        except ValueError as error:
            message = f"`--at {name}={text}`: {text!r} is no number. Write for example `--at {name}=0.5`."
            raise DeclarationError(message) from error
    return found


def grid_counts(text: str, coordinates: Sequence["Coordinate"], fixed: Mapping[str, float]) -> dict[str, int]:
    """Counts by name: one for all of space, one for each coordinate of space, or one for each coordinate that is free.

    Raises:
        DeclarationError: It is no list of counts, or one of another length.
    """
    try:
        counts = [int(part) for part in text.lower().replace("×", "x").split("x")]
    except ValueError as error:
        message = f"`--grid {text}`: write numbers of points, for example `--grid 256x256`."
        raise DeclarationError(message) from error
    free = [c.name for c in coordinates if c.name not in fixed]
    space = [c.name for c in coordinates if c.name in free and c.role == "space"]
    if len(counts) == 1:
        return dict.fromkeys(space, counts[0])
    for names in (free, space):
        if len(counts) == len(names):
            return dict(zip(names, counts, strict=True))
    message = f"`--grid {text}` has {len(counts)} numbers; the free coordinates are {', '.join(free)}."
    raise DeclarationError(message)
