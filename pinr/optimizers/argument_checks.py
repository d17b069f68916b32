"""Errors for arguments of optimizers: what was written, what is wrong, what to do."""

import math
from numbers import Integral, Real
from typing import Any

from pinr.errors import DeclarationError


def is_count(value: Any, *, least: int) -> bool:
    """A whole number that is not below `least`; `True` is no number."""
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= least


def is_real(value: Any) -> bool:
    """A finite real number."""
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(float(value))


def check_argument(owner: object, name: str, is_valid: bool, *, rule: str) -> None:
    """Refuse the argument `name` of `owner` unless `is_valid`; `rule` completes "must be …"."""
    if not is_valid:
        written = f"{type(owner).__name__}({name}={getattr(owner, name)!r})"
        message = f"`{written}`: `{name}` must be {rule}."
        raise DeclarationError(message)
