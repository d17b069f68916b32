"""Fingerprints of arrays."""

import hashlib
import json
from collections.abc import Mapping

import numpy as np


def sha256_of(arrays: Mapping[str, np.ndarray]) -> str:
    """The SHA-256 of named arrays of numbers: of their names, shapes and values in double precision.

    The same on every machine; one NaN counts as any other.
    """
    found = hashlib.sha256()
    for name, values in arrays.items():
        numbers = np.ascontiguousarray(values, dtype="<f8")
        found.update(json.dumps([name, list(numbers.shape)]).encode())
        found.update(np.where(np.isnan(numbers), np.nan, numbers).tobytes())
    return found.hexdigest()
