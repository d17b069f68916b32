"""STL files: triangles without common vertices, in text or binary."""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pinr.errors import FileFormatError

HEADER, ROW = 84, 50  # bytes
TRIANGLE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


class Stl(NamedTuple):
    """Corners `(F, 3, 3)` of the triangles, and the name of the solid of each."""

    corners: NDArray[np.float64]
    groups: list[str]


def read_stl(path: Path) -> Stl:
    """The triangles of an STL file; its normals, which repeat the order of the corners, are not used.

    Raises:
        FileFormatError: It is neither text nor binary STL, or incomplete.
    """
    content = path.read_bytes()
    count = int.from_bytes(content[HEADER - 4 : HEADER], "little") if len(content) >= HEADER else -1
    if count >= 0 and len(content) == HEADER + ROW * count:
        table = np.frombuffer(content, TRIANGLE, count, HEADER)
        with np.errstate(invalid="ignore"):  # what signals that it is no number is found by those who use it
            return Stl(table["corners"].astype(np.float64), [""] * count)
    if not content.lstrip().startswith(b"solid"):
        announced = f"announces {count} triangles, {HEADER + ROW * count} bytes" if count >= 0 else "has no header"
        message = (
            f"`{path}` {announced}, but has {len(content)} bytes, and is no text that begins with `solid`. It is "
            "incomplete, or no STL file: copy or write it again."
        )
        raise FileFormatError(message)
    return _text(path, content.decode("utf-8", errors="replace"))


def _text(path: Path, content: str) -> Stl:
    corners: list[list[float]] = []
    groups: list[str] = []
    name, is_open, number, line = "", False, 0, ""
    try:
        for number, line in enumerate(content.splitlines(), start=1):  # noqa: B007 (for the error)
            words = line.split()
            if not words:
                continue
            if words[0] == "vertex":
                corners.append([float(word) for word in words[1:]])
                if len(words) != 4:
                    raise ValueError(line)
            elif words[0] == "endfacet":
                groups.append(name)
                if len(corners) != 3 * len(groups):
                    raise ValueError(line)
            elif words[0] in ("solid", "endsolid"):
                name, is_open = " ".join(words[1:]), words[0] == "solid"
            elif not re.fullmatch(r"facet|outer|endloop", words[0]):
                raise ValueError(line)
    except ValueError as error:
        message = (
            f"`{path}`, line {number}: {line.strip()[:80]!r} does not belong into a triangle of an STL file. Every "
            "`facet` has three lines `vertex x y z`. Write it again."
        )
        raise FileFormatError(message) from error
    if is_open or len(corners) != 3 * len(groups):
        message = f"`{path}` ends after {len(groups)} triangles without `endsolid`. It is incomplete: write it again."
        raise FileFormatError(message)
    return Stl(np.array(corners, dtype=np.float64).reshape(-1, 3, 3), groups)
