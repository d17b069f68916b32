"""Triangles in space, and how far two meshes are from one another."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import igl
import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from pinr import Solution, Surface, Uniform

ROOT = Path(__file__).resolve().parents[2]
SHAPES = ROOT.parent / "shared" / "data" / "shapes"
SIZE = 0.8
SAMPLES = 50_000
MARGIN = 0.02  # around holes, of a shape that is 1.6 long
EDGE_STEP = MARGIN / 10

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Mesh:
    """Triangles, closed or not."""

    vertices: Points
    faces: NDArray[np.int64]

    @cached_property
    def surface(self) -> Surface:
        return Surface(self.vertices, self.faces)

    @property
    def volume(self) -> float:
        """By the divergence theorem."""
        a, b, c = (self.vertices[self.faces[:, k]] for k in range(3))
        return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)

    @property
    def components(self) -> int:
        """Number of connected parts."""
        ends = np.concatenate([self.faces[:, [0, 1]], self.faces[:, [1, 2]]])
        count = len(self.vertices)
        graph = scipy.sparse.coo_matrix((np.ones(len(ends)), ends.T), shape=(count, count))
        labels = scipy.sparse.csgraph.connected_components(graph, directed=False)[1]
        return len(np.unique(labels[self.faces[:, 0]]))

    def sample(self, count: int, seed: int) -> tuple[Points, Points]:
        """Points spread evenly by area, and the normals there."""
        samples = self.surface.sample(count, sampler=Uniform(), seed=seed)
        columns = [samples.points[name] for name in "xyz"], [samples.columns[f"normal.{name}"] for name in "xyz"]
        points, normals = (np.stack(column, axis=1) for column in columns)
        return points, normals

    @cached_property
    def holes(self) -> cKDTree | None:
        """Points along the edges where the mesh ends, none where it is closed."""
        edges = self.surface.boundary_edges
        if not len(edges):
            return None
        longest = np.linalg.norm(edges[:, 1] - edges[:, 0], axis=1).max()
        shares = np.linspace(0, 1, 2 + int(longest / EDGE_STEP))[:, None, None]
        return cKDTree(((1 - shares) * edges[:, 0] + shares * edges[:, 1]).reshape(-1, 3))

    def is_away_from_holes(self, points: Points) -> NDArray[np.bool_]:
        """Whether points of the mesh are farther than `MARGIN` from where it ends."""
        return np.ones(len(points), dtype=bool) if self.holes is None else self.holes.query(points)[0] > MARGIN


@dataclass(frozen=True)
class Deviation:
    """Between a mesh and the true one: distances of 50,000 points of each to the triangles of the other."""

    mean_to_truth: float
    mean_to_mesh: float
    largest: float

    @classmethod
    def of(cls, mesh: Mesh, truth: Mesh) -> "Deviation":
        """Away from the holes of the truth.

        What closes a hole belongs to no surface that is known: points of either mesh are left out if the nearest point
        of the true one is within `MARGIN` of where it ends.
        """
        there, places = _distances(mesh.sample(SAMPLES, 1)[0], truth)
        there = there[truth.is_away_from_holes(places)]
        true_points = truth.sample(SAMPLES, 2)[0]
        back = _distances(true_points[truth.is_away_from_holes(true_points)], mesh)[0]
        return cls(float(there.mean()), float(back.mean()), float(max(there.max(), back.max())))


def _distances(points: Points, mesh: Mesh) -> tuple[Points, Points]:
    squares, _, places = igl.point_mesh_squared_distance(points, mesh.vertices, mesh.faces)
    return np.sqrt(squares), places


def scanned(name: str) -> Mesh:
    """The mesh of a file, in [−0.8, 0.8]³."""
    with np.load(SHAPES / f"{name}.npz") as stored:
        vertices, faces = stored["vertices"].astype(float), stored["faces"].astype(np.int64)
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    return Mesh(SIZE * (vertices - (low + high) / 2) / ((high - low).max() / 2), faces)


def extracted(solution: Solution, inside: object, resolution: int) -> Mesh:
    """The surface of what a solution has learned."""
    found = solution.region(inside, resolution=resolution).surface(resolution=resolution)
    return Mesh(found.points, found.cells[0].data.astype(np.int64))
