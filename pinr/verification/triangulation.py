"""Triangulation inside an outline: Delaunay refinement with sizes that shrink towards corners and sharp bends."""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay, cKDTree

from pinr.verification.outline import SNAP, Curve, Outline
from pinr.verification.unverifiable import UnverifiableError

Array = NDArray[np.float64]
Integers = NDArray[np.int_]

GROWTH = 0.4  # the most that sizes may grow per unit of length; larger values give flat triangles
TURN = np.pi / 7  # the most that one edge may turn along a curve, so that edges stay apart from what they cut off
SINGULAR_LEVELS = 6.0  # halvings towards a corner, over its exponent α: then (2^-levels)^2α is 2e-4
ROUNDS = 60  # of refinement inside; some ten suffice for shapes without cusps
SPLITS = 12  # of edges on the outline that another part of it comes near to
MOST_POINTS = 20_000  # of the coarsest mesh; a shape that needs more has a cusp or a crack

FAILURE = "no triangulation of the region was found (is a part of it very thin, or has it a cusp?)."


@final
@dataclass(frozen=True, eq=False)
class Triangulation:
    """Straight triangles, and for every edge on the outline its curve and the parameters of its two ends.

    Args:
        points: `(2, N)`.
        triangles: `(3, T)`, counter-clockwise.
        edges: `(2, E)`, points at the ends of the edges on the outline.
        curves: `(E,)`, number of the curve of each.
        parameters: `(2, E)`, of the ends along that curve.
    """

    points: Array
    triangles: Integers
    edges: Integers
    curves: Integers
    parameters: Array


@final
@dataclass(frozen=True, eq=False)
class _Sizes:
    """`h(x) = min(h₀, min_k (h_k + growth |x − x_k|))` around sources `x_k`."""

    largest: float
    sources: Array
    local: Array

    def __call__(self, points: Array) -> Array:
        smallest = np.full(points.shape[1], self.largest)
        for source, size in zip(self.sources.T, self.local, strict=True):
            distance = np.hypot(*(points - source[:, None]))
            np.minimum(smallest, size + GROWTH * distance, out=smallest)
        return smallest


def triangulate(outline: Outline, size: float) -> Triangulation:
    """Triangles of about the given size inside an outline.

    Raises:
        UnverifiableError: The outline could not be meshed.
    """
    sizes = _sizes(outline, size)
    divided = [_divided(curve, sizes) for curve in outline.curves]
    for _ in range(SPLITS):
        border = _border(outline, divided)
        points = _filled(border, sizes)
        triangles = _triangles_inside(points, border)
        missing = _missing(border.edges, triangles)
        if not missing.any():
            return Triangulation(points, triangles, border.edges, border.curves, border.parameters)
        divided = [_split(parameters, missing[border.curves == number]) for number, parameters in enumerate(divided)]
    raise UnverifiableError(FAILURE)


def _sizes(outline: Outline, size: float) -> _Sizes:
    sources = [c.position for c in outline.corners if c.is_singular]
    local = [size * 2 ** -(SINGULAR_LEVELS / c.exponent) for c in outline.corners if c.is_singular]
    for curve in outline.curves:
        parameters = np.linspace(curve.start, curve.end, 65)
        steps = np.diff(curve.place(parameters), axis=1)
        lengths = np.hypot(*steps)
        bend = np.abs(np.angle(np.exp(1j * np.diff(np.arctan2(steps[1], steps[0])))))
        allowed = TURN * (lengths[:-1] + lengths[1:]) / 2 / np.maximum(bend, 1e-12)
        length = lengths.sum()
        for k in np.flatnonzero(np.minimum(allowed, length) < 0.99 * size):
            sources.append(curve.place(parameters[k + 1 : k + 2])[:, 0])
            local.append(min(allowed[k], length))
    where = np.array(sources).T if sources else np.empty((2, 0))
    return _Sizes(size, where, np.array(local))


def _divided(curve: Curve, sizes: _Sizes) -> Array:
    """Parameters along a curve whose spacing follows the sizes."""
    parameters = np.linspace(curve.start, curve.end, 4097)
    points = curve.place(parameters)
    lengths = np.hypot(*np.diff(points, axis=1))
    middle = (points[:, 1:] + points[:, :-1]) / 2
    passed = np.concatenate([[0.0], np.cumsum(lengths / sizes(middle))])
    count = max(1, int(np.ceil(passed[-1] - 1e-9)))
    inner = np.interp(np.linspace(0, passed[-1], count + 1)[1:-1], passed, parameters)
    closed = np.hypot(*(points[:, 0] - points[:, -1])) < 1e-9 * lengths.sum()
    if closed and count < 3:
        inner = np.linspace(curve.start, curve.end, 4)[1:-1]
    return np.concatenate([[curve.start], inner, [curve.end]])


def _split(parameters: Array, missing: NDArray[np.bool_]) -> Array:
    middle = (parameters[:-1] + parameters[1:]) / 2
    return np.sort(np.concatenate([parameters, middle[missing]]))


def _border(outline: Outline, divided: list[Array]) -> Triangulation:
    """The points and edges on the outline; no triangles yet. Corners come first."""
    corners = np.array([c.position for c in outline.corners]).T
    near = cKDTree(corners.T)
    points, edges, curves, ends = [corners], [], [], []
    count = corners.shape[1]
    for number, (curve, parameters) in enumerate(zip(outline.curves, divided, strict=True)):
        placed = curve.place(parameters)
        _, (first, last) = near.query(placed[:, [0, -1]].T, distance_upper_bound=10 * SNAP * outline.diameter)
        indices = np.concatenate([[first], count + np.arange(len(parameters) - 2), [last]])
        points.append(placed[:, 1:-1])
        count += len(parameters) - 2
        edges.append(np.stack([indices[:-1], indices[1:]]))
        ends.append(np.stack([parameters[:-1], parameters[1:]]))
        curves.append(np.full(len(parameters) - 1, number))
    return Triangulation(
        np.hstack(points), np.empty((3, 0), int), np.hstack(edges), np.concatenate(curves), np.hstack(ends)
    )


def _filled(border: Triangulation, sizes: _Sizes) -> Array:
    """Points on the outline and inside: circumcentres are added until no triangle is too large or too flat."""
    points = border.points
    start, end = points[:, border.edges[0]], points[:, border.edges[1]]
    middles, radii = (start + end) / 2, np.hypot(*(end - start)) / 2
    protected = cKDTree(middles.T)
    for _ in range(ROUNDS):
        triangles = _triangles_inside(points, border)
        centers, radius, shortest = _circumcircles(points[:, triangles])
        wanted = sizes(points[:, triangles].mean(axis=1))
        excess = np.maximum(radius / (0.62 * wanted), radius / (1.5 * shortest))
        order = np.argsort(-excess)[: int((excess > 1).sum())]
        candidates, reach = centers[:, order], 0.6 * np.minimum(sizes(centers[:, order]), radius[order])
        inside = _is_inside(candidates, border)
        # Points in the circle over an edge of the outline would take that edge out of the triangulation.
        for k in np.flatnonzero(inside):
            close = protected.query_ball_point(candidates[:, k], radii.max())
            inside[k] = not any(np.hypot(*(candidates[:, k] - middles[:, e])) < radii[e] for e in close)
        candidates, reach = candidates[:, inside], reach[inside]
        if not candidates.shape[1]:
            break
        points = np.hstack([points, _apart(candidates, reach)])
        if points.shape[1] > MOST_POINTS:
            raise UnverifiableError(FAILURE)
    return points


def _apart(candidates: Array, reach: Array) -> Array:
    """Some of the candidates, first ones first, of which none is within another's reach."""
    tree = cKDTree(candidates.T)
    free = np.ones(len(reach), dtype=bool)
    for k in range(len(reach)):
        if free[k]:
            free[tree.query_ball_point(candidates[:, k], reach[k])] = False
            free[k] = True
    return candidates[:, free]


def _triangles_inside(points: Array, border: Triangulation) -> Integers:
    triangles = Delaunay(points.T).simplices.T.astype(int)
    a, b, c = points[:, triangles[0]], points[:, triangles[1]], points[:, triangles[2]]
    area = _cross(b - a, c - a)
    longest = np.maximum(np.hypot(*(b - a)), np.maximum(np.hypot(*(c - a)), np.hypot(*(c - b))))
    kept = (np.abs(area) > 1e-10 * longest**2) & _is_inside((a + b + c) / 3, border)
    triangles, area = triangles[:, kept], area[kept]
    return np.where(area > 0, triangles, triangles[[0, 2, 1]])


def _is_inside(points: Array, border: Triangulation) -> NDArray[np.bool_]:
    """By the number of edges that a ray to the right crosses."""
    (x0, y0), (x1, y1) = border.points[:, border.edges[0]], border.points[:, border.edges[1]]
    inside = np.zeros(points.shape[1], dtype=bool)
    for rows in np.array_split(np.arange(points.shape[1]), 1 + points.shape[1] * len(x0) // 4_000_000):
        x, y = points[0, rows, None], points[1, rows, None]
        straddles = (y0 > y) != (y1 > y)
        with np.errstate(divide="ignore", invalid="ignore"):
            crossing = x0 + (y - y0) * (x1 - x0) / (y1 - y0)
        inside[rows] = (straddles & (x < crossing)).sum(axis=1) % 2 == 1
    return inside


def _missing(edges: Integers, triangles: Integers) -> NDArray[np.bool_]:
    """Which edges of the outline are no edges of a triangle."""
    sides = np.hstack([triangles[[0, 1]], triangles[[1, 2]], triangles[[2, 0]]])
    present = set(map(tuple, np.sort(sides, axis=0).T.tolist()))
    return np.array([tuple(sorted(edge)) not in present for edge in edges.T.tolist()], dtype=bool)


def _circumcircles(vertices: Array) -> tuple[Array, Array, Array]:
    """Centres, radii and shortest sides of triangles `(2, 3, T)`."""
    a, b, c = vertices[:, 0], vertices[:, 1] - vertices[:, 0], vertices[:, 2] - vertices[:, 0]
    twice = 2 * _cross(b, c)
    b2, c2 = (b**2).sum(axis=0), (c**2).sum(axis=0)
    offset = np.stack([c[1] * b2 - b[1] * c2, b[0] * c2 - c[0] * b2]) / twice
    shortest = np.sqrt(np.minimum(np.minimum(b2, c2), ((b - c) ** 2).sum(axis=0)))
    return a + offset, np.hypot(*offset), shortest


def _cross(a: Array, b: Array) -> Array:
    return a[0] * b[1] - a[1] * b[0]
