"""The reference of `problems/poisson_lshape.py`: `python problems/references/poisson_lshape.py` writes it anew.

Two methods that share nothing but the equation. What is stored is `−|z|²/4` plus a harmonic function, a polynomial and
simple poles that cluster at the six corners, fitted to the boundary values: by the maximum principle it errs nowhere by
more than on the boundary. Quadratic finite elements, graded to the re-entrant corner, certify it, 4e-6 from it.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from skfem import Basis, BilinearForm, ElementTriP2, LinearForm, MeshTri, condense, solve
from skfem.helpers import dot, grad

POSITIONS = np.linspace(-1, 1, 101)
CORNERS = np.array([0, 1j, -1 + 1j, -1 - 1j, 1 - 1j, 1])
OUTWARD = np.array([1 + 1j, 1 + 1j, -1 + 1j, -1 - 1j, 1 - 1j, 1 + 1j]) / np.sqrt(2)  # at the corners, out of the region
CENTRE, SIZE = -0.25 - 0.25j, 1.8  # of a circle around the region, so that powers stay below 1
FILE = Path(__file__).with_suffix(".npz")

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


def rational(poles: int = 64, degree: int = 32) -> tuple[Callable[[Complex], Array], float]:
    """The solution as a function of `z = x + iy`, and its largest error on the boundary.

    `u = Re(Σ a_k z^k + Σ b_k d_k / (z − p_k)) − |z|²/4` with the poles `p_k` at distances `d_k` from their corners.

    Reference: Gopal and Trefethen, Solving Laplace problems with corner singularities via rational functions, SIAM J.
    Numer. Anal. 57, 2019.
    """
    distances = 1.5 * np.exp(-4 * (np.sqrt(poles) - np.sqrt(1 + np.arange(poles))))
    places = (CORNERS[:, None] + OUTWARD[:, None] * distances).ravel()

    def terms(z: Complex) -> Array:
        powers = ((z[:, None] - CENTRE) / SIZE) ** np.arange(degree + 1)
        values = np.hstack([powers, np.tile(distances, len(CORNERS)) / (z[:, None] - places)])
        return np.hstack([values.real, values.imag])

    fitted = boundary(6 * poles)
    coefficients = np.linalg.lstsq(terms(fitted), np.abs(fitted) ** 2 / 4)[0]

    def u(z: Complex) -> Array:
        return terms(z) @ coefficients - np.abs(z) ** 2 / 4

    return u, float(np.abs(u(boundary(17 * poles))).max())


def boundary(count: int) -> Complex:
    """Points on each of the six sides, clustered at its ends."""
    share = (1 + np.tanh(np.linspace(-14, 14, count))) / 2
    return np.concatenate([a + (b - a) * share for a, b in zip(CORNERS, np.roll(CORNERS, -1), strict=True)])


def finite_elements(cells: int, grading: float = 3) -> tuple[Complex, Array]:
    """Nodes `z` and the values there of quadratic elements; `cells` of them along each of the unit sides.

    A point at distance `r` from the corner is moved to `r^g`, so that elements there are as small as `r^(1 − 1/g)`.

    Reference: Grisvard, Elliptic Problems in Nonsmooth Domains, 1985, sec. 8.4.
    """
    axis = np.linspace(-1, 1, 2 * cells + 1)
    square = MeshTri.init_tensor(axis, axis)
    uniform = square.remove_elements(square.elements_satisfying(lambda x: (x[0] > 0) & (x[1] > 0)))
    basis = Basis(MeshTri(uniform.p * np.abs(uniform.p).max(axis=0) ** (grading - 1), uniform.t), ElementTriP2())
    stiffness = BilinearForm(lambda u, v, _: dot(grad(u), grad(v))).assemble(basis)
    load = LinearForm(lambda v, _: v).assemble(basis)
    u = solve(*condense(stiffness, load, D=basis.get_dofs()))
    return basis.doflocs[0] + 1j * basis.doflocs[1], u


def on_grid(u: Callable[[Complex], Array]) -> Array:
    """Values at `POSITIONS`, `(x, y)`; NaN in the quadrant that is missing."""
    x, y = np.meshgrid(POSITIONS, POSITIONS, indexing="ij")
    inside = (x <= 0) | (y <= 0)
    values = np.full(x.shape, np.nan)
    values[inside] = u(x[inside] + 1j * y[inside])
    return values


if __name__ == "__main__":
    u, error = rational()
    print(f"largest error on the boundary, and so everywhere: {error:.1e}")
    for cells in (8, 16, 32, 64):
        z, values = finite_elements(cells)
        difference = np.linalg.norm(values - u(z)) / np.linalg.norm(values)
        print(f"relative difference from finite elements, {cells} cells along a unit side: {difference:.1e}")
    np.savez_compressed(FILE, x=POSITIONS, y=POSITIONS, u=on_grid(u).astype(np.float32))
    print(f"wrote {FILE.name}, {FILE.stat().st_size / 1000:.0f} kB")
