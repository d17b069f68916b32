"""Sounds: an interval that is sampled where the recorder has sampled it."""

import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Self, final

import numpy as np
import xarray
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.files.read_audio import full_scale, read_audio
from pinr.geometry.signal import AbstractSignal, Extent, checked_box, checked_name, name_of
from pinr.language.digest import sha256_of
from pinr.language.gridded import Gridded


@final
@dataclass(frozen=True, init=False, repr=False)
class Audio(AbstractSignal):
    """A sound, `on(audio, Eq(f, audio.value))`; samples are drawn among its own.

    The first sample lies at the beginning of the interval, the last one at its end. `value` is divided by the largest
    amplitude, so that it fills [−1, 1] however quiet the recording is; `amplitude` is that one, as a part of full
    scale: `value * amplitude` is the sound as it was recorded. Between the samples it is the cubic spline. The
    coordinate `t` has the role time, `t = coordinates(time="t")`.

    Args:
        samples: `(N,)`, or `(N, channels)` with a channel chosen: 8 (unsigned), 16, 32, 64 bits, or floats.
        rate: Samples per second, if it is known.
        channel: The number of the channel, from 0.
        extent: Where it lies: `{"t": (0, 7)}`.
        name: What prints call it.

    Raises:
        GeometryError: The array, the channel or the extent is not as said, or a sample is not finite.
    """

    USUAL: ClassVar[str] = "audio"
    WHOLE: ClassVar[Extent] = {"t": (-1, 1)}

    amplitude: float = field(default=1.0, compare=False)
    rate: int | None = field(default=None, compare=False)

    def __init__(
        self,
        samples: Any,
        *,
        rate: int | None = None,
        channel: int | None = None,
        extent: Extent | None = None,
        name: str = USUAL,
    ) -> None:
        given = np.asarray(samples)
        if given.dtype.kind not in "fiu":
            message = f"`Audio({name})` has samples of type {given.dtype}. Give real numbers."
            raise GeometryError(message)
        self._fill(full_scale(given), rate, channel, extent, name, None)

    @classmethod
    def read(
        cls,
        path: str | os.PathLike[str],
        *,
        channel: int | None = None,
        extent: Extent | None = None,
        name: str | None = None,
    ) -> Self:
        """The sound of a file `.wav`.

        Raises:
            FileFormatError: The file cannot be read, ends early, or has no samples.
            GeometryError: The channel or the extent is not as said.
        """
        rate, samples = read_audio(path)
        made, file = object.__new__(cls), os.path.basename(path)
        made._fill(samples, rate, channel, extent, name or name_of(file, cls.USUAL), file)
        return made

    def _fill(
        self, samples: Any, rate: int | None, channel: int | None, extent: Any, name: str, file: str | None
    ) -> None:
        checked_name(name, "Audio")
        mono = _channel(samples, channel, f"Audio({file or name})")
        largest = float(np.abs(mono).max())
        amplitude = largest if largest > 0 else 1.0  # silence stays silent
        values = mono / amplitude
        values.flags.writeable = False
        box = checked_box(extent, self.WHOLE, "Audio")
        self._set(box, values.shape, name, sha256_of({"samples": values}), file, values)
        object.__setattr__(self, "amplitude", amplitude)
        object.__setattr__(self, "rate", rate)

    @cached_property
    def array(self) -> xarray.DataArray:
        """The samples, divided by `amplitude`, with their positions."""
        return xarray.DataArray(self._held(), coords={self.names[0]: self.positions[0]}, dims=self.names)

    @property
    @override
    def counts(self) -> tuple[int, ...]:
        return self.shape

    @cached_property
    @override
    def grids(self) -> tuple[Gridded, ...]:
        return (Gridded(self.array, written=f"`{self!r}`"),)

    @property
    @override
    def _is_sound(self) -> bool:
        return len(self.names) == len(self.shape) == 1


def _channel(samples: np.ndarray, channel: int | None, written: str) -> np.ndarray:
    """The samples of one channel, `(N,)`."""
    if samples.ndim not in (1, 2) or len(samples) < 2:
        message = f"`{written}` has the shape {samples.shape}. A sound is (N,) or (N, channels), of at least 2 samples."
        raise GeometryError(message)
    columns = samples[:, None] if samples.ndim == 1 else samples
    if channel is None and columns.shape[1] != 1:
        message = f"`{written}` has {columns.shape[1]} channels. Choose one, `channel=0`."
        raise GeometryError(message)
    if channel is not None and not (isinstance(channel, int) and 0 <= channel < columns.shape[1]):
        message = f"`{written}`: there is no channel {channel!r}; they are numbered from 0 to {columns.shape[1] - 1}."
        raise GeometryError(message)
    mono = columns[:, channel or 0]
    bad = np.flatnonzero(~np.isfinite(mono))
    if bad.size:
        message = (
            f"`{written}` is {mono[bad[0]]} at sample {bad[0]} ({bad.size} of {mono.size}). Cut it, or fill it in."
        )
        raise GeometryError(message)
    return mono
