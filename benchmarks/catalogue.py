"""Errors of every problem of the catalogue after a fixed time with default settings, one seed, one thread.

    python benchmarks/catalogue.py [--seconds 20] [--only NAME] [--save]

The networks are those of the files. Nothing is chosen by looking at the errors.
"""

import argparse
import datetime
import os
import platform
import subprocess
import sys
from json import loads
from pathlib import Path

ROOT = Path(__file__).parents[1]
ARGUMENTS = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ARGUMENTS.add_argument("--seconds", type=float, default=20)
ARGUMENTS.add_argument("--only", help="a part of the names")
ARGUMENTS.add_argument("--save", action="store_true", help="write benchmarks/results/catalogue.md")


def solved(file: Path, seconds: float) -> dict:
    """The summary of a run in a process of its own."""
    command = [sys.executable, "-m", "pinr", "solve", str(file), "--seconds", str(seconds), "--json", "--quiet"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        return {"errors": {}, "steps": 0, "failed": done.stderr.strip().splitlines()[-1:]}
    return loads(done.stdout.strip().splitlines()[-1])


def main() -> None:
    options = ARGUMENTS.parse_args()
    lines = [
        "# Catalogue",
        "",
        f"Relative L2 errors after {options.seconds:g} s of training with default settings, seed 0, one thread.",
        f"{datetime.date.today()}, {platform.processor() or platform.machine()}, Python {platform.python_version()}.",
        "",
        "| problem | steps | errors |",
        "|---|---|---|",
    ]
    print("\n".join(lines), flush=True)
    for file in sorted((ROOT / "problems").glob("*.py")):
        if options.only and options.only not in file.stem:
            continue
        found = solved(file, options.seconds)
        errors = ", ".join(f"{name} {error:.1e}" for name, error in found["errors"].items()) or str(found.get("failed"))
        lines.append(f"| {file.stem} | {found['steps']:,} | {errors} |")
        print(lines[-1], flush=True)
    if options.save:
        (ROOT / "benchmarks" / "results" / "catalogue.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
