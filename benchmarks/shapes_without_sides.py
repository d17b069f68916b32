"""Shapes of which nobody says where outside is: SAL on triangles without orientation, an open surface without a sign.

    python -m benchmarks.shapes_without_sides [--only sal|unsigned] [--steps N] [--picture] [--save]

SAL: the triangles of the armadillo in [−0.8, 0.8]³, half of them turned around at random, of which only the unsigned
distance is used. Sides are right where the field has the sign of the winding number of the mesh as it was: at 100,000
points of the cube [−1, 1]³, and at as many near the surface (offsets of 0.05), each farther from it than 0.01.

Unsigned: `problems/unsigned_distance.py`, half a sphere with a disc in it. From 20,000 projected points to the surface
(in closed form), from 100,000 places on it to the nearest of them, and how far below the rim any point lies; the box is
2 long. Chamfer is the mean of both means. Seconds are of the processor, on one thread.
"""

import argparse
import os
import runpy
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

os.environ |= {"OMP_NUM_THREADS": "1"}  # before torch starts its threads

import numpy as np
import torch
from scipy.spatial import cKDTree

from benchmarks.shapes.mesh import ROOT, extracted, scanned
from benchmarks.shapes.methods.sal import SAL, sign_agnostic
from pinr import Adam, FreshPoints, Solid, Solution, Surface, solve

torch.set_num_threads(1)
ARGUMENTS = argparse.ArgumentParser(
    prog="python -m benchmarks.shapes_without_sides",
    description=__doc__,
    formatter_class=argparse.RawDescriptionHelpFormatter,
)
ARGUMENTS.add_argument("--only", choices=["sal", "unsigned"])
ARGUMENTS.add_argument("--steps", type=int, help="instead of those of the method")
ARGUMENTS.add_argument("--seed", type=int, default=0)
ARGUMENTS.add_argument("--picture", action="store_true", help="write docs/images/half_sphere.png")
ARGUMENTS.add_argument("--save", action="store_true", help="write benchmarks/results/shapes_without_sides.md")
BAND = 0.01
PROBES = 100_000
SHOWN = 7_000
CUT = 0.02  # half of the thickness of the cut in the picture


def sides(steps: int | None, seed: int) -> Iterator[str]:
    """SAL on unoriented triangles."""
    truth = scanned("armadillo")
    random = np.random.default_rng(0)
    turned, faces = random.random(len(truth.faces)) < 0.5, truth.faces.copy()
    faces[turned] = faces[turned][:, ::-1]
    soup = Surface(truth.vertices, faces, name="soup")
    training = SAL.detailed
    started = time.process_time()
    solution = solve(
        sign_agnostic(soup, truth.sample(20_000, 0)[0]),
        training.network,
        stages=[Adam(steps=steps or training.steps, rate=training.rate)],
        sampling=training.sampling,
        seed=seed,
    )
    seconds = time.process_time() - started
    (phi,) = (u.expression for u in solution.problem.unknowns)
    solid = Solid(truth.vertices, truth.faces)
    cube = random.uniform(-1, 1, (PROBES, 3))
    near = truth.sample(PROBES, 3)[0] + random.normal(scale=0.05, size=(PROBES, 3))
    mesh = extracted(solution, phi < 0, 160)
    yield f"SAL, unoriented triangles, `{training.network}`, {solution.steps:,} steps, {seconds:.0f} CPU s:"
    yield ""
    yield f"- right sides in the cube {shares(solution, phi, solid, cube)}, near the"
    yield f"  surface {shares(solution, phi, solid, near)} (all; inside; outside)"
    yield f"- volume {100 * (mesh.volume / truth.volume - 1):+.2f} %, {mesh.components} parts"


def shares(solution: Solution, phi: object, solid: Solid, points: np.ndarray) -> str:
    """The shares of points with the right sign, farther from the surface than the band."""
    places = dict(zip("xyz", points.T, strict=True))
    true = solid.distance(places)
    is_right = (solution.evaluate(phi, **places) < 0) == (true < 0)
    groups = (np.abs(true) > BAND, true < -BAND, true > BAND)
    return "; ".join(f"{100 * is_right[group].mean():.2f} %" for group in groups)


def half_sphere(steps: int | None, seed: int, picture: bool) -> Iterator[str]:
    """An unsigned distance, and the points that it gives."""
    given = runpy.run_path(str(ROOT / "problems" / "unsigned_distance.py"))
    (stage,) = given["stages"]
    stage = stage if steps is None else Adam(steps=steps, rate=stage.rate)
    started = time.process_time()
    solution = solve(given["problem"], given["network"], stages=[stage], sampling=FreshPoints(every=5), seed=seed)
    seconds = time.process_time() - started
    cloud = solution.cloud(given["phi"])
    there = exact_distance(cloud.points, given)
    back = cKDTree(cloud.points).query(surface_points(given))[0]
    # A surface that closes the rim would have points in the middle of its plane.
    out, above = np.hypot(*cloud.points[:, :2].T), cloud.points[:, 2]
    closing = int(((np.abs(above) < 0.05) & (out < given["radius"] - 0.1)).sum())
    yield f"Unsigned distance, half sphere, `{given['network']}`, {solution.steps:,} steps, {seconds:.0f} CPU s:"
    yield ""
    yield f"- {cloud.count:,} points: mean distance to the surface {there.mean():.1e}, largest {there.max():.1e}; back"
    yield f"  {back.mean():.1e}, {back.max():.1e}; Chamfer {100 * (there.mean() + back.mean()) / 4:.2f} % of the box"
    yield f"- the lowest point is {-above.min():.1e} below the rim, {closing} points lie where a lid would"
    if picture:
        draw(cloud.points, given["radius"])


def exact_distance(points: np.ndarray, given: dict) -> np.ndarray:
    """By the formula of the problem, in NumPy."""
    radius, height, disc = given["radius"], given["height"], given["disc"]
    out, above = np.hypot(points[:, 0], points[:, 1]), points[:, 2]
    to_sphere = np.where(above > 0, np.abs(np.hypot(out, above) - radius), np.hypot(out - radius, above))
    return np.minimum(to_sphere, np.hypot(np.maximum(out - disc, 0), above - height))


def surface_points(given: dict) -> np.ndarray:
    """Places spread over both sheets by area."""
    random, radius, height, disc = np.random.default_rng(5), given["radius"], given["height"], given["disc"]
    on_sphere = random.random(PROBES) < 2 * radius**2 / (2 * radius**2 + disc**2)
    above = np.where(on_sphere, radius * random.random(PROBES), height)
    out = np.where(on_sphere, np.sqrt(radius**2 - above**2), disc * np.sqrt(random.random(PROBES)))
    turn = 2 * np.pi * random.random(PROBES)
    return np.stack([out * np.cos(turn), out * np.sin(turn), above], axis=1)


def draw(points: np.ndarray, radius: float) -> None:
    """One half of the points, from the front and somewhat below, and a cut through the middle."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 3))
    space, plane = figure.add_axes((-0.04, -0.2, 0.6, 1.45), projection="3d"), figure.add_axes((0.6, 0.18, 0.38, 0.66))
    half = points[points[:, 1] > 0][:SHOWN]
    space.scatter(*half.T, s=1.5, c=half[:, 1], cmap="viridis", alpha=1, linewidths=0, depthshade=False)
    space.view_init(elev=-22, azim=-80)
    space.set_axis_off()
    space.set_box_aspect((2, 1, 1), zoom=1.0)
    cut = points[np.abs(points[:, 1]) < CUT]
    plane.scatter(cut[:, 0], cut[:, 2], s=2, color="#1f6f8b", linewidths=0)
    plane.set(aspect="equal", xlim=(-1.2 * radius, 1.2 * radius), ylim=(-0.2 * radius, 1.2 * radius))
    plane.set_xlabel("x")
    plane.set_ylabel("z", rotation=0)
    plane.set_title(f"|y| < {CUT}", fontsize=10)
    figure.savefig(ROOT / "docs" / "images" / "half_sphere.png", dpi=90)


def main() -> None:
    options = ARGUMENTS.parse_args()
    lines: list[str] = []
    runs = {
        "sal": lambda: sides(options.steps, options.seed),
        "unsigned": lambda: half_sphere(options.steps, options.seed, options.picture),
    }
    for name, run in runs.items():
        if options.only in (None, name):
            for line in (*run(), ""):
                lines.append(line)
                print(line, flush=True)
    if options.save:
        place = Path(ROOT) / "benchmarks" / "results" / "shapes_without_sides.md"
        what = (__doc__ or "").split("\n\n", 2)[2]
        head = f"# Shapes without sides\n\n{what}\n{date.today()}, torch {torch.__version__}, seed {options.seed}.\n\n"
        place.write_text(head + "\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    main()
