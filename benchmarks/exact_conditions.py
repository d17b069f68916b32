"""Conditions in the loss against conditions met exactly: errors of the catalogue after the same steps.

    python benchmarks/exact_conditions.py [--only NAME ...] [--seeds 2] [--steps 60] [--variants …] [--save]

Of every problem: nothing exact; the conditions in space alone; those at the initial time alone; all of them. What is
not sound stays in the loss in all of them. Small networks, so many steps of Adam and then of Gauss–Newton: errors after
steps do not depend on what else the machine does.
"""

import argparse
import datetime
import importlib.util
import platform
import statistics
from dataclasses import replace
from pathlib import Path

from pinr import Adam, GaussNewton, Problem, Siren, compile_problem, solve

ROOT = Path(__file__).parents[1]
NETWORK = Siren(width=20, depth=3)
VARIANTS = ("none", "space", "time", "all")
ARGUMENTS = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ARGUMENTS.add_argument("--only", nargs="*", help="parts of the names")
ARGUMENTS.add_argument("--seeds", type=int, default=2)
ARGUMENTS.add_argument("--steps", type=int, default=60, help="of Gauss–Newton")
ARGUMENTS.add_argument("--variants", nargs="*", default=VARIANTS, choices=VARIANTS)
ARGUMENTS.add_argument("--save", action="store_true", help="write benchmarks/results/exact_conditions.md")


def read(file: Path) -> Problem:
    """The problem of a file of the catalogue."""
    specification = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.problem


def variant(problem: Problem, name: str) -> Problem:
    """The problem with conditions of one kind left to the loss."""
    if name == "all":
        return problem
    times = {c.name for c in problem.coordinates if c.role == "time"}

    def is_left(constraint) -> bool:
        at_a_time = any(len(set(constraint.region.bounds.get(t, (0, 1)))) == 1 for t in times)
        return name == "none" or at_a_time == (name == "space")

    constraints = [replace(c, exact=False) if is_left(c) else c for c in problem.constraints]
    return Problem(*constraints, reference=problem.reference, name=problem.name)


def error(problem: Problem, seed: int, steps: int) -> float:
    """The largest relative L² error of all unknowns."""
    stages = [Adam(steps=300), GaussNewton(steps=steps)]
    return max(solve(problem, NETWORK, stages=stages, seed=seed, progress=False).errors().values())


def main() -> None:
    options = ARGUMENTS.parse_args()
    lines = [
        "# Conditions in the loss and conditions met exactly",
        "",
        f"Largest relative L² error of all unknowns, geometric mean of {options.seeds} seeds, {NETWORK}, 300 steps",
        f"of Adam and {options.steps} of Gauss–Newton. Exact are, where that is sound: nothing; conditions in space;",
        "those at the initial time; all. A blank is a variant equal to another one.",
        f"{datetime.date.today()}, {platform.processor() or platform.machine()}, Python {platform.python_version()}.",
        "",
        "| problem | " + " | ".join(options.variants) + " |",
        "|---|" + "---|" * len(options.variants),
    ]
    print("\n".join(lines), flush=True)
    for file in sorted((ROOT / "problems").glob("*.py")):
        if options.only and not any(part in file.stem for part in options.only):
            continue
        problem = read(file)
        if not problem.reference:
            continue
        found, seen = [], []
        for name in options.variants:
            chosen = variant(problem, name)
            met = compile_problem(chosen, NETWORK).exactness
            if (met.met, met.ansaetze) in seen:
                found.append("")
                continue
            seen.append((met.met, met.ansaetze))
            errors = [error(chosen, seed, options.steps) for seed in range(options.seeds)]
            found.append(f"{statistics.geometric_mean(errors):.1e}")
        if len(seen) > 1:
            lines.append(f"| {file.stem} | " + " | ".join(found) + " |")
            print(lines[-1], flush=True)
    if options.save:
        (ROOT / "benchmarks" / "results" / "exact_conditions.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
