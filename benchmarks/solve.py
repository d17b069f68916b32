"""Error against the reference after a given time, with the default recipe, for problems of the catalogue.

    python benchmarks/solve.py burgers poisson_2d [--seconds 60] [--seeds 0 1 2] [--threads 1] [--save]

Every seed is reported. The reference is looked at only after training.
"""

import argparse
import datetime
import os
import platform
import runpy
import statistics
from pathlib import Path

ARGUMENTS = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ARGUMENTS.add_argument("problems", nargs="+")
ARGUMENTS.add_argument("--seconds", type=float, default=60.0)
ARGUMENTS.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
ARGUMENTS.add_argument("--threads", type=int, default=1)
ARGUMENTS.add_argument("--save", action="store_true", help="add the rows to benchmarks/results/solve.md")
OPTIONS = ARGUMENTS.parse_args()
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = str(OPTIONS.threads)

import torch  # noqa: E402

from pinr import solve  # noqa: E402
from pinr.training.autopilot import candidates  # noqa: E402

ROOT = Path(__file__).resolve().parent
RESULTS = ROOT / "results" / "solve.md"
HEADER = (
    "# Error after a time\n\n"
    "Relative L2 error against each problem's reference, default stages, balance and points.\n\n"
    "| problem | network | seconds | errors by seed | median | steps | date, machine, torch |\n"
    "|---|---|---|---|---|---|---|\n"
)


def measure(name: str) -> str:
    declared = runpy.run_path(str(ROOT.parent / "problems" / f"{name}.py"))
    network = declared.get("network") or candidates(declared["problem"], 60.0)[0]
    errors, steps = [], []
    for seed in OPTIONS.seeds:
        solution = solve(declared["problem"], network, seconds=OPTIONS.seconds, seed=seed, progress=False)
        errors.append(max(solution.errors().values()))
        steps.append(solution.steps)
        print(f"{name}, seed {seed}: {errors[-1]:.2e} after {solution.seconds:.0f} s, {steps[-1]} steps", flush=True)
    where = f"{datetime.date.today()}, {processor()}, {OPTIONS.threads} thread(s), {torch.__version__}"
    listed = ", ".join(f"{e:.1e}" for e in errors)
    return (
        f"| {name} | {network} | {OPTIONS.seconds:g} | {listed} | **{statistics.median(errors):.1e}** "
        f"| {round(statistics.median(steps))} | {where} |"
    )


def processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":")[1].strip()
    return platform.processor() or platform.machine()


def main() -> None:
    torch.set_num_threads(OPTIONS.threads)
    for name in OPTIONS.problems:
        row = measure(name)
        print(row, flush=True)
        if OPTIONS.save:
            RESULTS.parent.mkdir(exist_ok=True)
            text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else HEADER
            RESULTS.write_text(text + row + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
