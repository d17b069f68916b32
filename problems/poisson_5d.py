"""Poisson's equation in the five-dimensional unit cube.

`−Δu = π² Σ cos πx_i` on `[0, 1]⁵`, with `u = Σ cos πx_i` on the boundary.

**What to expect.** No mesh reaches here: ten points along each axis are already 100,000. Random points do not mind,
since the error of the mean falls like `1/√N` in every dimension. The Laplacian costs one direction per axis. The
solution is a sum over the axes, but nothing tells the network so; the ten faces are most of the work.

**Good values.** Width 64, depth 3, 2,048 points inside. Up to about ten dimensions as it stands; beyond, more width and
more points on the faces.  A minute on one core gives 1e-3.

**Reference.** Closed form, `u = Σ cos πx_i`; as in Müller and Zeinhofer, ICML 2023 (arXiv:2302.13163).
"""

from sympy import cos, pi

from pinr import Box, Eq, Problem, Siren, coordinates, laplacian, on, unknown

dimension = 5
width = 64
depth = 3

axes = coordinates(" ".join(f"x{i}" for i in range(1, dimension + 1)))
u = unknown("u", *axes)
cube = Box(**{axis.name: (0, 1) for axis in axes})
exact = sum(cos(pi * axis) for axis in axes)

problem = Problem(
    on(cube, Eq(-laplacian(u), pi**2 * exact)),
    on(cube.boundary, Eq(u, exact)),
    name="Poisson 5-D",
    reference={u: exact},
)
network = Siren(width=width, depth=depth)
