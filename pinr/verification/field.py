"""The solution that is verified, as a function of points by coordinate name."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pinr.errors import DeclarationError

Array = NDArray[np.float64]
FieldValues = Callable[[Mapping[str, Array]], Array]


class NotFiniteError(Exception):
    """The field is not finite at some point; the text says where."""


def checked(field: Callable[..., Any]) -> FieldValues:
    """The field with its values checked: `(N,)` finite numbers for `(N,)` points.

    Raises (when called):
        DeclarationError: The values have another shape.
        NotFiniteError: One of them is not finite.
    """

    def values(points: Mapping[str, Array]) -> Array:
        count = len(next(iter(points.values())))
        found = np.asarray(field(**points), dtype=float)
        if found.shape not in ((count,), ()):
            message = f"The field to verify gives {found.shape} for {count} points; it must give ({count},)."
            raise DeclarationError(message)
        found = np.broadcast_to(found, (count,))
        bad = np.flatnonzero(~np.isfinite(found))
        if bad.size:
            place = ", ".join(f"{name} = {p[bad[0]]:.4g}" for name, p in points.items())
            message = f"it is {found[bad[0]]} at {place}."
            raise NotFiniteError(message)
        return found

    return values
