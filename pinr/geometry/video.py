"""Films: a box in space and time that is sampled at its pixels."""

import hashlib
import os
from functools import cached_property
from typing import Any, ClassVar, Self, final

import numpy as np
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.files.read_video import read_video
from pinr.geometry.signal import COLOURS, AbstractSignal, Extent, checked_box, checked_name, name_of
from pinr.language.stored_grid import StoredGrid

LARGEST = {"u1": 255.0, "u2": 65535.0}


@final
class Video(AbstractSignal):
    """A film, `on(video, Eq(v, video.value))`; samples are drawn among the pixels of its frames.

    The outermost pixels lie on the edges, the first row at the top, the first frame at the beginning. The pixels stay
    bytes, in memory or in a temporary file, and become numbers in [0, 1] where samples are drawn. `value` is a
    scalar if the film is gray, a vector (red, green, blue) if it is coloured; between pixels, and for derivatives, it
    is a local polynomial of degree 4. `gradient` and `laplacian` are those in space. The coordinate `t` has the
    role time.

    Args:
        pixels: `(frames, rows, columns)` or `(frames, rows, columns, 3)` of 8 or 16 bits; perhaps memory-mapped.
        extent: Where it lies, horizontal, vertical, time: `{"x": (0, 4), "y": (0, 3), "t": (0, 10)}`.
        name: What prints call it.

    Raises:
        GeometryError: The array or the extent is not as said.
    """

    USUAL: ClassVar[str] = "video"
    WHOLE: ClassVar[Extent] = {"x": (-1, 1), "y": (-1, 1), "t": (-1, 1)}

    def __init__(self, pixels: Any, *, extent: Extent | None = None, name: str = USUAL) -> None:
        self._fill(np.asanyarray(pixels), extent, name, None)

    @classmethod
    def read(
        cls,
        path: str | os.PathLike[str],
        *,
        frames: tuple[int, int] | None = None,
        extent: Extent | None = None,
        name: str | None = None,
    ) -> Self:
        """The film of a file `.mp4`, `.mov`, `.mkv`, `.webm` or `.avi`; needs `pip install 'pinr[video]'`.

        Args:
            path: The file.
            frames: The first frame, counted from 0, and the one after the last; None takes all.
            extent: Where it lies.
            name: What prints call it; None takes the name of the file.

        Raises:
            FileFormatError: The file cannot be read, has no film in it, or ends early.
            GeometryError: The extent is not as said.
        """
        made, file = object.__new__(cls), os.path.basename(path)
        made._fill(read_video(path, frames=frames), extent, name or name_of(file, cls.USUAL), file)
        return made

    def _fill(self, pixels: np.ndarray, extent: Any, name: str, file: str | None) -> None:
        checked_name(name, "Video")
        written = f"Video({file or name})"
        is_film = pixels.ndim == 3 or (pixels.ndim == 4 and pixels.shape[3] == len(COLOURS))
        if not is_film or min(pixels.shape[:3]) < 2:
            message = (
                f"`{written}` has the shape {pixels.shape}. A film is (frames, rows, columns) or (frames, rows, "
                "columns, 3), of at least 2 frames of 2 × 2 pixels."
            )
            raise GeometryError(message)
        if pixels.dtype.str[1:] not in LARGEST:
            message = f"`{written}` has pixels of type {pixels.dtype}. Give 8 or 16 bits without a sign."
            raise GeometryError(message)
        box = checked_box(extent, self.WHOLE, "Video")
        self._set(box, pixels.shape, name, "", file, pixels)
        digests = " ".join(grid.digest for grid in self.grids)
        object.__setattr__(self, "digest", hashlib.sha256(digests.encode()).hexdigest())

    @property
    @override
    def channels(self) -> tuple[str, ...]:
        return COLOURS if len(self.shape) == 4 else ()

    @property
    @override
    def counts(self) -> tuple[int, ...]:
        frames, rows, columns = self.shape[:3]
        return columns, rows, frames

    @cached_property
    @override
    def grids(self) -> tuple[StoredGrid, ...]:
        upright = self._held()[:, ::-1].swapaxes(0, 2)  # a view: (columns, rows from below, frames, …)
        parts = [upright[..., k] for k in range(len(COLOURS))] if self.channels else [upright]
        factor = 1 / LARGEST[upright.dtype.str[1:]]
        return tuple(StoredGrid(part, self.bounds, scale=factor) for part in parts)

    @property
    @override
    def _is_sound(self) -> bool:
        return len(self.names) == 3 and (len(self.shape) == 3 or self.shape[3:] == (len(COLOURS),))
