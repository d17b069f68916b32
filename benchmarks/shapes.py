"""Shapes from scans: a signed distance by SIREN's loss beside screened Poisson reconstruction, on the same points.

    python -m benchmarks.shapes [--shape armadillo] [--seconds 290] [--threads 2] [--seed 0] [--resolution 160] [--save]

20,000 points with normals are drawn from the mesh `../shared/data/shapes/<shape>.npz`, scaled into [−0.8, 0.8]³.
Distances are exact, from 50,000 points on one mesh to the triangles of the other: mean both ways, and the largest.
Screened Poisson needs `pip install pymeshlab`, and is left out without it. Goal: 0.8 times its means or less, within 5
minutes on two cores, one connected component, the volume to 0.5 %.
"""

import argparse
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

ARGUMENTS = argparse.ArgumentParser(
    prog="python -m benchmarks.shapes", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
ARGUMENTS.add_argument("--shape", default="armadillo")
ARGUMENTS.add_argument("--seconds", type=float, default=290.0, help="of training")
ARGUMENTS.add_argument("--threads", type=int, default=2)
ARGUMENTS.add_argument("--seed", type=int, default=0)
ARGUMENTS.add_argument("--points", type=int, default=20_000)
ARGUMENTS.add_argument("--resolution", type=int, default=160, help="of the meshes, along the longest side")
ARGUMENTS.add_argument("--width", type=int, default=128)
ARGUMENTS.add_argument("--save", action="store_true", help="write benchmarks/results/shapes.md and a picture")
OPTIONS = ARGUMENTS.parse_args()
os.environ |= {"OMP_NUM_THREADS": str(OPTIONS.threads)}  # before torch starts its threads

import igl  # noqa: E402
import numpy as np  # noqa: E402
import scipy.sparse  # noqa: E402
import torch  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from sympy import Abs, exp  # noqa: E402

from pinr import (  # noqa: E402
    Adam,
    Box,
    Eq,
    FreshPoints,
    PointCloud,
    Problem,
    Siren,
    Solution,
    Surface,
    Uniform,
    coordinates,
    dot,
    grad,
    norm,
    on,
    solve,
    unknown,
)

torch.set_num_threads(OPTIONS.threads)
ROOT = Path(__file__).resolve().parents[1]
SHAPES = ROOT.parent / "shared" / "data" / "shapes"
SAMPLES = 50_000
SIZE = 0.8

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Mesh:
    """Triangles in space."""

    vertices: Points
    faces: NDArray[np.int64]

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

    def sample(self, count: int, seed: int) -> Points:
        """Points spread evenly by area."""
        samples = Surface(self.vertices, self.faces).sample(count, sampler=Uniform(), seed=seed)
        return np.stack([samples.points[name] for name in "xyz"], axis=1)


def distances(first: Mesh, second: Mesh, seed: int) -> Points:
    """From points of one mesh to the triangles of the other."""
    squares = igl.point_mesh_squared_distance(first.sample(SAMPLES, seed), second.vertices, second.faces)[0]
    return np.sqrt(squares)


def row(title: str, mesh: Mesh, truth: Mesh, seconds: float) -> str:
    """A line of the table."""
    there, back = distances(mesh, truth, 1), distances(truth, mesh, 2)
    largest = max(there.max(), back.max())
    return (
        f"| {title} | {seconds:.0f} | {there.mean():.2e} | {back.mean():.2e} | {largest:.1e} | "
        f"{mesh.volume:.5f} | {mesh.components} |"
    )


def truth_of(name: str) -> Mesh:
    """The mesh of a file, in [−0.8, 0.8]³."""
    with np.load(SHAPES / f"{name}.npz") as stored:
        vertices, faces = stored["vertices"].astype(float), stored["faces"].astype(np.int64)
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    return Mesh(SIZE * (vertices - (low + high) / 2) / ((high - low).max() / 2), faces)


def fitted(scan: PointCloud) -> Solution:
    """SIREN's signed distance (Sitzmann et al., NeurIPS 2020)."""
    x, y, z = coordinates("x y z")
    phi = unknown("phi", x, y, z)
    cube = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))
    shape = Problem(
        on(cube, Eq(norm(grad(phi)), 1), weight=50, loss="l1", name="eikonal"),
        on(scan, Eq(norm(grad(phi)), 1), weight=50, loss="l1", name="eikonal at the scan"),
        on(scan, Eq(phi, 0), weight=3e3, loss="l1", name="on the scan"),
        on(scan, 1 - dot(grad(phi), scan.normal) / norm(grad(phi)), weight=1e2, loss="l1", name="normals"),
        on(cube, exp(-100 * Abs(phi)), weight=1e2, loss="l1", name="nothing elsewhere"),
    )
    return solve(
        shape,
        Siren(width=OPTIONS.width, depth=4, omega=30),
        stages=[Adam(seconds=OPTIONS.seconds, rate=5e-4)],
        sampling=FreshPoints(every=4),
        seed=OPTIONS.seed,
    )


def screened_poisson(scan: PointCloud, depth: int) -> Mesh | None:
    """Kazhdan and Hoppe, ACM Trans. Graph. 32, 2013, by MeshLab; None where it is not installed."""
    try:
        import pymeshlab
    except ImportError:
        return None
    meshes = pymeshlab.MeshSet()
    meshes.add_mesh(pymeshlab.Mesh(scan.points, v_normals_matrix=scan.normals))
    meshes.generate_surface_reconstruction_screened_poisson(depth=depth, preclean=True)
    found = meshes.current_mesh()
    return Mesh(found.vertex_matrix().astype(float), found.face_matrix().astype(np.int64))


def rows() -> Iterator[str]:
    truth = truth_of(OPTIONS.shape)
    samples = Surface(truth.vertices, truth.faces).sample(OPTIONS.points, sampler=Uniform(), seed=0)
    columns = [[samples.points[name] for name in "xyz"], [samples.columns[f"normal.{name}"] for name in "xyz"]]
    places, normals = (np.stack(column, axis=1) for column in columns)
    scan = PointCloud(places, normals=normals, name="scan")
    started = time.perf_counter()
    solution = fitted(scan)
    seconds = time.perf_counter() - started
    (phi,) = (u.expression for u in solution.problem.unknowns)
    found = solution.region(phi < 0, resolution=OPTIONS.resolution).surface(resolution=OPTIONS.resolution)
    mesh = Mesh(found.points, found.cells[0].data.astype(np.int64))
    title = f"pinr, `Siren({OPTIONS.width}, 4)`, {solution.steps:,} steps, seed {OPTIONS.seed}"
    yield row(title, mesh, truth, seconds)
    if OPTIONS.save:
        solution.render(phi).save(ROOT / "docs" / "images" / f"{OPTIONS.shape}.png")
    for depth in (8, 10):
        started = time.perf_counter()
        other = screened_poisson(scan, depth)
        if other is not None:
            yield row(f"screened Poisson, depth {depth}", other, truth, time.perf_counter() - started)
    yield f"| the mesh itself | – | 0 | 0 | 0 | {truth.volume:.5f} | {truth.components} |"


def main() -> None:
    lines = [
        "| method | seconds | mean distance, mesh to truth | truth to mesh | largest | volume | parts |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for line in rows():
        lines.append(line)
        print("\n".join(lines) if len(lines) == 3 else line, flush=True)
    if OPTIONS.save:
        head = (
            f"# Shapes from scans\n\n{OPTIONS.shape} (Stanford 3D Scanning Repository), {OPTIONS.points:,} points with "
            f"normals, {OPTIONS.threads} threads; `python -m benchmarks.shapes`. {date.today()}, torch "
            f"{torch.__version__}.\n\n"
        )
        place = ROOT / "benchmarks" / "results" / "shapes.md"
        place.write_text(head + "\n".join(lines) + f"\n\n![The shape](../../docs/images/{OPTIONS.shape}.png)\n")


if __name__ == "__main__":
    main()
