"""How the rate of a first-order method changes over its stage."""

import math
from collections.abc import Callable

FINAL_FRACTION = 1e-3  # of the rate: small enough to average out sampling noise, and no step is wasted on a zero rate


def constant(progress: float) -> float:
    """`1` throughout."""
    del progress
    return 1.0


def cosine(progress: float) -> float:
    """Half a cosine from 1 to `f = FINAL_FRACTION`: `f + (1 − f) (1 + cos πp) / 2`.

    Reference: Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017, eq. 5.
    """
    return FINAL_FRACTION + (1 - FINAL_FRACTION) * 0.5 * (1 + math.cos(math.pi * progress))


SCHEDULES: dict[str, Callable[[float], float]] = {"constant": constant, "cosine": cosine}
"""Factors of the rate as functions of the elapsed fraction of the budget, by name."""


def warmup_factor(step: int, *, length: int) -> float:
    """A straight rise to 1 over the first `length` steps, `min(1, (step + 1) / length)`.

    Adam's second moment knows too few gradients at first, and its early steps are too long.
    """
    return 1.0 if length == 0 else min(1.0, (step + 1) / length)
