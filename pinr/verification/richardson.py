"""Richardson's estimate of a reference's own error, from three nested solves."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from pinr.verification.reference import Reference

ORDER = 3.0  # of quadratic elements and of the time steps, where the solution is smooth
LOWEST_ORDER = 0.5  # what is observed below that is no convergence, or convergence that has not begun
SAFETY, SAFETY_IN_DOUBT = 1.25, 3.0  # of the grid convergence index, Roache, J. Fluids Eng. 116, 1994
SAFETY_OF_MAXIMUM = 2.5  # further factor: a front passes the points where it is worst between the nodes and times
ROUNDING = 1e-11  # relative; below that the difference of two solves is noise of the linear solver


@final
@dataclass(frozen=True)
class Estimate:
    """How far the finest of three references is from the true solution.

    With `D_k = ‖u_k − u_{k−1}‖`, the observed order is `p = log₂(D_{k−1} / D_k)` and the error is
    `S · D_k / (2^p − 1)` with a factor of safety `S`. At a corner with a singularity `r^α` uniform refinement ends
    with the orders 2α in L² and α in the maximum, though the grading hides that for long: no higher ones are used.

    Attributes:
        relative_l2: Relative to the reference's norm, over region and time.
        maximum: At the nodes.
        order: `p` of L², as observed.
    """

    relative_l2: float
    maximum: float
    order: float


def estimate(solves: Sequence[Reference]) -> Estimate:
    """The error of the last of three solves."""
    coarse, medium, fine = solves[-3:]
    before, largest_before = _difference(coarse, medium)
    last, largest = _difference(medium, fine)
    order, exponent = _order(before, last), fine.mesh.exponent
    error = _error(last, order, 2 * exponent)
    size = fine.norm(fine.values)
    return Estimate(
        relative_l2=max(error / size if size > 0 else error, ROUNDING),
        maximum=max(
            SAFETY_OF_MAXIMUM * _error(largest, _order(largest_before, largest), exponent),
            ROUNDING * float(np.abs(fine.values).max()),
        ),
        order=order,
    )


def _order(before: float, last: float) -> float:
    return math.log2(before / last) if before > 0 and last > 0 else ORDER


def _error(difference: float, order: float, attainable: float) -> float:
    used = min(max(order, LOWEST_ORDER), ORDER, attainable)
    return (SAFETY if order >= 1 else SAFETY_IN_DOUBT) * difference / (2**used - 1)


def _difference(coarse: Reference, fine: Reference) -> tuple[float, float]:
    """The distance of two solves in L² and at the worst node, at the times that they share."""
    stride = 1 if len(fine.times) == 1 else 2
    shared = Reference(fine.equations, fine.mesh, coarse.times, fine.values[::stride])
    apart = shared.values - coarse.mesh.prolonged(coarse.values)
    return shared.norm(apart), float(np.abs(apart).max())
