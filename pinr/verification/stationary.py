"""Stationary solutions by Newton's method; linear problems take one step."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import spmatrix
from scipy.sparse.linalg import SuperLU, splu

from pinr.verification.discretization import Discretization
from pinr.verification.unverifiable import UnverifiableError

Array = NDArray[np.float64]

STEPS = 40
SMALLEST_STEP = 1e-4
CONVERGED = 1e-11  # size of a step relative to the solution; the next one would be rounding


def solve_stationary(equations: Discretization, guess: Array) -> Array:
    """The nodal values at which the equations hold.

    Args:
        equations: Of a stationary model.
        guess: Nodal values to start from; of several solutions the one near to it is found.

    Raises:
        UnverifiableError: The equations are singular, or the iteration does not converge.
    """
    if equations.is_singular:
        message = "the solution is determined up to a constant only."
        raise UnverifiableError(message)
    u, free = equations.with_fixed_values(0.0, guess), equations.free_nodes
    residual = equations.residual(0.0, u)[free]
    for _ in range(STEPS):
        step = np.zeros_like(u)
        step[free] = factored(equations.jacobian(0.0, u)[free][:, free]).solve(-residual)
        length = 1.0
        while True:
            trial = u + length * step
            found = equations.residual(0.0, trial)[free]
            is_better = np.linalg.norm(found) <= (1 - length / 4) * np.linalg.norm(residual)
            is_small = length * np.abs(step).max() <= CONVERGED * np.abs(trial).max()
            if equations.is_linear or is_better or is_small or length < SMALLEST_STEP:
                break
            length /= 2
        u, residual = trial, found
        if equations.is_linear or is_small:
            return u
    message = "Newton's method for the reference does not converge."
    raise UnverifiableError(message)


def factored(matrix: spmatrix) -> SuperLU:
    """The LU factors of a sparse matrix.

    Raises:
        UnverifiableError: It is singular.
    """
    try:
        return splu(matrix.tocsc())
    except RuntimeError:
        message = "the equations of the reference are singular (has the problem one solution?)."
        raise UnverifiableError(message) from None
