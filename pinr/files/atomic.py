"""Files that appear whole or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pinr.errors import FileFormatError


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A temporary sibling of `path` that replaces it when the block ends, and is removed when the block fails.

    A reader sees the old file or the new one, never half of one. The sibling keeps the suffix of `path`.
    """
    path = Path(path)
    _check_target(path)
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        message = f"`{path}` cannot be written: {error.strerror or error}. Free the path, or choose another one."
        raise FileFormatError(message) from error
    finally:
        temporary.unlink(missing_ok=True)


def _check_target(path: Path) -> None:
    folder = path.parent
    if not folder.is_dir():
        message = f"`{path}` cannot be written: the folder `{folder}` does not exist. Create it first."
        raise FileFormatError(message)
    if path.is_dir():
        message = f"`{path}` cannot be written: it is a folder. Add the name of a file."
        raise FileFormatError(message)
    if not os.access(folder, os.W_OK):
        message = f"`{path}` cannot be written: no permission for the folder `{folder}`. Choose another folder."
        raise FileFormatError(message)
