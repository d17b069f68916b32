"""Pictures as arrays."""

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pinr.errors import FileFormatError
from pinr.files.existing import require_file

if TYPE_CHECKING:
    from PIL import Image

GRAY = ("1", "L", "I;16", "I;16L", "I;16B", "I", "F")  # Pillow's modes of one channel


def read_image(path: str | os.PathLike[str]) -> NDArray[np.generic]:
    """The pixels of a picture, `(rows, columns)` of a gray one, `(rows, columns, 3)` of a coloured one, as stored.

    Whatever Pillow opens; palettes and other colour spaces become RGB, a channel of transparency must be opaque.

    Raises:
        FileFormatError: The file cannot be read, or is transparent somewhere.
    """
    from PIL import Image, UnidentifiedImageError

    require_file(Path(path))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                return _pixels(picture, path)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        message = f"`{path}` cannot be read as a picture: {error}. It may be incomplete or of another format."
        raise FileFormatError(message) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        message = f"`{path}` is a picture of an absurd size: {error}. Make it smaller."
        raise FileFormatError(message) from error


def _pixels(picture: "Image.Image", path: str | os.PathLike[str]) -> NDArray[np.generic]:
    if picture.has_transparency_data:
        picture = picture.convert("LA" if picture.mode in ("L", "LA", "La", "1") else "RGBA")
        channels = np.asarray(picture)
        if (channels[..., -1] != 255).any():
            message = f"`{path}` is transparent somewhere, where it has no value. Flatten it onto a background."
            raise FileFormatError(message)
        return channels[..., 0] if channels.shape[-1] == 2 else channels[..., :3]
    if picture.mode in GRAY:
        return np.asarray(picture)
    return np.asarray(picture.convert("RGB"))
