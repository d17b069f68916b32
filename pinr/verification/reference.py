"""Reference solves of one model, each on a mesh and with time steps half as wide as the one before."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from pinr.verification.discretization import Discretization
from pinr.verification.evolution import evolve
from pinr.verification.field import FieldValues
from pinr.verification.mesh import AbstractMesh
from pinr.verification.meshes import coarsest_mesh
from pinr.verification.model import Model
from pinr.verification.stationary import solve_stationary

Array = NDArray[np.float64]

STEPS = 8  # in time, of the coarsest solve


@final
@dataclass(frozen=True, eq=False)
class Reference:
    """A finite-element solution: nodal values `(times, nodes)` on a mesh; a stationary one has the single time 0."""

    equations: Discretization
    mesh: AbstractMesh
    times: Array
    values: Array

    @property
    def size(self) -> int:
        """Number of nodal values, all times together."""
        return self.values.size

    @property
    def weights(self) -> Array:
        """Simpson's rule in time; 1 for a stationary solution."""
        return simpson(self.times)

    def norm(self, values: Array) -> float:
        """The L² norm over region and time of nodal values `(times, nodes)`."""
        products = np.einsum("tn,tn->t", values, (self.equations.inner_product @ values.T).T)
        return float(np.sqrt(np.maximum(self.weights @ products, 0.0)))


def references(model: Model, field: FieldValues) -> Iterator[Reference]:
    """Reference solves, the coarsest first.

    Args:
        model: What is solved.
        field: Where the iteration starts if the problem is stationary and nonlinear, on the coarsest mesh.

    Raises:
        UnverifiableError: There is no reference of this model.
    """
    mesh, steps, before = coarsest_mesh(model), STEPS, None
    while True:
        equations = Discretization(model, mesh)
        if model.times is None or model.initial is None:
            guess = _start(equations, field) if before is None else before.mesh.prolonged(before.values[0])
            if before is None:
                equations.check(0.0, guess)
            before = Reference(equations, mesh, np.zeros(1), solve_stationary(equations, guess)[None])
        else:
            times = np.linspace(*model.times, steps + 1)
            initial = equations.nodal(model.initial, times[0])
            if before is None:
                equations.check(times[0], initial)
            before = Reference(equations, mesh, times, evolve(equations, times, initial))
        yield before
        mesh, steps = mesh.refined(), 2 * steps


def simpson(times: Array) -> Array:
    """Weights of the composite Simpson rule at an even number of equal steps; a single time has the weight 1."""
    if len(times) == 1:
        return np.ones(1)
    weights = np.full(len(times), 2.0)
    weights[1::2] = 4.0
    weights[[0, -1]] = 1.0
    return weights * (times[1] - times[0]) / 3


def _start(equations: Discretization, field: FieldValues) -> Array:
    names = [c.name for c in equations.model.state.space]
    return field(dict(zip(names, equations.basis.doflocs, strict=True)))
