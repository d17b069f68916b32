"""A signed distance from a scan: a shape as the zero set of a field, fitted to points with normals.

`‖∇φ‖ = 1` in −1 ≤ x, y, z ≤ 1; `φ = 0`, `‖∇φ‖ = 1` and `∇φ·n = ‖∇φ‖` at the points of the scan; and `e^(−100 |φ|) = 0`,
which keeps the field away from 0 where there are none.

**What to expect.** The surface is there after seconds, distances far from it take longer. The eikonal equation alone
has many solutions; the normals say which side is outside. Sheets that the points do not ask for appear in corners where
the network is given high frequencies, in spite of the last equation; a lower frequency cures that, more steps do not.

**Good values.** `frequency` 4 for a shape as plain as this, 30 for a statue, with width 128 to 256 and depth 4.
`points` of the scan from some hundreds on.

**Reference.** The distance to a torus, in closed form; the scan is made from it. The last equation is not satisfied by
it, but for far from the surface. The loss is that of Sitzmann et al., Implicit Neural Representations with Periodic
Activation Functions, NeurIPS 2020.
"""

import numpy as np
from sympy import Abs, exp, sqrt

from pinr import Box, Eq, PointCloud, Problem, Siren, coordinates, dot, grad, norm, on, unknown

radius, thickness = 0.5, 0.25
points = 2000
width = 64
depth = 3
frequency = 4

number = np.arange(points) + 0.5
around, across = 2 * np.pi * number * (5**0.5 - 1) / 2, 2 * np.pi * number / points  # of the ring, of the tube
outward = np.stack([np.cos(across) * np.cos(around), np.cos(across) * np.sin(around), np.sin(across)], axis=1)
ring = radius * np.stack([np.cos(around), np.sin(around), 0 * around], axis=1)
scan = PointCloud(ring + thickness * outward, normals=outward, name="scan")

x, y, z = coordinates("x y z")
phi = unknown("phi", x, y, z)
cube = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))

problem = Problem(
    on(cube, Eq(norm(grad(phi)), 1), weight=50, loss="l1", name="eikonal"),
    on(scan, Eq(norm(grad(phi)), 1), weight=50, loss="l1", name="eikonal at the scan"),
    on(scan, Eq(phi, 0), weight=3000, loss="l1", name="on the scan"),
    on(scan, 1 - dot(grad(phi), scan.normal) / norm(grad(phi)), weight=100, loss="l1", name="normals"),
    on(cube, exp(-100 * Abs(phi)), weight=100, loss="l1", name="nothing elsewhere"),
    name="Signed distance",
    reference={phi: sqrt((sqrt(x**2 + y**2) - radius) ** 2 + z**2) - thickness},
)
network = Siren(width=width, depth=depth, omega=frequency)
