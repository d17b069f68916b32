"""Verify a solution by an independent reference solve of the same problem."""

import math
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from pinr.declaration.problem import Problem
from pinr.errors import DeclarationError
from pinr.verification.field import NotFiniteError, checked
from pinr.verification.model import model_of
from pinr.verification.unverifiable import UnverifiableError
from pinr.verification.verification import Verification


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
        size: Largest number of nodal values of a reference, all time steps together, beyond the three solves that an
            error estimate needs; None means some seconds' work.

    Raises:
        DeclarationError: The tolerance or size is not positive, or the field gives another shape.
        ImportError: scikit-fem is not installed.
    """
    if not (tolerance > 0 and (size is None or size > 0)):
        message = (
            f"`verify(…, tolerance={tolerance}, size={size})`: both must be positive; a tolerance of 0.05 is 5 %, "
            "a size of 1_000_000 takes some seconds."
        )
        raise DeclarationError(message)
    values = checked(field)
    try:
        model = model_of(problem, values)
        if find_spec("skfem") is None:
            message = "Verification needs scikit-fem. Install it with `pip install 'pinr[verification]'`."
            raise ImportError(message)
        # Only now, so that the library can be used without that package.
        from pinr.verification.judgement import judged

        return judged(model, values, tolerance=tolerance, size=size)
    except UnverifiableError as error:
        return Verification("unverifiable", str(error), tolerance)
    except NotFiniteError as error:
        return Verification("wrong", str(error), tolerance, relative_l2=math.inf)
