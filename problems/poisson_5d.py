"""Poisson's equation in the five-dimensional unit cube.

`−Δu = π² Σ cos πx_i` on `[0, 1]⁵`, with `u = Σ cos πx_i` on the boundary.

**What to expect.** No mesh reaches here: ten points along each axis are already 100,000. Random points do not mind,
since the error of the mean falls like `1/√N` in every dimension. The Laplacian costs one direction per axis. The
solution is a sum over the axes, but nothing tells the network so; the ten faces are most of the work.

**Good values.** Width 32, depth 2, 1,024 points inside and as many on the ten faces: few points, often renewed, beat
many. Up to about ten dimensions as it stands; beyond, more width. 10 s on one core gave 3e-3.

**Reference.** Closed form, `u = Σ cos πx_i`; as in Müller and Zeinhofer, ICML 2023 (arXiv:2302.13163).
"""

from sympy import cos, pi

from pinr import Box, Eq, Problem, Siren, coordinates, laplacian, on, unknown

dimension = 5
width = 32
depth = 2
points = 1024

axes = coordinates(" ".join(f"x{i}" for i in range(1, dimension + 1)))
u = unknown("u", *axes)
cube = Box(**{axis.name: (0, 1) for axis in axes})
exact = sum(cos(pi * axis) for axis in axes)

problem = Problem(
    on(cube, Eq(-laplacian(u), pi**2 * exact), points=points),
    on(cube.boundary, Eq(u, exact), points=points),
    name="Poisson 5-D",
    reference={u: exact},
)
network = Siren(width=width, depth=depth)
