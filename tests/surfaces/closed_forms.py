"""Shapes whose area and volume are known, as functions of points."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ellipe


@dataclass(frozen=True)
class Shape:
    """A field, its gradient, and what it encloses."""

    name: str
    field: Callable[[np.ndarray], np.ndarray]
    gradient: Callable[[np.ndarray], np.ndarray]
    enclosed: float | None = None
    area: float | None = None
    euler: int | None = None


def sphere(points):
    return np.linalg.norm(points - CENTRE, axis=1) - 0.7


def _sphere_gradient(points):
    away = points - CENTRE
    return away / np.linalg.norm(away, axis=1, keepdims=True)


def torus(points):
    x, y, z = points.T
    return np.hypot(np.hypot(x, y) - 0.6, z) - 0.25


def _torus_gradient(points):
    x, y, z = points.T
    r = np.hypot(x, y)
    ring = np.stack([x, y], axis=1) / r[:, None] * (r - 0.6)[:, None]
    away = np.concatenate([ring, z[:, None]], axis=1)
    return away / np.linalg.norm(away, axis=1, keepdims=True)


def box(points):
    q = np.abs(points) - [0.5, 0.6, 0.4]
    return np.linalg.norm(np.maximum(q, 0), axis=1) + np.minimum(q.max(axis=1), 0)


def gyroid(points):
    x, y, z = 4 * points.T
    return np.sin(x) * np.cos(y) + np.sin(y) * np.cos(z) + np.sin(z) * np.cos(x)


def _gyroid_gradient(points):
    s, c = np.sin(4 * points), np.cos(4 * points)
    return 4 * (c * np.roll(c, -1, axis=1) - s * np.roll(s, 1, axis=1))


def ellipse(points):
    return (points[:, 0] / 0.8) ** 2 + (points[:, 1] / 0.5) ** 2 - 1


CENTRE = np.array([0.05, -0.02, 0.01])
SPHERE = Shape("sphere", sphere, _sphere_gradient, 4 / 3 * math.pi * 0.7**3, 4 * math.pi * 0.7**2, 2)
TORUS = Shape("torus", torus, _torus_gradient, 2 * math.pi**2 * 0.6 * 0.25**2, 4 * math.pi**2 * 0.6 * 0.25, 0)
GYROID = Shape("gyroid", gyroid, _gyroid_gradient, 4.0)  # φ(−x) = −φ(x): half of the cube
BOX = Shape("box", box, lambda points: np.nan * points, 8 * 0.5 * 0.6 * 0.4, 8 * (0.3 + 0.2 + 0.24), 2)
ELLIPSE = Shape(
    "ellipse", ellipse, lambda p: 2 * p / [0.64, 0.25], math.pi * 0.4, 4 * 0.8 * ellipe(1 - (0.5 / 0.8) ** 2)
)
SOLIDS = [SPHERE, TORUS, GYROID, BOX]
