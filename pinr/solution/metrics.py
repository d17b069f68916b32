"""Measures of the distance between two sets of values."""

from typing import Any

import numpy as np

from pinr.errors import DeclarationError


def relative_l2(values: Any, reference: Any) -> float:
    """The relative L² error `‖u − u*‖ / ‖u*‖` of values at points spread evenly by measure.

    The components of a vector count as a whole: `‖u‖² = Σ_points Σ_components u²`. Where the reference is 0 there
    is nothing to relate to, and the result is the absolute error, the root mean square over the points.

    Args:
        values: `(points, …)`, real or complex.
        reference: The same shape.

    Raises:
        DeclarationError: The shapes differ, there are no values, or one of them is not finite.
    """
    u, exact = np.asarray(values), np.asarray(reference)
    if u.shape != exact.shape:
        message = (
            f"`relative_l2` of values {u.shape} and a reference {exact.shape}: nothing is broadcast. "
            "Evaluate both at the same points."
        )
        raise DeclarationError(message)
    if not u.size:
        message = f"`relative_l2` of arrays {u.shape}: there are no values. Give at least one point."
        raise DeclarationError(message)
    _check_finite("values", u)
    _check_finite("reference", exact)
    size = float(np.linalg.norm(exact.ravel()))
    distance = float(np.linalg.norm((u - exact).ravel()))
    points = u.shape[0] if u.ndim else 1
    return distance / size if size > 0 else distance / float(np.sqrt(points))


def _check_finite(what: str, numbers: np.ndarray) -> None:
    bad = np.argwhere(~np.isfinite(numbers))
    if len(bad):
        place = tuple(int(i) for i in bad[0])
        message = (
            f"`relative_l2`: {len(bad)} of the {numbers.size} {what} are not finite, the first at index {place}. "
            "Leave those points out."
        )
        raise DeclarationError(message)
