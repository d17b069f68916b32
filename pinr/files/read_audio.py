"""Sounds as arrays."""

import os
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import wavfile

from pinr.errors import FileFormatError
from pinr.files.existing import require_file

SUFFIXES = (".wav", ".wave")
FULL_SCALE = {"u1": 128.0, "i2": 2.0**15, "i4": 2.0**31, "i8": 2.0**63}  # 24 bits come as the upper ones of 32


def read_audio(path: str | os.PathLike[str]) -> tuple[int, NDArray[np.float64]]:
    """Samples per second, and the samples `(N, channels)` of a WAV file as parts of full scale, in [−1, 1].

    Raises:
        FileFormatError: The file cannot be read, ends early, or has no samples.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        message = (
            f"`{path}`: sounds are read from {', '.join(SUFFIXES)}. Convert it, or give samples, `Audio(samples)`."
        )
        raise FileFormatError(message)
    require_file(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", wavfile.WavFileWarning)  # of chunks that hold no samples
            warnings.filterwarnings("error", "Reached EOF", wavfile.WavFileWarning)
            rate, samples = wavfile.read(path)
    except Exception as error:  # for headers that are cut short scipy raises struct.error, UnboundLocalError and others
        message = f"`{path}` cannot be read as WAV: {error}. It may be incomplete or of another format."
        raise FileFormatError(message) from error
    samples = samples[:, None] if samples.ndim == 1 else samples
    if not samples.size or not rate > 0:
        message = f"`{path}` holds {len(samples)} samples at {rate} per second: there is nothing to hear."
        raise FileFormatError(message)
    return int(rate), full_scale(samples)


def full_scale(samples: NDArray[np.generic]) -> NDArray[np.float64]:
    """Samples as parts of full scale: integers of a recorder's kinds divided by their range, floats as they are."""
    values = samples.astype(np.float64)
    largest = FULL_SCALE.get(samples.dtype.str[1:], 1.0)
    return (values - 128) / largest if samples.dtype == np.uint8 else values / largest
