"""Spheres as clouds and meshes, written down."""

import numpy as np


def fibonacci_sphere(count, radius=1.0):
    """Points of a sphere, nearly even, by the golden angle."""
    heights = 1 - (2 * np.arange(count) + 1) / count
    angles = np.pi * (1 + np.sqrt(5)) * np.arange(count)
    rims = np.sqrt(1 - heights**2)
    return radius * np.column_stack([rims * np.cos(angles), rims * np.sin(angles), heights])
