"""The references of `problems/lid_driven_cavity.py`; run as a script, this file writes them anew.

With the smooth lid, Chebyshev collocation of velocity and pressure is what is stored; Taylor–Hood finite elements on a
graded mesh certify it, 2e-4 from it in the velocity and 2e-3 in the pressure. Both find the steady flow by Newton's
method from the Stokes flow. With the sharp lid, where collocation is spoilt by the jumps, the velocity of the elements
is stored: a coarser mesh, 48 cells, changes it by 3.4e-4, and the data of jaxpi certify it, 9.4e-4 from it where walls
and lid are 0.04 away or more.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy.linalg
import scipy.sparse.linalg
import skfem
from numpy.typing import NDArray
from scipy.interpolate import BarycentricInterpolator
from skfem.helpers import ddot, div, dot, grad, mul

REYNOLDS, STEEPNESS = 100.0, 50.0
POSITIONS = np.linspace(0, 1, 51)
FILE = Path(__file__).with_suffix(".npz")
SHARP_FILE = FILE.with_stem("lid_driven_cavity_sharp")

Array = NDArray[np.float64]
Lid = Callable[[Array], Array]


def smooth_lid(x: Array) -> Array:
    """`(1 − cosh(50(x − ½)) / cosh 25)²`: at both corners it and its slope are 0."""
    return (1 - np.cosh(STEEPNESS * (x - 0.5)) / np.cosh(STEEPNESS / 2)) ** 2


def sharp_lid(x: Array) -> Array:
    """1 between the corners, 0 at them."""
    return np.where((x > 0) & (x < 1), 1.0, 0.0)


def finite_elements(cells: int = 64, lid: Lid = smooth_lid, positions: Array = POSITIONS) -> Array:
    """`(v_x, v_y, p)` on the tensor grid of the positions, `(3, x, y)`; the pressure is 0 in the middle.

    Biquadratic velocities and bilinear pressures on `cells²` rectangles, which shrink towards the walls like
    `sin² (πs/2)`. Reference: Taylor and Hood, Computers & Fluids 1, 1973.
    """
    places = np.sin(np.linspace(0, np.pi / 2, cells + 1)) ** 2
    mesh = skfem.MeshQuad.init_tensor(places, places)
    v_basis = skfem.Basis(mesh, skfem.ElementVector(skfem.ElementQuad2()), intorder=5)
    p_basis = v_basis.with_element(skfem.ElementQuad1())
    friction = _friction.assemble(v_basis) / REYNOLDS
    mass = _mass.assemble(v_basis, p_basis)
    linear = scipy.sparse.bmat([[friction, -mass.T], [-mass, None]], format="csr")
    count = v_basis.N
    state = np.zeros(count + p_basis.N)
    on_lid = v_basis.get_dofs(lambda x: x[1] == 1)
    state[on_lid.all("u^1")] = lid(v_basis.doflocs[0, on_lid.all("u^1")])
    middle = count + p_basis.nodal_dofs[0, np.argmin(np.hypot(*(mesh.p - 0.5)))]
    fixed = np.append(v_basis.get_dofs().all(), middle)
    free = np.setdiff1d(np.arange(len(state)), fixed)

    def step(state: Array, inertia: float) -> Array:
        flow = v_basis.interpolate(state[:count])
        residual = linear @ state
        residual[:count] += inertia * _inertial_force.assemble(v_basis, w=flow)
        carried = friction + inertia * _inertia.assemble(v_basis, w=flow)
        matrix = scipy.sparse.bmat([[carried, -mass.T], [-mass, None]], format="csc")
        change = np.zeros_like(state)
        change[free] = scipy.sparse.linalg.spsolve(matrix[free][:, free], residual[free])
        return change

    state = _newton(state, step)
    grid = np.stack([axis.ravel() for axis in np.meshgrid(positions, positions, indexing="ij")])
    shape = (len(positions), len(positions))
    v = (v_basis.probes(grid) @ state[:count]).reshape(2, *shape)
    p = (p_basis.probes(grid) @ state[count:]).reshape(1, *shape)
    return np.concatenate([v, p])


def collocation(degree: int = 48, lid: Lid = smooth_lid, positions: Array = POSITIONS) -> Array:
    """The same on `x_j = (1 + cos(πj/n))/2`: velocities of degree n, pressures of degree n − 2 inside.

    Momentum and mass hold at the inner points, so that the pressure has no spurious mode but its constant.
    Reference: Canuto et al., Spectral Methods: Evolution to Complex Geometries, Springer 2007, ch. 3.
    """
    x = (1 + np.cos(np.pi * np.arange(degree + 1) / degree)) / 2
    inside = slice(1, -1)
    first = _differentiation(x)
    p_first = _differentiation(x[inside])
    n = (degree - 1) ** 2
    d, dd, eye = first[inside, inside], (first @ first)[inside, inside], np.eye(degree - 1)
    in_x, in_y = np.kron(d, eye), np.kron(eye, d)
    laplacian = np.kron(dd, eye) + np.kron(eye, dd)
    p_x, p_y = np.kron(p_first, eye), np.kron(eye, p_first)
    # The lid, y = 1, is the first place; its velocity enters the derivatives along y.
    by_lid = [np.outer(lid(x[inside]), column[inside, 0]).ravel() for column in (first, first @ first)]
    zero = np.zeros((n, n))
    middle = int(np.argmin(np.hypot(*(axis - 0.5 for axis in np.meshgrid(x[inside], x[inside], indexing="ij")))))

    def step(state: Array, inertia: float) -> Array:
        u, v, p = state.reshape(3, n)
        u_x, u_y, v_x, v_y = in_x @ u, in_y @ u + by_lid[0], in_x @ v, in_y @ v
        residual = np.concatenate([
            inertia * (u * u_x + v * u_y) + p_x @ p - (laplacian @ u + by_lid[1]) / REYNOLDS,
            inertia * (u * v_x + v * v_y) + p_y @ p - laplacian @ v / REYNOLDS,
            u_x + v_y,
        ])  # fmt: skip
        carried = inertia * (u[:, None] * in_x + v[:, None] * in_y) - laplacian / REYNOLDS
        matrix = np.block([
            [carried + inertia * np.diag(u_x), inertia * np.diag(u_y), p_x],
            [inertia * np.diag(v_x), carried + inertia * np.diag(v_y), p_y],
            [in_x, in_y, zero],
        ])  # fmt: skip
        # One equation of mass follows from the others; the constant of the pressure takes its place.
        matrix[2 * n + middle], residual[2 * n + middle] = 0, p[middle]
        matrix[2 * n + middle, 2 * n + middle] = 1
        return scipy.linalg.solve(matrix, residual, overwrite_a=True)

    u, v, p = _newton(np.zeros(3 * n), step).reshape(3, degree - 1, degree - 1)
    fields = np.zeros((2, degree + 1, degree + 1))
    fields[:, inside, inside] = u, v
    fields[0, inside, 0] = lid(x[inside])
    fields = np.stack([*(_interpolated(x, f, positions) for f in fields), _interpolated(x[inside], p, positions)])
    fields[2] -= _interpolated(x[inside], p, np.array([0.5]))
    return fields


def _newton(state: Array, step: Callable[[Array, float], Array]) -> Array:
    """The zero of the residuals, from the linear problem without inertia."""
    state = state - step(state, 0.0)
    for _ in range(20):
        change = step(state, 1.0)
        state = state - change
        if np.abs(change).max() < 1e-10 * np.abs(state).max():
            return state
    message = "Newton's method does not converge."
    raise ArithmeticError(message)


def _differentiation(x: Array) -> Array:
    """The matrix that differentiates the polynomial through values at `x` (Berrut, Trefethen, SIAM Rev. 46, 2004)."""
    apart = x[:, None] - x
    np.fill_diagonal(apart, 1.0)
    weights = 1 / np.prod(4 * apart, axis=1)  # 4: the capacity of [0, 1] is ¼, so that nothing underflows
    first = weights / weights[:, None] / apart
    np.fill_diagonal(first, 0.0)
    np.fill_diagonal(first, -first.sum(axis=1))
    return first


def _interpolated(x: Array, values: Array, positions: Array) -> Array:
    along_x = BarycentricInterpolator(x, values)(positions)
    return BarycentricInterpolator(x, along_x.T)(positions).T


@skfem.BilinearForm
def _friction(u, v, w):  # type: ignore[no-untyped-def]
    return ddot(grad(u), grad(v))


@skfem.BilinearForm
def _mass(u, q, w):  # type: ignore[no-untyped-def]
    return div(u) * q


@skfem.BilinearForm
def _inertia(u, v, w):  # type: ignore[no-untyped-def]
    return dot(mul(grad(w.w), u) + mul(grad(u), w.w), v)


@skfem.LinearForm
def _inertial_force(v, w):  # type: ignore[no-untyped-def]
    return dot(mul(grad(w.w), w.w), v)


if __name__ == "__main__":
    fields = collocation()
    print(f"largest changes from degree 40: {np.abs(fields - collocation(40)).max(axis=(1, 2))}")
    print(f"largest differences from finite elements: {np.abs(fields - finite_elements()).max(axis=(1, 2))}")
    np.savez_compressed(FILE, positions=POSITIONS, fields=fields.astype(np.float32))
    velocity, coarser = (finite_elements(cells, sharp_lid)[:2] for cells in (64, 48))
    change = np.linalg.norm(velocity - coarser) / np.linalg.norm(velocity)
    print(f"sharp lid, relative change from 48 cells: {change:.1e}")
    velocity[:, [0, -1], -1] = np.nan  # at the ends of the lid the velocity jumps
    np.savez_compressed(SHARP_FILE, positions=POSITIONS, fields=velocity.astype(np.float32))
    for file in (FILE, SHARP_FILE):
        print(f"wrote {file.name}, {file.stat().st_size / 1000:.0f} kB")
