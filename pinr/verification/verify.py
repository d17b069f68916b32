"""Verify a solution by an independent reference solve of the same problem."""

import math
from collections.abc import Callable
from typing import Any

from pinr.declaration.problem import Problem
from pinr.errors import DeclarationError
from pinr.verification.comparison import Comparison, compare
from pinr.verification.field import FieldValues, NotFiniteError, checked
from pinr.verification.model import model_of
from pinr.verification.reference import Reference, references
from pinr.verification.richardson import Estimate, estimate
from pinr.verification.unverifiable import UnverifiableError
from pinr.verification.verification import Verification, percent

SIZE = 150_000  # nodal values of a stationary reference: some seconds on one core
SIZE_IN_TIME = 1_000_000  # nodal values of all time steps together
FINE_ENOUGH = 0.02  # the reference's error over the solution's, at which a finer one would tell nothing new
SMALLEST = 1e-9  # a reference this good is never refined


def verify(
    problem: Problem, field: Callable[..., Any], *, tolerance: float = 0.05, size: int | None = None
) -> Verification:
    """Compare a field with an independent finite-element solve of the same problem, refined until it can tell.

    Quadratic elements, with curved edges where the boundary is curved and graded towards corners where the solution is
    singular, and a third-order implicit method in time. Scalar elliptic and parabolic problems in one and two
    dimensions of space, linear or mildly nonlinear, with Dirichlet, Neumann and Robin conditions; of others the result
    says why there is no reference.

    Args:
        problem: What the field should solve.
        field: A function of one array `(N,)` per coordinate, by name, that returns an array `(N,)`.
        tolerance: Largest relative L² error that passes.
        size: Largest number of nodal values of a reference, all time steps together; None means some seconds' work.

    Raises:
        DeclarationError: The tolerance is not positive, or the field gives another shape.
    """
    if not tolerance > 0:
        message = f"`verify(…, tolerance={tolerance})`: the tolerance must be positive; 0.05 is 5 %."
        raise DeclarationError(message)
    values = checked(field)
    try:
        return _verified(problem, values, tolerance, size)
    except UnverifiableError as error:
        return Verification("unverifiable", str(error), tolerance)
    except NotFiniteError as error:
        return Verification("wrong", str(error), tolerance, relative_l2=math.inf)


def _verified(problem: Problem, field: FieldValues, tolerance: float, size: int | None) -> Verification:
    model = model_of(problem, field)
    limit = size or (SIZE if model.times is None else SIZE_IN_TIME)
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
    return _judged(quality, distance, tolerance, reference.size)


def _judged(quality: Estimate, distance: Comparison, tolerance: float, size: int) -> Verification:
    error, reference_error = distance.relative_l2, quality.relative_l2
    # From ‖u − u_h‖ and ‖u_h − u*‖ by the triangle inequality, in the numerator and in the norm of the reference.
    uncertainty = math.inf
    if reference_error < 1:
        uncertainty = reference_error * (1 + error) / (1 - reference_error) + distance.quadrature_error
    if error - uncertainty > tolerance:
        verdict, relation = "wrong", "is above"
    elif error + uncertainty <= tolerance:
        verdict, relation = "right", "is below"
    else:
        verdict, relation = "undecided", "cannot be told from"
    return Verification(
        verdict,  # type: ignore[arg-type]
        f"its error {relation} the tolerance of {percent(tolerance)}.",
        tolerance,
        relative_l2=error,
        reference_error=reference_error,
        uncertainty=uncertainty,
        maximum_error=distance.maximum,
        reference_maximum_error=quality.maximum,
        worst_point=distance.worst_point,
        order=quality.order,
        reference_size=size,
    )
