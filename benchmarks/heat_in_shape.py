"""−ΔT = 1, T = 0 inside a shape that a network has learned from a scan, beside finite differences in the same shape.

    python -m benchmarks.heat_in_shape [--learned FILE] [--shape-seconds 150] [--steps 200] [--seconds S] [--save]

The armadillo is learned from 20,000 points with normals by SIREN's loss, as in `benchmarks.shapes` but shorter, or read
from the file of a saved solution, which is made if there is none; T then lives in `solution.region(phi < 0)`.

The reference is second order: seven points, and at nodes beside the boundary the distance to the zero of φ along the
grid line, in the symmetric form of Gibou, Fedkiw, Cheng, Kang, J. Comput. Phys. 176, 2002, eq. 13–16, solved by
conjugate gradients. Grids are halved until two differ by less than 1 %, twice. Goal: relative L2 error ≤ 5 %.

`--steps` are those of Gauss–Newton after 100 of Adam, on the network that `solve` chooses; with `--seconds` everything
is left to `solve`. Times are CPU seconds of one thread.
"""

import argparse
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

ARGUMENTS = argparse.ArgumentParser(
    prog="python -m benchmarks.heat_in_shape", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
ARGUMENTS.add_argument("--shape", default="armadillo")
ARGUMENTS.add_argument("--learned", type=Path, help="a saved solution with the unknown phi; made if there is none")
ARGUMENTS.add_argument("--shape-seconds", type=float, default=150.0, help="of training the shape")
ARGUMENTS.add_argument("--steps", type=int, default=160, help="of Gauss–Newton")
ARGUMENTS.add_argument("--seconds", type=float, help="leave everything to `solve`, for so long")
ARGUMENTS.add_argument("--cells", type=int, default=64, help="of the first grid of finite differences")
ARGUMENTS.add_argument("--seed", type=int, default=0)
ARGUMENTS.add_argument("--save", action="store_true", help="write benchmarks/results/heat_in_shape.md and a picture")
OPTIONS = ARGUMENTS.parse_args()
os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch starts its threads

import matplotlib.pyplot as plt  # noqa: E402
import meshio  # noqa: E402
import numpy as np  # noqa: E402
import scipy.sparse  # noqa: E402
import torch  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from scipy.sparse.linalg import cg  # noqa: E402
from sympy import Abs, exp  # noqa: E402

from pinr import (  # noqa: E402
    Adam,
    Box,
    Eq,
    FreshPoints,
    GaussNewton,
    LevelSet,
    PointCloud,
    Problem,
    Siren,
    Solution,
    Surface,
    Uniform,
    coordinates,
    dot,
    grad,
    laplacian,
    norm,
    on,
    solve,
    unknown,
)

ROOT = Path(__file__).resolve().parents[1]
SHAPES = ROOT.parent / "shared" / "data" / "shapes"
SIZE = 0.8
RESOLUTION = 96  # of the learned region
NEAREST = 1e-6  # of a cell: nodes nearer to the boundary count as on it
GOOD = 0.01  # relative difference of two grids

Array = NDArray[np.float64]

x, y, z = coordinates("x y z")
phi, T = unknown("phi", x, y, z), unknown("T", x, y, z)


def scanned(name: str) -> PointCloud:
    """20,000 points with normals of a mesh that is scaled into [−0.8, 0.8]³."""
    with np.load(SHAPES / f"{name}.npz") as stored:
        vertices, faces = stored["vertices"].astype(float), stored["faces"].astype(np.int64)
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    vertices = SIZE * (vertices - (low + high) / 2) / ((high - low).max() / 2)
    samples = Surface(vertices, faces).sample(20_000, sampler=Uniform(), seed=0)
    places = np.stack([samples.points[n] for n in "xyz"], axis=1)
    normals = np.stack([samples.columns[f"normal.{n}"] for n in "xyz"], axis=1)
    return PointCloud(places, normals=normals, name="scan")


def learned() -> Solution:
    """SIREN's signed distance (Sitzmann et al., NeurIPS 2020)."""
    if OPTIONS.learned is not None and OPTIONS.learned.exists():
        return Solution.load(OPTIONS.learned)
    scan, cube = scanned(OPTIONS.shape), Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))
    shape = Problem(
        on(cube, Eq(norm(grad(phi)), 1), weight=50, loss="l1", name="eikonal"),
        on(scan, Eq(norm(grad(phi)), 1), weight=50, loss="l1", name="eikonal at the scan"),
        on(scan, Eq(phi, 0), weight=3e3, loss="l1", name="on the scan"),
        on(scan, 1 - dot(grad(phi), scan.normal) / norm(grad(phi)), weight=1e2, loss="l1", name="normals"),
        on(cube, exp(-100 * Abs(phi)), weight=1e2, loss="l1", name="nothing elsewhere"),
        name=OPTIONS.shape,
    )
    solution = solve(
        shape,
        Siren(width=96, depth=4, omega=30),
        stages=[Adam(seconds=OPTIONS.shape_seconds, rate=7e-4)],
        sampling=FreshPoints(every=4),
    )
    if OPTIONS.learned is not None:
        solution.save(OPTIONS.learned)
    return solution


@dataclass(frozen=True)
class Reference:
    """Values of T on the nodes of a grid over [−1, 1]³, NaN outside, and what they took."""

    axis: Array
    values: Array
    iterations: int
    seconds: float

    @property
    def inside(self) -> NDArray[np.int64]:
        return np.argwhere(np.isfinite(self.values))


def finite_differences(shape: LevelSet, cells: int) -> Reference:
    """`Σ (T_P − T_Q) / h²` over six neighbours; of one that is outside it is `T_P / θ h²`, the boundary at `θ h`."""
    began = time.process_time()
    axis = np.linspace(-1, 1, cells + 1)
    inside = np.zeros((cells + 1,) * 3, dtype=bool)
    second, third = (a.ravel() for a in np.meshgrid(axis, axis, indexing="ij"))
    for plane, first in zip(inside, axis, strict=True):
        plane[...] = shape.contains({"x": first, "y": second, "z": third}).reshape(plane.shape)
    number = np.full(inside.shape, -1)
    number[inside] = np.arange(np.count_nonzero(inside))
    place = np.argwhere(inside)
    diagonal, pairs = np.zeros(len(place)), []
    for step in np.concatenate([np.eye(3, dtype=int), -np.eye(3, dtype=int)]):
        neighbour = number[tuple((place + step).T)]
        cut = np.flatnonzero(neighbour < 0)
        diagonal += 1
        diagonal[cut] += 1 / np.maximum(shares(shape, axis[place[cut]], axis[place[cut] + step]), NEAREST) - 1
        kept = np.flatnonzero(neighbour >= 0)
        pairs.append(np.stack([kept, neighbour[kept]]))
    rows, columns = np.concatenate(pairs, axis=1)
    matrix = scipy.sparse.csr_matrix((-np.ones(len(rows)), (rows, columns)), shape=(len(place),) * 2)
    matrix = matrix + scipy.sparse.diags(diagonal)
    steps: list[Array] = []
    right = np.full(len(place), (axis[1] - axis[0]) ** 2)
    found, failed = cg(
        matrix, right, rtol=1e-9, M=scipy.sparse.diags(1 / diagonal), callback=lambda _: steps.append(right)
    )
    assert not failed
    values = np.full(inside.shape, np.nan)
    values[inside] = found
    return Reference(axis, values, len(steps), time.process_time() - began)


def shares(shape: LevelSet, start: Array, end: Array) -> Array:
    """How far along the way from inside to outside φ is 0, by regula falsi in Illinois' form."""
    low, high = np.zeros(len(start)), np.ones(len(start))
    at_low, at_high = shape.level.values(start), shape.level.values(end)
    lost = (at_low >= 0) | (at_high <= 0)  # by rounding, or an island that is not in the region
    share = high
    for _ in range(6):
        share = np.clip(low - at_low * (high - low) / np.where(lost, 1.0, at_high - at_low), low, high)
        value = shape.level.values(start + share[:, None] * (end - start))
        is_low = value < 0
        low, at_low, at_high = (
            np.where(is_low, share, low),
            np.where(is_low, value, at_low / 2),
            np.where(is_low, at_high / 2, value),
        )
        high = np.where(is_low, high, share)
    return np.where(lost, 1.0, share)


def references(shape: LevelSet) -> Iterator[tuple[Reference, float]]:
    """Finer and finer grids, each with the relative difference to the one before, until two differences are small."""
    before, good, cells = None, 0, OPTIONS.cells
    while good < 2:
        found = finite_differences(shape, cells)
        difference = float("nan")
        if before is not None:
            coarse = found.values[::2, ::2, ::2]
            both = np.isfinite(coarse) & np.isfinite(before.values)
            difference = relative(before.values[both], coarse[both])
            good += difference < GOOD
        yield found, difference
        before, cells = found, 2 * cells


def relative(values: Array, exact: Array) -> float:
    return float(np.linalg.norm(values - exact) / np.linalg.norm(exact))


def warmed(shape: LevelSet) -> tuple[Solution, float]:
    """T by pinr, and the CPU seconds that it took."""
    began = time.process_time()
    problem = Problem(on(shape, Eq(-laplacian(T), 1)), on(shape.boundary, Eq(T, 0)), name="heat")
    stages = None if OPTIONS.seconds else [Adam(steps=100), GaussNewton(steps=OPTIONS.steps)]
    solution = solve(problem, stages=stages, seconds=OPTIONS.seconds, seed=OPTIONS.seed)
    return solution, time.process_time() - began


def exported(solution: Solution, reference: Reference) -> str:
    """The mesh that `export` writes, and how far its values are from those of finite differences nearby."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "heat.vtu"
        solution.export(path, resolution=64)
        mesh, size = meshio.read(path), path.stat().st_size
    corners = mesh.points[mesh.cells_dict["tetra"]]
    volume = float(np.abs(np.linalg.det(corners[:, 1:] - corners[:, :1])).sum() / 6)
    spacing = reference.axis[1] - reference.axis[0]
    near = np.rint((mesh.points + 1) / spacing).astype(int)
    values = reference.values[tuple(near.T)]
    on_node = np.isfinite(values) & (np.abs(reference.axis[near] - mesh.points).max(axis=1) < 1e-6)
    error = relative(mesh.point_data["T"][on_node], values[on_node])
    return (
        f'`solution.export("heat.vtu", resolution=64)`: {len(corners):,} tetrahedra, {size / 1e6:.1f} MB, read back by '
        f"meshio: volume {volume:.4f}, T at {np.count_nonzero(on_node):,} common nodes {error:.1%} from the reference."
    )


def pictured(solution: Solution, reference: Reference, path: Path) -> None:
    """The warmest slice across the third axis: pinr, finite differences, and what is between them."""
    plane = int(np.nansum(reference.values**2, axis=(0, 1)).argmax())
    exact = reference.values[:, :, plane].T
    found = np.full(exact.shape, np.nan)
    row, column = np.nonzero(np.isfinite(exact))
    level = float(reference.axis[plane])
    found[row, column] = solution.evaluate(T, x=reference.axis[column], y=reference.axis[row], z=level)
    figure, axes = plt.subplots(1, 3, figsize=(12, 3.6), layout="constrained")
    most, off = float(np.nanmax(exact)), float(np.nanmax(np.abs(found - exact)))
    for panel, values, title in (
        (axes[0], found, "T, pinr"),
        (axes[1], exact, "T, finite differences"),
        (axes[2], found - exact, "difference"),
    ):
        is_last = title == "difference"
        ends = (
            {"vmin": -off, "vmax": off, "cmap": "RdBu_r"} if is_last else {"vmin": 0, "vmax": most, "cmap": "inferno"}
        )
        image = panel.imshow(values, origin="lower", extent=(-1, 1, -1, 1), **ends)
        panel.set(title=title, xlabel="x", ylabel="y", xlim=(-0.85, 0.85), ylim=(-0.85, 0.85))
        figure.colorbar(image, ax=panel, shrink=0.9)
    figure.savefig(path, dpi=80)


def main() -> None:
    solution = learned()
    shape = solution.region(phi < 0, resolution=RESOLUTION)
    assert isinstance(shape, LevelSet)
    lines = ["| T by | size | largest T | CPU s | against |", "| --- | --- | --- | --- | --- |"]
    grids = []
    for reference, difference in references(shape):
        grids.append(reference)
        against = "–" if np.isnan(difference) else f"{difference:.2%} from the grid before"
        lines.append(
            f"| finite differences, {len(reference.axis) - 1}³ cells | {len(reference.inside):,} nodes, "
            f"{reference.iterations} iterations | {np.nanmax(reference.values):.5f} | {reference.seconds:.0f} | "
            f"{against} |"
        )
        print("\n".join(lines) if len(lines) == 3 else lines[-1], flush=True)
    heat, seconds = warmed(shape)
    compared = grids[-2]  # its nodes are enough, and its error is known from the last one
    nodes = compared.inside
    exact = grids[-1].values[tuple(2 * nodes.T)]
    found = heat.evaluate(T, **dict(zip("xyz", compared.axis[nodes.T], strict=True)))
    error = relative(found, exact)
    weights = sum(value.numel() for value in heat.parameters.values())
    lines.append(
        f"| pinr | {weights:,} weights, {heat.steps:,} steps | {found.max():.5f} | {seconds:.0f} | "
        f"**{error:.2%}** from the finest grid |"
    )
    print(lines[-1])
    mesh = exported(heat, compared)
    print(mesh)
    if OPTIONS.save:
        picture = ROOT / "docs" / "images" / f"heat_in_{OPTIONS.shape}.png"
        pictured(heat, compared, picture)
        how = f"`seconds={OPTIONS.seconds:g}`" if OPTIONS.seconds else f"{OPTIONS.steps} steps of Gauss–Newton"
        (ROOT / "benchmarks" / "results" / "heat_in_shape.md").write_text(
            f"# Heat inside a learned shape\n\n−ΔT = 1, T = 0 on the boundary, in the {OPTIONS.shape} (Stanford 3D "
            f"Scanning Repository) that `Siren(96, 4)` has learned from 20,000 points with normals in "
            f"{solution.steps:,} steps: volume {shape.measure:.4f}, area {shape.boundary.measure:.2f}. `solve` with "
            f"{how}, seed {OPTIONS.seed}, one thread; `python -m benchmarks.heat_in_shape`. {date.today()}, "
            f"torch {torch.__version__}.\n\n"
            + "\n".join(lines)
            + f"\n\n{mesh}\n\n![T in the middle of the shape](../../docs/images/{picture.name})\n"
        )


if __name__ == "__main__":
    main()
