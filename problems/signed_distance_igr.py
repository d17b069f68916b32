"""A signed distance from points without normals: implicit geometric regularisation.

`φ = 0` and `‖∇φ‖ = 1` at the points of the scan; `‖∇φ‖ = 1` next to it and in −1 ≤ x, y, z ≤ 1; and `e^(−100 |φ|) = 0`,
which keeps the field away from 0 where there are no points.

**What to expect.** Nothing in the equations says which side is outside: −φ satisfies them as well. The network begins as
the distance to a sphere, so that the corners of the cube are outside, and what it learns stays so. The hole of the
torus opens within the first hundreds of steps. Where points are sparser than the features of the shape, the eikonal
equation fills the gaps with what is flattest.

**Good values.** `sphere` ½ for a shape that fills most of the cube; None begins with waves, and inside and outside are
then a matter of luck. `frequency` 4 for a shape as plain as this, 15 to 30 for a statue with 20,000 points, with width 128
and depth 4. With normals at hand, `signed_distance` uses them.

**Reference.** The distance to a torus, in closed form; the scan is made from it. The last equation is not satisfied by it,
but for far from the surface. Gropp, Yariv, Haim, Atzmon and Lipman, Implicit Geometric Regularization for Learning
Shapes, ICML 2020, with L1 losses, sine layers, and the last term of Sitzmann et al., NeurIPS 2020.
"""

import numpy as np
from sympy import Abs, exp, sqrt

from pinr import Box, Eq, PointCloud, Problem, Siren, coordinates, grad, norm, on, unknown

radius, thickness = 0.5, 0.25
points = 2000
spread = 0.05
width = 64
depth = 3
frequency = 4
sphere = 0.5

number = np.arange(points) + 0.5
around, across = 2 * np.pi * number * (5**0.5 - 1) / 2, 2 * np.pi * number / points  # of the ring, of the tube
outward = np.stack([np.cos(across) * np.cos(around), np.cos(across) * np.sin(around), np.sin(across)], axis=1)
ring = radius * np.stack([np.cos(around), np.sin(around), 0 * around], axis=1)
scan = PointCloud(ring + thickness * outward, name="scan")
nearby = PointCloud(scan.points + spread * np.random.default_rng(0).normal(size=(points, 3)), name="nearby")

x, y, z = coordinates("x y z")
phi = unknown("phi", x, y, z)
cube = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))

problem = Problem(
    on(scan, Eq(phi, 0), weight=3000, loss="l1", name="on the scan"),
    on(scan, Eq(norm(grad(phi)), 1), weight=50, loss="l1", name="eikonal at the scan"),
    on(nearby, Eq(norm(grad(phi)), 1), weight=50, loss="l1", name="eikonal next to it"),
    on(cube, Eq(norm(grad(phi)), 1), weight=50, loss="l1", name="eikonal"),
    on(cube, exp(-100 * Abs(phi)), weight=100, loss="l1", name="nothing elsewhere"),
    name="Signed distance without normals",
    reference={phi: sqrt((sqrt(x**2 + y**2) - radius) ** 2 + z**2) - thickness},
)
network = Siren(width=width, depth=depth, omega=frequency, sphere=sphere)
