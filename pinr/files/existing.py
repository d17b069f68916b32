"""Whether there is something to read, and who reads it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pinr.errors import FileFormatError

Reader = TypeVar("Reader")


def require_file(path: Path) -> None:
    """Refuse a path at which there is no file.

    Raises:
        FileFormatError: So it is.
    """
    if not path.is_file():
        message = f"`{path}` cannot be read: there is no such file. Check the path."
        raise FileFormatError(message)


def require_content(path: Path) -> None:
    """Refuse an empty file.

    Raises:
        FileFormatError: So it is.
    """
    if not path.stat().st_size:
        message = f"`{path}` is empty. Copy or write it again."
        raise FileFormatError(message)


def reader_of(path: Path, readers: Mapping[str, Reader], what: str) -> Reader:
    """The reader for the suffix of a file that exists.

    Args:
        path: The file.
        readers: By suffix, in small letters.
        what: What they read, as the subject of a sentence.

    Raises:
        FileFormatError: There is no reader, or no file.
    """
    reader = readers.get(path.suffix.lower())
    if reader is None:
        message = f"`{path}`: {what} are read from {', '.join(readers)}. Convert it to one of them."
        raise FileFormatError(message)
    require_file(path)
    return reader
