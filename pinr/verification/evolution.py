"""Solutions in time by the two-stage Radau IIA method.

`M Σ_j (A⁻¹)_ij (U_j − u_n)/τ + N(t_n + c_i τ, U_i) = 0`, `u_{n+1} = U_2`, of order 3. It is L-stable, so that initial
data that do not fit the boundary data do no lasting harm, and its stage order of 2 leaves the order 3 under
time-dependent boundary data.

Reference: Hairer, Wanner, Solving Ordinary Differential Equations II, sections IV.5 and IV.8.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import SuperLU

from pinr.verification.discretization import Discretization
from pinr.verification.stationary import factored
from pinr.verification.unverifiable import UnverifiableError

Array = NDArray[np.float64]

NODES = (1 / 3, 1.0)
INVERSE = np.array([[1.5, 0.5], [-4.5, 2.5]])
# The eigenvalues of A⁻¹ are conjugate, so that one complex system of the size of one stage gives both stages.
EIGENVALUES, VECTORS = np.linalg.eig(INVERSE.astype(complex))
LEFT = np.linalg.inv(VECTORS)

ITERATIONS = 12
CONVERGED = 1e-10  # of the change of the stages relative to the solution; far below the error of the method
SLOW = 4  # iterations after which the next step gets a fresh factorisation


def evolve(equations: Discretization, times: Array, start: Array) -> Array:
    """Nodal values `(times, nodes)` from the initial ones.

    Raises:
        UnverifiableError: The iteration for the stages does not converge.
    """
    found = np.empty((len(times), len(start)))
    found[0] = start
    factors: SuperLU | None = None
    for n, (t, following) in enumerate(pairwise(times)):
        found[n + 1], factors = _step(equations, float(t), float(following - t), found[n], factors)
    return found


def _step(
    equations: Discretization, t: float, tau: float, u: Array, factors: SuperLU | None
) -> tuple[Array, SuperLU | None]:
    free = equations.free_nodes
    moments = [t + c * tau for c in NODES]
    masses = [equations.mass(moment) for moment in moments]
    stages = np.stack([equations.with_fixed_values(moment, u) for moment in moments])
    size = max(float(np.abs(u).max()), float(np.abs(stages).max()), 1e-300)
    for iteration in range(2 * ITERATIONS):
        if factors is None or iteration == ITERATIONS:
            slope = equations.jacobian(moments[1], stages[1])
            factors = factored((EIGENVALUES[0] / tau * masses[1] + slope)[free][:, free])
        rates = INVERSE @ (stages - u) / tau
        residual = np.stack([
            (m @ rate + equations.residual(moment, stage))[free]
            for m, rate, moment, stage in zip(masses, rates, moments, stages, strict=True)
        ])  # fmt: skip
        z = factors.solve(-(LEFT[0] @ residual))
        change = 2 * np.real(VECTORS[:, 0, None] * z)
        stages[:, free] += change
        largest = float(np.abs(change).max()) if change.size else 0.0
        is_exact = equations.is_linear and equations.has_steady_slopes
        if is_exact or largest <= CONVERGED * size:
            return stages[1], factors if is_exact or iteration < SLOW else None
        if not np.isfinite(largest):
            break
    message = f"the time steps of the reference do not converge at t = {t:g}."
    raise UnverifiableError(message)
