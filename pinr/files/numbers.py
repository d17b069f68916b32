"""The kinds of number that every format here stores exactly."""

import numpy as np

from pinr.errors import FileFormatError

_STORED = frozenset(
    np.dtype(kind) for kind in ("f4", "f8", "c8", "c16", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")
)


def plain_numbers(name: str, values: np.ndarray) -> np.ndarray:
    """`values` in native byte order; truth values become 0 and 1."""
    if values.dtype.kind == "b":
        return values.astype(np.uint8)
    native = values.dtype.newbyteorder("=")
    if native not in _STORED:
        message = (
            f"`{name}` has values of type {values.dtype}, which cannot be stored. "
            f"Convert it to numbers, for example with `field.astype('float64')`."
        )
        raise FileFormatError(message)
    return values.astype(native, copy=False)


def real_parts(name: str, values: np.ndarray) -> dict[str, np.ndarray]:
    """A real field under its name; a complex one as `name_re` and `name_im`."""
    if values.dtype.kind != "c":
        return {name: values}
    return {f"{name}_re": values.real, f"{name}_im": values.imag}
