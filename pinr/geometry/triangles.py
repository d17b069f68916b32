"""Triangles in space: their areas and normals, and the chart from which their points are drawn."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pinr.geometry.chart import Chart
from pinr.geometry.rules import Nodes, gauss, radial, tensor
from pinr.geometry.samples import Samples
from pinr.surfaces.morton import morton_order

Corners = NDArray[np.float64]
Vectors = NDArray[np.float64]

MOST_NODES = 2**16  # of a quadrature over all triangles; never fewer than one for each
BITS = 10  # per axis, of the place along the curve that orders triangles


def area_vectors(corners: Corners) -> Vectors:
    """`½ (b − a) × (c − a)` for each of the triangles `(F, 3, 3)`: as long as the area, along the normal."""
    a, b, c = (corners[:, k] for k in range(3))
    return np.cross(b - a, c - a) / 2


def unit_normals(corners: Corners) -> Vectors:
    """The unit normals `(F, 3)`, by the right-hand rule; 0 where a triangle has no area."""
    vectors = area_vectors(corners)
    sizes = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, sizes, out=np.zeros_like(vectors), where=sizes > 0)


def closest_points(points: Vectors, corners: Corners) -> Vectors:
    """The place on each triangle that is nearest to the point of the same row, also of slivers.

    The foot of the perpendicular where it is inside, else the nearest place on an edge. Barycentric coordinates, by
    which libraries go, lose the square of a triangle's width.
    """
    normals = unit_normals(corners)
    heights = np.einsum("ni,ni->n", points - corners[:, 0], normals)
    feet = points - heights[:, None] * normals
    is_inside, best = np.ones(len(points), dtype=bool), np.full(len(points), np.inf)
    found = np.array(feet)
    for k in range(3):
        start, edge = corners[:, k], corners[:, (k + 1) % 3] - corners[:, k]
        is_inside &= np.einsum("ni,ni->n", np.cross(edge, feet - start), normals) >= 0
        square = np.einsum("ni,ni->n", edge, edge)
        along = np.einsum("ni,ni->n", points - start, edge) / np.where(square > 0, square, 1)
        places = start + np.clip(along, 0, 1)[:, None] * edge
        distances = np.linalg.norm(points - places, axis=1)
        nearer = distances < best
        best[nearer], found[nearer] = distances[nearer], places[nearer]
    found[is_inside] = feet[is_inside]
    return found


def triangle_chart(corners: Corners, names: Sequence[str]) -> Chart:
    """Points uniform by area over triangles `(F, 3, 3)`, with their unit normals in the columns `normal.<name>`.

    The first axis of the unit square runs through the areas of the triangles, one after the other; where it is in
    the area of its triangle, and the second axis, give the place there: `a + √r (b − a + v (c − b))`. Triangles
    are taken along a space-filling curve, so that points that are even on the square are even on the surface.
    """
    corners = corners[_along_curve(corners.mean(axis=1))]
    normals = unit_normals(corners)
    ends = np.cumsum(np.linalg.norm(area_vectors(corners), axis=1))
    area = float(ends[-1])
    ends = ends / area
    starts = np.concatenate([[0.0], ends[:-1]])
    shares = ends - starts

    def place(unit: NDArray[np.float64]) -> Samples:
        chosen = np.searchsorted(ends[:-1], unit[:, 0], side="right")
        inner = np.clip((unit[:, 0] - starts[chosen]) / np.where(shares[chosen] > 0, shares[chosen], 1), 0, 1)
        a, b, c = (corners[chosen, k] for k in range(3))
        points = a + np.sqrt(inner)[:, None] * (b - a + unit[:, 1:] * (c - b))
        columns = {f"normal.{name}": normals[chosen, k] for k, name in enumerate(names)}
        return Samples({name: points[:, k] for k, name in enumerate(names)}, columns)

    def rule(order: int) -> Nodes:
        there = np.flatnonzero(shares > 0)
        fewer = min(order, max(1, int(np.sqrt(MOST_NODES / len(there)))))
        nodes, weights = tensor(radial(2), gauss(1))(fewer)
        along = starts[there, None] + shares[there, None] * nodes[None, :, 0]
        across = np.broadcast_to(nodes[:, 1], along.shape)
        return np.column_stack([along.ravel(), across.ravel()]), (shares[there, None] * weights).ravel()

    return Chart(2, area, place, rule=rule)


def _along_curve(points: Vectors) -> NDArray[np.int64]:
    """The order of points along Morton's curve, the last axis first."""
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    steps = ((points - low) / np.where(size > 0, size, 1) * (2**BITS - 1)).astype(np.int64)
    return morton_order(steps[:, ::-1])
