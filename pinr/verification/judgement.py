"""The judgement on a field: references are refined until one of them can tell."""

import math

from pinr.verification.comparison import Comparison, compare
from pinr.verification.field import FieldValues
from pinr.verification.model import Model
from pinr.verification.reference import Reference, references
from pinr.verification.richardson import Estimate, estimate
from pinr.verification.verification import Verdict, Verification, percent

# Nodal values of a reference, all time steps together, that take some seconds on one core: stationary; in time, by
# the dimension of space.
SIZE = 150_000
SIZE_IN_TIME = {1: 1_000_000, 2: 300_000}
FINE_ENOUGH = 0.02  # the reference's error over the solution's, at which a finer one would tell nothing new
SMALLEST = 1e-7  # a reference this good is never refined

RELATIONS: dict[Verdict, str] = {
    "right": "The error is below the tolerance of",
    "wrong": "The error is above the tolerance of",
    "undecided": "The reference is too coarse to tell the error from the tolerance of",
}


def judged(model: Model, field: FieldValues, *, tolerance: float, size: int | None) -> Verification:
    """Compare a field with references of a model, see `verify`.

    Raises:
        UnverifiableError: There is no reference of this model.
    """
    limit = size or (SIZE if model.times is None else SIZE_IN_TIME[len(model.state.space)])
    growth = 2 ** (len(model.state.space) + (model.times is not None))
    solves: list[Reference] = []
    for reference in references(model, field):
        solves = [*solves[-2:], reference]
        if len(solves) < 3:
            continue
        quality, distance = estimate(solves), compare(field, reference)
        enough = max(FINE_ENOUGH * distance.relative_l2, SMALLEST)
        if quality.relative_l2 <= enough or growth * reference.size > limit:
            break
    return _judgement(quality, distance, tolerance, reference.size)


def _judgement(quality: Estimate, distance: Comparison, tolerance: float, size: int) -> Verification:
    error, uncertainty = distance.relative_l2, _uncertainty(quality, distance)
    verdict: Verdict = "undecided"
    if error - uncertainty > tolerance:
        verdict = "wrong"
    elif error + uncertainty <= tolerance:
        verdict = "right"
    return Verification(
        verdict,
        f"{RELATIONS[verdict]} {percent(tolerance)}.",
        tolerance,
        relative_l2=error,
        reference_error=quality.relative_l2,
        uncertainty=uncertainty,
        maximum_error=distance.maximum,
        reference_maximum_error=quality.maximum,
        worst_point=distance.worst_point,
        order=quality.order,
        reference_size=size,
    )


def _uncertainty(quality: Estimate, distance: Comparison) -> float:
    """How far `‖u − u_h‖ / ‖u_h‖` may be from `‖u − u*‖ / ‖u*‖`, by the triangle inequality above and below."""
    e = quality.relative_l2
    return e * (1 + distance.relative_l2) / (1 - e) + distance.quadrature_error if e < 1 else math.inf
