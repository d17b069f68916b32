"""Films as arrays of bytes."""

import os
import tempfile
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from pinr.errors import FileFormatError
from pinr.files.existing import require_file

# Said to the decoder: it would also open lists that name other files and addresses.
FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "matroska", ".avi": "avi"}
IN_MEMORY = 1 << 28  # bytes; longer films are decoded to a temporary file and mapped into memory


def read_video(
    path: str | os.PathLike[str], *, frames: tuple[int, int] | None = None, in_memory: int = IN_MEMORY
) -> NDArray[np.uint8]:
    """The pixels of a film, `(frames, rows, columns, 3)`, red, green and blue; needs `pip install 'pinr[video]'`.

    They are decoded once, frame by frame, to bytes: into memory, or where that would take more than `in_memory`, into a
    temporary file without a name, which is gone with the array.

    Args:
        path: The file.
        frames: The first frame, counted from 0, and the one after the last; None takes all.
        in_memory: Bytes.

    Raises:
        FileFormatError: The file cannot be read, has no film in it, or ends early.
        ImportError: PyAV is not installed.
    """
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        message = f"`{path}`: films are read from {', '.join(FORMATS)}. Convert it, or give pixels, `Video(pixels)`."
        raise FileFormatError(message)
    require_file(path)
    if frames is not None and not (len(frames) == 2 and 0 <= frames[0] < frames[1]):
        message = f"`frames={frames!r}`: give the first frame and the one after the last, such as `frames=(0, 100)`."
        raise FileFormatError(message)
    try:
        import av
    except ImportError as error:
        message = "Films need PyAV: `pip install 'pinr[video]'`."
        raise ImportError(message) from error
    with tempfile.TemporaryFile() as file:
        try:
            with av.open(str(path), format=FORMATS[path.suffix.lower()]) as container:
                count, rows, columns = _decoded(container, file, path, frames or (0, np.iinfo(np.int64).max))
        except (av.error.FFmpegError, ValueError, EOFError) as error:
            if isinstance(error, FileFormatError):
                raise
            message = f"`{path}` cannot be read as a film: {error}. It may be incomplete or of another format."
            raise FileFormatError(message) from error
        shape = (count, rows, columns, 3)
        file.seek(0)
        if count * rows * columns * 3 <= in_memory:
            return np.fromfile(file, dtype=np.uint8).reshape(shape)
        return np.memmap(file, dtype=np.uint8, mode="r", shape=shape)  # type: ignore[call-overload,no-any-return]


def _decoded(container: Any, file: IO[bytes], path: Path, frames: tuple[int, int]) -> tuple[int, int, int]:
    """Write the frames one after the other; give their number and size."""
    if not container.streams.video:
        message = f"`{path}` has no film in it. Give a file with a video stream."
        raise FileFormatError(message)
    stream, size, count, number = container.streams.video[0], None, 0, 0
    for number, frame in enumerate(container.decode(stream), start=1):
        if number <= frames[0]:
            continue
        pixels = frame.to_ndarray(format="rgb24")
        size = size or pixels.shape[:2]
        if pixels.shape[:2] != size:
            message = f"`{path}` changes its size at frame {number - 1}. Cut it there, with `frames=(0, {number - 1})`."
            raise FileFormatError(message)
        file.write(np.ascontiguousarray(pixels).tobytes())
        count += 1
        if number >= frames[1]:
            break
    wanted = min(frames[1], stream.frames or number)
    if size is None or number < wanted:
        held = f"{stream.frames} are announced" if stream.frames else "the film has no more"
        message = f"`{path}` ends after {number} frames; {held}. It is incomplete, or `frames=` asks for too many."
        raise FileFormatError(message)
    file.flush()
    return count, *size
