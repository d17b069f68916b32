"""From a scan to the heat inside of it
=====================================

Points with normals become a shape, and the shape a region in which an equation is solved: `python
examples/heat_in_a_scan.py [seconds]`.

The scan is one of an ellipsoid, of which the temperature is known; with `PointCloud.read("scan.ply").normalized()` in
its place the rest stays as it is.
"""

import sys

import numpy as np
from sympy import Abs, exp

from pinr import (
    Adam,
    Box,
    Eq,
    GaussNewton,
    PointCloud,
    Problem,
    Siren,
    Sobol,
    coordinates,
    dot,
    grad,
    laplacian,
    norm,
    on,
    solve,
    unknown,
)

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0

axes = np.array([0.8, 0.5, 0.4])
sphere = np.random.default_rng(0).normal(size=(2000, 3))
sphere /= np.linalg.norm(sphere, axis=1, keepdims=True)
scan = PointCloud(axes * sphere, normals=sphere / axes, name="scan")

x, y, z = coordinates("x y z")
phi, T = unknown("phi", x, y, z), unknown("T", x, y, z)
cube = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))
shape = Problem(
    on(cube, Eq(norm(grad(phi)), 1), weight=50, loss="l1"),
    on(scan, Eq(phi, 0), weight=3000, loss="l1"),
    on(scan, 1 - dot(grad(phi), scan.normal) / norm(grad(phi)), weight=100, loss="l1"),
    on(cube, exp(-100 * Abs(phi)), weight=100, loss="l1"),
)
learned = solve(shape, Siren(width=32, depth=3, omega=4), stages=[Adam(steps=int(30 * SECONDS), rate=2e-3)])
inside = learned.region(phi < 0, resolution=48)
print(f"volume: {inside.measure:.3f}, of the ellipsoid {4 / 3 * np.pi * axes.prod():.3f}")

heat = Problem(on(inside, Eq(-laplacian(T), 1)), on(inside.boundary, Eq(T, 0)))
stages = [Adam(steps=int(10 * SECONDS)), GaussNewton(steps=int(5 * SECONDS))]
solution = solve(heat, Siren(width=16, depth=2), stages=stages)
solution.export("heat.vtu", resolution=32)  # tetrahedra that end at the surface

points = inside.sample(2000, sampler=Sobol(), seed=0).points
exact = (1 - sum(points[n] ** 2 / a**2 for n, a in zip("xyz", axes, strict=True))) / (2 / axes**2).sum()
error = np.linalg.norm(solution.evaluate(T, **points) - exact) / np.linalg.norm(exact)
print(f"relative L2 error: {error:.1e}")
