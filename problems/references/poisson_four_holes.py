"""The reference of `problems/poisson_four_holes.py`: `python problems/references/poisson_four_holes.py` writes it anew.

Two methods that share nothing but the equation. What is stored is a series of poles at the centres of the holes and of
their mirror images, fitted to the boundary values: by the maximum principle it errs nowhere by more than on the
boundary. Quadratic finite elements with curved edges certify it, 1e-7 from it.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from skfem import Basis, BilinearForm, ElementTriP2, MeshTri, MeshTri2, condense, solve
from skfem.helpers import dot, grad

HALF, OFFSET, RADIUS = 0.5, 0.3, 0.1  # half the square's side; the holes' centres are at (±OFFSET, ±OFFSET)
POSITIONS = np.linspace(-HALF, HALF, 101)
FILE = Path(__file__).with_suffix(".npz")

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


def series(order: int = 16, degree: int = 50) -> tuple[Callable[[Complex], Array], float]:
    """The solution as a function of `z = x + iy`, and its largest error on the boundary.

    `u = Re Σ a_k z^k + Re Σ_c (b_c log(z − c) + Σ_k b_ck (ρ/(z − c))^k)` over the centres `c` of the holes, radius `ρ`,
    and of their images in the sides and corners. Harmonic functions continue oddly across a side where they vanish, as
    `u − 1` does, so that the images carry its nearest singularities outside.
    """
    axis = np.array([-2 * HALF + OFFSET, -OFFSET, OFFSET, 2 * HALF - OFFSET])
    centres = (axis[:, None] + 1j * axis).ravel()

    def terms(z: Complex) -> Array:
        away = z[:, None] - centres
        powers = (z[:, None] / HALF / np.sqrt(2)) ** np.arange(degree + 1)
        poles = [(RADIUS / away) ** k for k in range(1, order + 1)]
        values = np.hstack([powers, *poles])
        return np.hstack([values.real, values.imag, np.log(np.abs(away))])

    fitted = boundary(200)
    coefficients = np.linalg.lstsq(terms(fitted), prescribed(fitted))[0]

    def u(z: Complex) -> Array:
        return terms(z) @ coefficients

    between = boundary(631)
    return u, float(np.abs(u(between) - prescribed(between)).max())


def boundary(count: int) -> Complex:
    """Points on each of the four sides and circles."""
    side = np.linspace(-HALF, HALF, count) - 1j * HALF
    circle = OFFSET * (1 + 1j) + RADIUS * np.exp(2j * np.pi * np.arange(count) / count)
    return np.concatenate([1j**k * part for k in range(4) for part in (side, circle)])


def prescribed(z: Complex) -> Array:
    """1 on the square, 0 on the circles."""
    return np.where(np.maximum(np.abs(z.real), np.abs(z.imag)) > HALF - 1e-9, 1.0, 0.0)


def finite_elements(cells: int) -> tuple[Complex, Array]:
    """Nodes `z` of an eighth of the region and the values there of quadratic elements with curved edges.

    Between the hole and the triangle (0, 0), (½, 0), (½, ½), along rays from the hole's centre: `cells` of them towards
    each side of the triangle, as many elements along each ray. The lines of symmetry need no condition.
    """
    mesh = MeshTri2.from_mesh(MeshTri.init_tensor(np.linspace(0, 2, 2 * cells + 1), np.linspace(0, 1, cells + 1)))
    along, outward = mesh.doflocs
    rim = HALF * (np.minimum(along, 1) + 1j * np.maximum(along - 1, 0))
    centre = OFFSET * (1 + 1j)
    circle = centre + RADIUS * (rim - centre) / np.abs(rim - centre)
    z = circle + outward * (rim - circle)
    basis = Basis(MeshTri2(np.stack([z.real, z.imag]), mesh.t), ElementTriP2())
    stiffness = BilinearForm(lambda u, v, _: dot(grad(u), grad(v))).assemble(basis)
    nodes = basis.doflocs[0] + 1j * basis.doflocs[1]
    on_side = np.isclose(nodes.real, HALF)
    on_hole = np.isclose(np.abs(nodes - centre), RADIUS)
    u = solve(*condense(stiffness, x=on_side.astype(float), D=np.flatnonzero(on_side | on_hole)))
    return nodes, u


def on_grid(u: Callable[[Complex], Array]) -> Array:
    """Values at `POSITIONS`, `(x, y)`; NaN in the holes."""
    x, y = np.meshgrid(POSITIONS, POSITIONS, indexing="ij")
    outside = np.hypot(np.abs(x) - OFFSET, np.abs(y) - OFFSET) >= RADIUS
    values = np.full(x.shape, np.nan)
    values[outside] = u(x[outside] + 1j * y[outside])
    return values


if __name__ == "__main__":
    u, error = series()
    print(f"largest error on the boundary, and so everywhere: {error:.1e}")
    for cells in (8, 16, 32, 64):
        z, values = finite_elements(cells)
        difference = np.linalg.norm(values - u(z)) / np.linalg.norm(values)
        print(f"relative difference from finite elements, {cells} cells along a side: {difference:.1e}")
    np.savez_compressed(FILE, x=POSITIONS, y=POSITIONS, u=on_grid(u).astype(np.float32))
    print(f"wrote {FILE.name}, {FILE.stat().st_size / 1000:.0f} kB")
