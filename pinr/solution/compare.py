"""A solution beside a signal: how near it is, in the measures of signals."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray

from pinr.errors import DeclarationError
from pinr.solution.errors import reference_of
from pinr.solution.grid import grid
from pinr.solution.metrics import relative_l2
from pinr.solution.signal_metrics import SMALLEST_SIDE, psnr, snr, ssim, without_free_constant

if TYPE_CHECKING:
    from pinr.solution.solution import Solution


def compare(
    solution: "Solution", unknown: Any = None, *, peak: float = 1.0, free_constant: bool = False
) -> dict[str, float]:
    """`relative_l2`, `psnr` and `snr` of an unknown against its reference on a grid, of an image also `ssim`.

    Args:
        solution: The solution.
        unknown: By name or as `unknown(...)` returned it; the first one with a reference if not given.
        peak: The range of the signal, for `psnr` and `ssim`.
        free_constant: Whether a constant in the unknown means nothing: it is chosen best.

    Raises:
        DeclarationError: There is no reference, or it is not an array.
    """
    expression, reference = reference_of(solution, unknown)
    if not isinstance(reference, xarray.DataArray):
        message = (
            f"`compare({expression})`: its reference is a formula. `solution.error({expression})` compares with it."
        )
        raise DeclarationError(message)
    axes = {str(name): along.values.astype(float) for name, along in reference.coords.items() if name in reference.dims}
    axes |= {str(n): float(c) for n, c in reference.coords.items() if n not in reference.dims and not c.ndim}
    axes.pop("component", None)
    values = grid(solution, expression, axes)
    exact = reference.transpose(*values.dims).values
    u = without_free_constant(values.values, exact) if free_constant else values.values
    found = {"relative_l2": relative_l2(u, exact), "psnr": psnr(u, exact, peak=peak), "snr": snr(u, exact)}
    is_image = u.ndim == 2 or (u.ndim == 3 and u.shape[2] == 3)
    if is_image and min(u.shape[:2]) >= SMALLEST_SIDE and np.isfinite(u).all():
        found["ssim"] = ssim(u, exact, peak=peak)
    return found
