"""The reference of `problems/inverse_conductivity_noisy.py`; run as a script, this file writes it anew.

The temperature of a known conductivity, computed twice: Chebyshev collocation is what is stored, as the coefficients of
a series that can be evaluated anywhere; finite elements of order 4 certify it, 8.5e-8 from it on 40² squares.
"""

from pathlib import Path

import numpy as np
import skfem
from numpy.polynomial import chebyshev
from numpy.typing import NDArray
from skfem.helpers import dot, grad

SOURCE = 10.0
POSITIONS = np.linspace(0, 1, 41)
FILE = Path(__file__).with_suffix(".npz")

Array = NDArray[np.float64]


def conductivity(x: Array, y: Array) -> Array:
    return 1 + np.sin(2 * np.pi * x) * np.sin(2 * np.pi * y) / 2


def collocation(degree: int = 40) -> Array:
    """Coefficients `c_ij` of `u = Σ c_ij T_i(2x − 1) T_j(2y − 1)`, `(degree + 1, degree + 1)`.

    `(k u_x)_x + (k u_y)_y = −10` at the inner points of `(1 − cos(πj/n))/2`, `u = 0` at the others. Both derivatives
    are taken by the same matrix, one after the other, so that the flux is that of a polynomial.

    Reference: Trefethen, Spectral Methods in MATLAB, SIAM 2000, ch. 7.
    """
    points = -np.cos(np.pi * np.arange(degree + 1) / degree)
    values = chebyshev.chebvander(points, degree)
    derivative = 2 * np.hstack([
        np.zeros((degree + 1, 1)),
        *(chebyshev.chebval(points, chebyshev.chebder(row))[:, None] for row in np.eye(degree + 1)[1:]),
    ])  # fmt: skip
    first = np.linalg.solve(values.T, derivative.T).T
    x, y = np.meshgrid((1 + points) / 2, (1 + points) / 2, indexing="ij")
    k = conductivity(x, y).ravel()
    eye = np.eye(degree + 1)
    in_x, in_y = np.kron(first, eye), np.kron(eye, first)
    operator = in_x @ (k[:, None] * in_x) + in_y @ (k[:, None] * in_y)
    inside = ((x > 0) & (x < 1) & (y > 0) & (y < 1)).ravel()
    u = np.zeros(x.size)
    u[inside] = np.linalg.solve(operator[np.ix_(inside, inside)], np.full(inside.sum(), -SOURCE))
    return np.linalg.solve(values, np.linalg.solve(values, u.reshape(x.shape)).T).T


def on_grid(coefficients: Array, positions: Array = POSITIONS) -> Array:
    """Values of a series on the tensor grid of the positions, `(x, y)`."""
    return chebyshev.chebgrid2d(2 * positions - 1, 2 * positions - 1, coefficients)


def finite_elements(cells: int = 40) -> Array:
    """The same on `cells²` squares with polynomials of degree 4 in each direction."""
    places = np.linspace(0, 1, cells + 1)
    basis = skfem.Basis(skfem.MeshQuad.init_tensor(places, places), skfem.ElementQuadP(4), intorder=12)
    stiffness = skfem.BilinearForm(lambda u, v, w: conductivity(*w.x) * dot(grad(u), grad(v))).assemble(basis)
    load = skfem.LinearForm(lambda v, w: SOURCE * v).assemble(basis)
    u = skfem.solve(*skfem.condense(stiffness, load, D=basis.get_dofs()))
    grid = np.stack([axis.ravel() for axis in np.meshgrid(POSITIONS, POSITIONS, indexing="ij")])
    return (basis.probes(grid) @ u).reshape(len(POSITIONS), len(POSITIONS))


if __name__ == "__main__":
    coefficients = collocation()
    u = on_grid(coefficients)
    print(f"largest change from degree 32: {np.abs(u - on_grid(collocation(32))).max():.1e}")
    for cells in (10, 20, 40):
        print(f"largest difference from finite elements, {cells}²: {np.abs(u - finite_elements(cells)).max():.1e}")
    np.savez_compressed(FILE, coefficients=coefficients)
    print(f"wrote {FILE.name}, {FILE.stat().st_size / 1000:.0f} kB; the largest value is {u.max():.3f}")
