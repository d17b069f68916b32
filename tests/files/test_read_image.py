"""Pictures as arrays: every kind of pixel as it is stored, transparency refused."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from pinr.errors import FileFormatError
from pinr.files.read_image import read_image

GRAY = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
COLOURS = np.stack([GRAY, GRAY // 2, 255 - GRAY], axis=-1)


def stored(tmp_path, array, mode=None):
    path = tmp_path / "camera.png"
    picture = Image.fromarray(array)
    (picture if mode is None else picture.convert(mode)).save(path)
    return path


@pytest.mark.parametrize(
    "pixels", [GRAY, COLOURS, GRAY > 90, GRAY.astype(np.uint16) * 257], ids=["L", "RGB", "1", "16"]
)
def test_pixels_are_read_as_they_are_stored(tmp_path, pixels):
    found = read_image(stored(tmp_path, pixels))
    assert_array_equal(found, pixels)
    assert found.dtype.itemsize >= pixels.dtype.itemsize


def test_palettes_become_colours(tmp_path):
    found = read_image(stored(tmp_path, COLOURS, "P"))
    assert found.shape == COLOURS.shape


@pytest.mark.parametrize("pixels", [GRAY, COLOURS], ids=["LA", "RGBA"])
def test_a_channel_of_transparency_must_be_opaque(tmp_path, pixels):
    channels = pixels.reshape(*GRAY.shape, -1)
    opaque = np.concatenate([channels, np.full((*GRAY.shape, 1), 255, np.uint8)], axis=-1)
    assert_array_equal(read_image(stored(tmp_path, opaque)), pixels)
    opaque[0, 0, -1] = 254
    with pytest.raises(FileFormatError, match=r"transparent.*Flatten"):
        read_image(stored(tmp_path, opaque))


def test_what_is_no_picture_is_refused(tmp_path):
    (tmp_path / "camera.png").write_bytes(b"no picture")
    with pytest.raises(FileFormatError, match="cannot be read as a picture"):
        read_image(tmp_path / "camera.png")
    with pytest.raises(FileFormatError, match="no such file"):
        read_image(tmp_path / "other.png")
