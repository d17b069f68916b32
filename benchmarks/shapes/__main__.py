"""Shapes from scans: learned surfaces beside screened Poisson reconstruction, on the same points.

    python -m benchmarks.shapes [--method siren …] [--shape armadillo …] [--seed 0] [--steps N] [--save]

Scans: 20,000 points with normals are drawn from the mesh `../shared/data/shapes/<shape>.npz`, scaled into [−0.8, 0.8]³;
a method takes the normals, or leaves them. Distances are exact, from 50,000 points on one mesh to the triangles of the
other: mean both ways, and the largest. The bunny has five holes: what is nearest to a place of the true mesh
within 0.02 of one is left out. Screened Poisson needs `pip install pymeshlab`, and is left out without it.

Closed forms (sphere, box, torus, gyroid): the mean of `|φ − d|` within 0.1 of the surface, and the median of
`| ‖∇φ‖ − 1 |` there and in the whole cube; with `--redistanced` also of what `pinr.redistanced` makes of the field. Of
fields that are no distances the surfaces are measured, as those of scans are.

Seconds are of the processor, of all threads together. `--save` writes what was run to benchmarks/results/shapes.md, and
leaves the other lines there as they are.
"""

import argparse
import os
import time
from collections.abc import Iterator
from dataclasses import asdict

ARGUMENTS = argparse.ArgumentParser(
    prog="python -m benchmarks.shapes", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
ARGUMENTS.add_argument("--method", nargs="*", default=["siren"], help="or `all`, or none")
ARGUMENTS.add_argument("--shape", nargs="+", default=["armadillo"], help="armadillo, bunny, sphere, box, torus, gyroid")
ARGUMENTS.add_argument("--seed", type=int, default=0)
ARGUMENTS.add_argument("--threads", type=int, default=1)
ARGUMENTS.add_argument("--points", type=int, default=20_000)
ARGUMENTS.add_argument("--resolution", type=int, default=160, help="of the meshes, along the longest side")
ARGUMENTS.add_argument("--steps", type=int, help="instead of those of the method")
ARGUMENTS.add_argument("--rate", type=float)
ARGUMENTS.add_argument("--width", type=int)
ARGUMENTS.add_argument("--omega", type=float)
ARGUMENTS.add_argument("--redistanced", action="store_true", help="closed forms: the distances to surfaces as well")
ARGUMENTS.add_argument("--poisson", action="store_true", help="screened Poisson as well")
ARGUMENTS.add_argument("--picture", action="store_true", help="write docs/images/<shape>_<method>.png")
ARGUMENTS.add_argument("--save", action="store_true", help="write benchmarks/results/shapes.md")
OPTIONS = ARGUMENTS.parse_args()
os.environ |= {"OMP_NUM_THREADS": str(OPTIONS.threads)}  # before torch starts its threads

import torch  # noqa: E402

from benchmarks.shapes.closed_forms import CLOSED_FORMS, ClosedForm, Fidelity  # noqa: E402
from benchmarks.shapes.mesh import ROOT, Deviation, Mesh, extracted, scanned  # noqa: E402
from benchmarks.shapes.method import Given, Method, changed  # noqa: E402
from benchmarks.shapes.methods.table import METHODS  # noqa: E402
from benchmarks.shapes.report import Run, save, tables  # noqa: E402
from benchmarks.shapes.screened_poisson import screened_poisson  # noqa: E402
from pinr import redistanced  # noqa: E402

torch.set_num_threads(OPTIONS.threads)
DEPTHS = (8, 10)


def scan_runs(shape: str, methods: dict[str, Method]) -> Iterator[Run]:
    """Every method on a scan."""
    truth = scanned(shape)
    given = Given(*truth.sample(OPTIONS.points, 0), truth)
    for name, method in methods.items():
        training = changed(method.detailed, OPTIONS)
        started = time.process_time()
        solution = method.fitted(given, training, OPTIONS.seed)
        seconds = time.process_time() - started
        (phi,) = (u.expression for u in solution.problem.unknowns)
        mesh = extracted(solution, method.inside(phi), OPTIONS.resolution)
        yield scan_run(shape, f"{method.title}, {training}", OPTIONS.seed, seconds, mesh, truth)
        if OPTIONS.picture:
            solution.render(method.inside(phi)).save(ROOT / "docs" / "images" / f"{shape}_{name}.png")
    for depth in DEPTHS if OPTIONS.poisson else ():
        started = time.process_time()
        found = screened_poisson(given, depth)
        if found is not None:
            seconds = time.process_time() - started
            yield scan_run(shape, f"screened Poisson, depth {depth}", None, seconds, found, truth)


def scan_run(shape: str, title: str, seed: int | None, seconds: float, mesh: Mesh, truth: Mesh) -> Run:
    volumes = {"volume": mesh.volume if truth.holes is None else None, "true_volume": truth.volume}
    measured = {**asdict(Deviation.of(mesh, truth)), **volumes, "parts": mesh.components}
    return Run(shape, title, seed, seconds, measured)


def closed_form_runs(form: ClosedForm, methods: dict[str, Method]) -> Iterator[Run]:
    """Every method on a closed form."""
    given = Given(*form.mesh.sample(OPTIONS.points, 0), form.mesh)
    for method in methods.values():
        training = changed(method.plain, OPTIONS)
        started = time.process_time()
        solution = method.fitted(given, training, OPTIONS.seed)
        seconds = time.process_time() - started
        title = f"{method.title}, {training}"
        if not method.is_distance:
            (phi,) = (u.expression for u in solution.problem.unknowns)
            mesh = extracted(solution, method.inside(phi), OPTIONS.resolution)
            yield scan_run(form.name, title, OPTIONS.seed, seconds, mesh, form.mesh)
            continue
        yield Run(form.name, title, OPTIONS.seed, seconds, asdict(Fidelity.of(solution, form)))
        if OPTIONS.redistanced:
            started = time.process_time()
            found = redistanced(solution, seed=OPTIONS.seed)
            seconds += time.process_time() - started
            yield Run(form.name, f"{title}, redistanced", OPTIONS.seed, seconds, asdict(Fidelity.of(found, form)))


def main() -> None:
    names = list(METHODS) if OPTIONS.method == ["all"] else OPTIONS.method
    unknown = set(names) - set(METHODS)
    if unknown:
        message = f"`--method {' '.join(sorted(unknown))}`: there is no such method. Name some of {', '.join(METHODS)}."
        raise SystemExit(message)
    methods = {name: METHODS[name] for name in names}
    runs = []
    for shape in OPTIONS.shape:
        form = CLOSED_FORMS.get(shape)
        for run in scan_runs(shape, methods) if form is None else closed_form_runs(form, methods):
            runs.append(run)
            print(run.line, flush=True)
    print("\n" + tables(runs))
    if OPTIONS.save:
        save(runs, ROOT / "benchmarks" / "results")


if __name__ == "__main__":
    main()
