"""Sharing whole points among parts in proportion to their measures."""

from collections.abc import Sequence

import numpy as np


def apportioned(count: int, weights: Sequence[float]) -> list[int]:
    """Whole numbers that sum to `count`, proportional to the weights: the method of largest remainders.

    Every part gets the whole part of `count · w_i / Σw`, the rest goes to the largest fractions. A part that would
    stay empty takes one from the largest where there are enough for all: a short inlet must not be forgotten.
    """
    quotas = count * np.asarray(weights, dtype=np.float64) / np.sum(weights)
    counts = np.floor(quotas).astype(int)
    by_remainder = np.argsort(counts - quotas, kind="stable")
    counts[by_remainder[: count - counts.sum()]] += 1
    if count >= len(counts):
        for empty in np.flatnonzero(counts == 0):
            counts[np.argmax(counts)] -= 1
            counts[empty] = 1
    return counts.tolist()
