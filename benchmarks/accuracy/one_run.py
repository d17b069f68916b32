"""One run of `solve` with nothing chosen, in a process of its own.

    python -m benchmarks.accuracy.one_run "Poisson 2-D" --seconds 10 --seed 0

Prints the history, `[CPU seconds, error]` a line, and last an object with what the run took in all.
"""

import argparse
import os

ARGUMENTS = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ARGUMENTS.add_argument("title")
ARGUMENTS.add_argument("--seconds", type=float, required=True)
ARGUMENTS.add_argument("--seed", type=int, default=0)
ARGUMENTS.add_argument("--write-reference", metavar="NPZ", help="only write points and values of the reference")
OPTIONS = ARGUMENTS.parse_args()
os.environ |= {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

from benchmarks.accuracy.clock import CpuClock, History  # noqa: E402

CLOCK = CpuClock()
CLOCK.replace_clocks()  # before torch and pinr remember the machine's

import json  # noqa: E402
import resource  # noqa: E402
from pathlib import Path  # noqa: E402
from types import ModuleType  # noqa: E402

import numpy as np  # noqa: E402
import torch  # noqa: E402
import xarray  # noqa: E402
from typing_extensions import override  # noqa: E402

from benchmarks.accuracy.table import ROWS, Row  # noqa: E402
from pinr import LBFGS, Adam, Box, Eq, Problem, Siren, coordinates, on, solve, unknown  # noqa: E402
from pinr.cli.problem_file import run_file  # noqa: E402
from pinr.geometry.sampling.low_discrepancy import Sobol  # noqa: E402
from pinr.language.evaluation import evaluate  # noqa: E402
from pinr.training.progress import AbstractProgress, Report  # noqa: E402

PROBLEMS = Path(__file__).resolve().parents[2] / "problems"


class Watch(AbstractProgress):
    """Looks at the error now and then; the run is not charged for it, and learns nothing from it."""

    def __init__(self, row: Row, module: ModuleType) -> None:
        self.row, self.module, self.history = row, module, History(CLOCK)

    @override
    def show(self, report: Report) -> None:
        if self.history.is_due():
            self.history.look(lambda: self.row.measure(self.module, report.solution()))

    @override
    def say(self, text: str) -> None:
        print(f"# {text}", flush=True)


def warm_up() -> None:
    """Imports what is imported at first use, on a problem that has nothing to do with the table."""
    x = coordinates("x")
    u = unknown("u", x)
    line = Box(x=(0, 1))
    small = Problem(on(line, Eq(u.diff(x, 2), -1)), on(line.boundary, Eq(u, 0)), reference={u: x * (1 - x) / 2})
    solve(small, Siren(width=4, depth=1), stages=[Adam(steps=2), LBFGS(steps=2)], progress=False).errors()


def write_reference(module: ModuleType, path: str) -> None:
    """Points and values at which another library is compared with the reference."""
    (reference,) = module.problem.reference.values()
    if isinstance(reference, xarray.DataArray):
        grid = np.meshgrid(*(reference[name].values for name in reference.dims), indexing="ij")
        points, values = np.stack([axis.ravel() for axis in grid], axis=1), reference.values.ravel()
        points, values = points[np.isfinite(values)], values[np.isfinite(values)]
    else:
        region = module.problem.constraints[0].region
        samples = region.sample(20_000, sampler=Sobol(), seed=0)
        points = np.stack([samples.points[name] for name in region.names], axis=1)
        values = evaluate(reference, samples.points)
    np.savez(path, points=points, values=values[:, None])


def main() -> None:
    torch.set_num_threads(1)
    most = round(300 + 5 * OPTIONS.seconds)  # a run that does not come to its end must not stop all others
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))
    row = next(row for row in ROWS if row.title == OPTIONS.title)
    settings = dict(row.settings) | ({"draw": str(OPTIONS.seed)} if row.is_drawn else {})
    module = run_file(PROBLEMS / f"{row.file}.py", settings)
    if OPTIONS.write_reference:
        write_reference(module, OPTIONS.write_reference)
        return
    warm_up()
    watch = Watch(row, module)
    solution = solve(module.problem, seconds=OPTIONS.seconds, seed=OPTIONS.seed, progress=watch)
    seconds = watch.history.seconds
    watch.history.look(lambda: row.measure(module, solution))
    errors = {name: float(f"{error:.3g}") for name, error in solution.errors().items()}
    print(json.dumps({"seconds": round(seconds, 2), "steps": solution.steps, "loss": solution.loss, "errors": errors}))


if __name__ == "__main__":
    main()
