"""How near a signal is to another: the measures of images and sounds, in decibels or as a similarity."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pinr.errors import DeclarationError

Array = NDArray[np.float64]
SMALLEST_SIDE = 7  # pixels: the window of the structural similarity


def psnr(values: Any, reference: Any, *, peak: float = 1.0, free_constant: bool = False) -> float:
    """The peak signal-to-noise ratio `20 log₁₀(peak / rms(u − u*))` in dB; infinite where both are equal.

    Args:
        values: `u`, any shape.
        reference: `u*`, the same shape.
        peak: The range of the signal: 1 for images in [0, 1], 2 for sounds in [−1, 1].
        free_constant: Whether a constant in `u` means nothing, as for an image from its gradients: the mean of
            `u − u*` is subtracted first, of images with colours for each channel (the last axis of three).

    Raises:
        DeclarationError: The shapes differ, there are no values, one is not finite, or the peak is not positive.
    """
    if not peak > 0:
        message = f"`psnr(…, peak={peak})`: the range of the signal is positive, 1 for images in [0, 1]."
        raise DeclarationError(message)
    u, exact = _compared("psnr", values, reference, free_constant=free_constant)
    return _decibels(peak, float(np.sqrt(np.mean((u - exact) ** 2))))


def snr(values: Any, reference: Any, *, free_constant: bool = False) -> float:
    """The signal-to-noise ratio `20 log₁₀(‖u*‖ / ‖u − u*‖)` in dB: minus 20 log₁₀ of the relative error.

    Raises:
        DeclarationError: The shapes differ, there are no values, or one is not finite.
    """
    u, exact = _compared("snr", values, reference, free_constant=free_constant)
    return _decibels(float(np.linalg.norm(exact)), float(np.linalg.norm(u - exact)))


def ssim(values: Any, reference: Any, *, peak: float = 1.0, free_constant: bool = False) -> float:
    """The mean structural similarity of two images `(rows, columns)` or `(rows, columns, 3)`, 1 where they are equal.

    With windows of 7 × 7 pixels, as scikit-image computes it.

    Raises:
        DeclarationError: The shapes differ or are not of images of at least 7 × 7 pixels, or a value is not finite.

    Reference: Wang, Bovik, Sheikh, Simoncelli, IEEE Trans. Image Process. 13, 2004.
    """
    from skimage.metrics import structural_similarity

    u, exact = _compared("ssim", values, reference, free_constant=free_constant)
    is_coloured = u.ndim == 3 and u.shape[2] == 3
    if not (u.ndim == 2 or is_coloured) or min(u.shape[:2]) < SMALLEST_SIDE:
        message = (
            f"`ssim` of arrays {u.shape}: give images (rows, columns) or (rows, columns, 3) of 7 × 7 pixels or more."
        )
        raise DeclarationError(message)
    return float(structural_similarity(u, exact, data_range=peak, channel_axis=2 if is_coloured else None))


def without_free_constant(values: Any, reference: Any) -> Array:
    """The values plus the constant, of three channels one for each, that brings them nearest to the reference."""
    u, exact = np.asarray(values, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    axes = tuple(range(u.ndim - 1)) if u.ndim > 1 and u.shape[-1] == 3 else None
    return u - np.mean(u - exact, axis=axes, keepdims=True)


def _compared(what: str, values: Any, reference: Any, *, free_constant: bool) -> tuple[Array, Array]:
    u, exact = np.asarray(values, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    if u.shape != exact.shape or not u.size:
        message = (
            f"`{what}` of values {u.shape} and a reference {exact.shape}: nothing is broadcast. Sample both alike."
        )
        raise DeclarationError(message)
    for name, numbers in (("values", u), ("reference", exact)):
        count = np.count_nonzero(~np.isfinite(numbers))
        if count:
            message = f"`{what}`: {count} of the {numbers.size} numbers of the {name} are not finite. Leave them out."
            raise DeclarationError(message)
    return (without_free_constant(u, exact) if free_constant else u), exact


def _decibels(signal: float, noise: float) -> float:
    return float(20 * np.log10(signal / noise)) if noise > 0 and signal > 0 else (np.inf if noise == 0 else -np.inf)
