"""An unsigned distance to a surface that ends, and in which three sheets meet: half a sphere with a disc in it.

`φ = h` in −1 ≤ x, y, z ≤ 1 and near the points, where `h` is the distance to the nearest of them; `φ = 0` at the
points.

**What to expect.** There is no inside, so that no sign is asked for, and no surface `φ < 0`. `solution.cloud(phi)`
brings points of the box onto the surface by `x − φ ∇φ / |∇φ|`: the rim and the edge where the disc meets the sphere
stay as they are. A network rounds the crease of `φ` at the surface off, and there `φ` stays somewhat above 0.

**Good values.** `frequency` 20, because of the crease. `spread` a few times the distance between points.

**Reference.** The distance to half a sphere and a disc, in closed form; the points are made from it. The projection
is that of Chibane, Mir, Pons-Moll, Neural Unsigned Distance Fields for Implicit Function Learning, NeurIPS 2020; the
network there is another one.
"""

import numpy as np
from sympy import Max, Min, Piecewise, sqrt

from pinr import Adam, Box, Eq, PointCloud, Problem, Siren, coordinates, on, unknown

radius, height = 0.6, 0.3  # of the sphere; of the disc above the rim
points = 8000
spread = 0.03
width = 64
depth = 4
frequency = 20

disc = np.sqrt(radius**2 - height**2)
sphere_points = int(points * 2 * radius**2 / (2 * radius**2 + disc**2))  # as dense as on the disc
turns = np.pi * (3 - 5**0.5) * np.arange(points)
share = (np.arange(points) + 0.5) / sphere_points
above = np.where(share < 1, radius * share, height)
flat = disc * np.sqrt(np.maximum(share - 1, 0) * sphere_points / (points - sphere_points))
out = np.where(share < 1, np.sqrt(radius**2 - above**2), flat)
places = np.stack([out * np.cos(turns), out * np.sin(turns), above], axis=1)
scan = PointCloud(places, name="scan")
noise = np.random.default_rng(0).normal(scale=spread, size=(10 * points, 3))
near = PointCloud(np.tile(places, (10, 1)) + noise, name="near")

x, y, z = coordinates("x y z")
phi = unknown("phi", x, y, z)
cube = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))
rho = sqrt(x**2 + y**2)
to_rim, to_sphere = sqrt((rho - radius) ** 2 + z**2), sqrt((sqrt(rho**2 + z**2) - radius) ** 2)
to_disc = sqrt(Max(rho - disc, 0) ** 2 + (z - height) ** 2)

problem = Problem(
    on(cube, Eq(phi, scan.distance), loss="l1", name="distance"),
    on(near, Eq(phi, scan.distance), loss="l1", name="distance nearby"),
    on(scan, Eq(phi, 0), loss="l1", name="on the scan"),
    name="Unsigned distance",
    reference={phi: Min(Piecewise((to_sphere, z > 0), (to_rim, True)), to_disc)},
)
network = Siren(width=width, depth=depth, omega=frequency)
stages = [Adam(steps=1_500, rate=2e-3)]
