"""Clouds and triangle meshes of simple shapes, written down."""

import numpy as np


def fibonacci_sphere(count, radius=1.0):
    """Points of a sphere, nearly even, by the golden angle."""
    heights = 1 - (2 * np.arange(count) + 1) / count
    angles = np.pi * (1 + np.sqrt(5)) * np.arange(count)
    rims = np.sqrt(1 - heights**2)
    return radius * np.column_stack([rims * np.cos(angles), rims * np.sin(angles), heights])


def block(size=(1, 1, 1), corner=(0, 0, 0)):
    """A box of twelve triangles, two for each of the sides x−, x+, y−, y+, z−, z+ in turn."""
    vertices = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)], dtype=np.float64)
    sides = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = np.array([half for a, b, c, d in sides for half in ((a, b, c), (a, c, d))])
    return vertices * size + np.asarray(corner), faces


def octasphere(level, radius=1.0):
    """A sphere by halving the edges of an octahedron; its equators are edges. Vertices are repeated."""
    x, y, z = np.eye(3)
    signs = [(i, j, k) for i in (1, -1) for j in (1, -1) for k in (1, -1)]
    octants = [(i * x, j * y, k * z) if i * j * k > 0 else (j * y, i * x, k * z) for i, j, k in signs]
    corners = np.array(octants)
    for _ in range(level):
        a, b, c = (corners[:, k] for k in range(3))
        ab, bc, ca = ((p + q) / np.linalg.norm(p + q, axis=1, keepdims=True) for p, q in ((a, b), (b, c), (c, a)))
        pieces = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
        corners = np.concatenate([np.stack(piece, axis=1) for piece in pieces])
    vertices, numbers = np.unique(corners.reshape(-1, 3) + 0.0, axis=0, return_inverse=True)
    return radius * vertices, numbers.reshape(-1, 3)


def hemisphere(level):
    """The upper half of `octasphere`, open below."""
    vertices, faces = octasphere(level)
    return vertices, faces[vertices[faces].mean(axis=1)[:, 2] > 0]
