"""Simple polygons: orientation, self-intersection, triangles."""

import numpy as np
from numpy.typing import NDArray

Vertices = NDArray[np.float64]


def signed_area(vertices: Vertices) -> float:
    """`½ Σ (x_i y_{i+1} − x_{i+1} y_i)`, positive counterclockwise."""
    x, y = (vertices - vertices[0]).T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)


def crossing_edges(vertices: Vertices) -> tuple[int, int] | None:
    """Two edges that meet elsewhere than at the vertex that they share, if there are any."""
    count = len(vertices)
    starts, ends = vertices, np.roll(vertices, -1, axis=0)
    for i in range(count):
        later = np.arange(i + 1, count)
        meets = _segments_meet(starts[i], ends[i], starts[later], ends[later])
        for j in later[meets]:
            if j - i in (1, count - 1):
                first, second = (i, j) if j - i == 1 else (j, i)
                arriving, leaving = starts[first] - ends[first], ends[second] - starts[second]
                if not (_cross(arriving, leaving) == 0 and arriving @ leaving > 0):
                    continue
            return i, int(j)
    return None


def triangles(vertices: Vertices) -> list[tuple[int, int, int]]:
    """Vertex numbers of triangles that make up a simple polygon, by cutting off its ears.

    Reference: Meisters, Polygons have ears, Am. Math. Monthly 82 (1975).
    """
    left = list(range(len(vertices)))
    if signed_area(vertices) < 0:
        left.reverse()
    found: list[tuple[int, int, int]] = []
    while len(left) > 3:
        k = _ear(vertices, left)
        corner = (left[k - 1], left[k], left[(k + 1) % len(left)])
        if _doubled_area(vertices, corner) > 0:
            found.append(corner)
        del left[k]
    last = (left[0], left[1], left[2])
    return [*found, last] if _doubled_area(vertices, last) > 0 else found


def is_convex(vertices: Vertices) -> bool:
    """Whether every turn has the same direction."""
    edges = np.roll(vertices, -1, axis=0) - vertices
    turns = _cross(edges, np.roll(edges, -1, axis=0))
    return bool((turns >= 0).all() or (turns <= 0).all())


def _ear(vertices: Vertices, left: list[int]) -> int:
    """A convex corner whose triangle contains no other vertex; a straight corner before all others."""
    points = vertices[left]
    before, after = np.roll(points, 1, axis=0), np.roll(points, -1, axis=0)
    turns = _cross(points - before, after - points)
    flat = np.flatnonzero(turns == 0)
    if len(flat):
        return int(flat[0])
    for k in np.flatnonzero(turns > 0):
        a, b, c = before[k], points[k], after[k]
        sides = [_cross(q - p, points - p) for p, q in ((a, b), (b, c), (c, a))]
        inside = np.logical_and.reduce([side >= 0 for side in sides])
        inside[[k - 1, k, (k + 1) % len(left)]] = False
        if not inside.any():
            return int(k)
    return int(np.argmax(turns))  # rounding has hidden the ear: the sharpest corner is closest to one


def _doubled_area(vertices: Vertices, corner: tuple[int, int, int]) -> float:
    a, b, c = vertices[list(corner)]
    return float(_cross(b - a, c - a))


def _cross(u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
    return u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]


def _segments_meet(a: Vertices, b: Vertices, c: Vertices, d: Vertices) -> NDArray[np.bool_]:
    """Whether the closed segment `ab` meets the segments `cd`."""
    side_c, side_d = np.sign(_cross(b - a, c - a)), np.sign(_cross(b - a, d - a))
    side_a, side_b = np.sign(_cross(d - c, a - c)), np.sign(_cross(d - c, b - c))
    low, high = np.minimum(a, b), np.maximum(a, b)
    apart = ((np.minimum(c, d) > high) | (np.maximum(c, d) < low)).any(axis=1)
    return (side_c * side_d <= 0) & (side_a * side_b <= 0) & ~apart
