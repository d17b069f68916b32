"""A signed distance from points without normals: implicit geometric regularisation.

`φ = 0` and `‖∇φ‖ = 1` at the points of the scan, `‖∇φ‖ = 1` in −1 ≤ x, y, z ≤ 1; `h |φ| = h²` there, with h the
distance to the nearest point of the scan; and `φ ≥ 0.1` on the sides of the cube, which are outside.

**What to expect.** Without normals −φ satisfies the same equations, but for the last: it says which side is outside.
The network begins as the distance to a sphere, and the hole of the torus opens within the first hundreds of steps.
Where points are sparser than features of the shape, the eikonal equation fills the gaps with what is flattest.

**Good values.** `sphere` ½ for a shape that fills most of the cube. `frequency` 4 for a shape as plain as this, 15 to
30 for a statue with 20,000 points, with width 128 and depth 4. The distance to points is larger than that to the
surface, next to it by as much as points are apart; so it counts by how far it is. Without it pieces of the sphere stay
where there is no point. With normals at hand, `signed_distance` uses them.

**Reference.** The distance to a torus, in closed form; the scan is made from it. The third equation is satisfied by it
up to the distances of points. Gropp, Yariv, Haim, Atzmon and Lipman, Implicit Geometric Regularization for Learning
Shapes, ICML 2020, with sine layers, and with distances as of Atzmon and Lipman, SAL, CVPR 2020.
"""

import numpy as np
from sympy import Abs, sqrt

from pinr import Box, Eq, PointCloud, Problem, Siren, coordinates, grad, norm, on, unknown

radius, thickness = 0.5, 0.25
points = 2000
width = 64
depth = 3
frequency = 4
sphere = 0.5

number = np.arange(points) + 0.5
around, across = 2 * np.pi * number * (5**0.5 - 1) / 2, 2 * np.pi * number / points  # of the ring, of the tube
outward = np.stack([np.cos(across) * np.cos(around), np.cos(across) * np.sin(around), np.sin(across)], axis=1)
ring = radius * np.stack([np.cos(around), np.sin(around), 0 * around], axis=1)
scan = PointCloud(ring + thickness * outward, name="scan")

x, y, z = coordinates("x y z")
phi = unknown("phi", x, y, z)
cube = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))

problem = Problem(
    on(scan, Eq(phi, 0), weight=3000, loss="l1", name="on the scan"),
    on(scan, Eq(norm(grad(phi)), 1), weight=50, loss="l1", name="eikonal at the scan"),
    on(cube, Eq(norm(grad(phi)), 1), weight=50, loss="l1", name="eikonal"),
    on(cube, scan.distance * (Abs(phi) - scan.distance), weight=300, loss="l1", name="distances of points"),
    on(cube.boundary, phi >= 0.1, weight=100, loss="l1", name="outside"),
    name="Signed distance without normals",
    reference={phi: sqrt((sqrt(x**2 + y**2) - radius) ** 2 + z**2) - thickness},
)
network = Siren(width=width, depth=depth, omega=frequency, sphere=sphere)
