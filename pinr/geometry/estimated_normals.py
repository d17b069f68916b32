"""Normals of point clouds: from the neighbours of every point, oriented alike."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, minimum_spanning_tree
from scipy.spatial import cKDTree

from pinr.errors import GeometryError

Rows = NDArray[np.float64]

ROWS_AT_ONCE = 2**16  # 25 MB of neighbours with 16 of them in space
SMALLEST_WIDTH = 1e-6  # of a neighbourhood's length: narrower ones are lines, which have no one normal


def estimated_normals(points: Rows, neighbours: int, written: str) -> Rows:
    """Unit normals up to their sign: the direction in which the nearest points vary least.

    The eigenvector of the smallest eigenvalue of the covariance of the nearest points, the point itself among them.

    Args:
        points: `(N, d)`.
        neighbours: How many of them.
        written: What the user wrote, for errors.

    Raises:
        GeometryError: The neighbours of a point lie on a line of space, or all at one place.

    Reference: Hoppe, DeRose, Duchamp, McDonald, Stuetzle, Surface reconstruction from unorganized points,
    SIGGRAPH 1992.
    """
    tree, parts = cKDTree(points), []
    for start in range(0, len(points), ROWS_AT_ONCE):
        rows = points[start : start + ROWS_AT_ONCE]
        normals, is_line = _thinnest(points[tree.query(rows, k=neighbours + 1)[1]])
        if is_line.any():
            row = start + int(np.argmax(is_line)) + 1
            message = (
                f"`{written}`: the {neighbours} nearest points of the point in row {row} lie on a line, so that it has "
                "no normal. Take more neighbours."
            )
            raise GeometryError(message)
        parts.append(normals)
    return np.concatenate(parts)


def _thinnest(around: Rows) -> tuple[Rows, NDArray[np.bool_]]:
    """The direction in which each neighbourhood `(N, k, d)` varies least, and whether there are others."""
    around = around - around.mean(axis=1, keepdims=True)
    # Per length, so that squares of tiny or huge coordinates neither vanish nor overflow.
    lengths = np.abs(around).max(axis=(1, 2), keepdims=True)
    around = around / np.where(lengths > 0, lengths, 1.0)
    values, vectors = np.linalg.eigh(np.einsum("nki,nkj->nij", around, around))
    # In the plane there is one direction across a line, in space there are many.
    return vectors[:, :, 0], values[:, 1] <= SMALLEST_WIDTH**2 * values[:, -1] * (around.shape[2] > 2)


def oriented_outward(points: Rows, normals: Rows, neighbours: int) -> Rows:
    """The normals with signs that agree between neighbours, and point out of a closed shape.

    Signs are handed on along the spanning tree of the graph of neighbours with the smallest sum of `1 − |n_i · n_j|`,
    from the point that is farthest from the middle of the points, where a closed shape curves around the middle. Parts
    that no neighbours connect are each a shape of their own.

    Reference: Hoppe et al., SIGGRAPH 1992.
    """
    count = len(points)
    near = cKDTree(points).query(points, k=neighbours + 1)[1][:, 1:]
    rows, columns = np.repeat(np.arange(count), neighbours), near.ravel()
    agreement = np.abs(np.einsum("ni,ni->n", normals[rows], normals[columns]))
    # A weight of 0 would be no edge.
    graph = coo_array((1 - np.minimum(agreement, 1) + 1e-9, (rows, columns)), shape=(count, count)).tocsr()
    tree = minimum_spanning_tree(graph.maximum(graph.T))
    number, label = connected_components(tree, directed=False)
    signs = np.ones(count)
    for part in range(number):
        members = np.flatnonzero(label == part) if number > 1 else np.arange(count)
        outward = points[members] - points[members].mean(axis=0)
        root = members[np.argmax(np.einsum("ni,ni->n", outward, outward))]
        away = points[root] - points[members].mean(axis=0)
        signs[root] = 1.0 if normals[root] @ away >= 0 else -1.0
        order, before = breadth_first_order(tree, root, directed=False)
        agrees = np.einsum("ni,ni->n", normals[order[1:]], normals[before[order[1:]]]) >= 0
        for node, same in zip(order[1:].tolist(), agrees.tolist(), strict=True):
            signs[node] = signs[before[node]] if same else -signs[before[node]]
    return normals * signs[:, None]


def oriented_towards(points: Rows, normals: Rows, viewpoint: Rows) -> Rows:
    """The normals with signs such that they point to the side from which the points were seen."""
    towards = np.einsum("ni,ni->n", normals, viewpoint - points) >= 0
    return np.where(towards[:, None], normals, -normals)
