"""Error against CPU seconds of `solve(problem, seconds=…)` with nothing chosen, and of DeepXDE's own examples.

    python -m benchmarks.accuracy [--only NAME] [--seeds 0 1 2] [--draws 20] [--seconds-factor 1]
        [--peers] [--deepxde-python PYTHON] [--peer-seconds 3000] [--records FILE] [--resume] [--save]

One process and one thread a run. The clock counts CPU seconds from the call of `solve` on: the check, compilation and
whatever it tries out; not imports, nor the C compiler, which is a process of its own and keeps what it has built. It is
the clock of `solve` too, whose budget is therefore in CPU seconds as well, and it stands still while the error is
looked at, which happens from outside: the run learns nothing of it. An error counts if it was there in time.

Every run is written to `--records` as soon as it is over; `--resume` goes on with what the file lacks.
"""

import argparse
import os
import signal
from pathlib import Path

from benchmarks.accuracy.processes import PRECISIONS, own_run, peer_run, versions_of
from benchmarks.accuracy.records import add_run, read_runs
from benchmarks.accuracy.report import report, save
from benchmarks.accuracy.statistics import Run, error_within, latest
from benchmarks.accuracy.table import BURGERS, OWN, Row, rows_named

ROOT = Path(__file__).resolve().parents[2]
ARGUMENTS = argparse.ArgumentParser(
    prog="python -m benchmarks.accuracy", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
ARGUMENTS.add_argument("--only", metavar="NAME", help="problems whose name or file contains this")
ARGUMENTS.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
ARGUMENTS.add_argument("--draws", type=int, help="of random data, where the table asks for many")
ARGUMENTS.add_argument("--seconds-factor", type=float, default=1.0, help="times the seconds of the table")
ARGUMENTS.add_argument("--peers", action="store_true", help="DeepXDE's examples too")
ARGUMENTS.add_argument("--deepxde-python", default=os.environ.get("DEEPXDE_PYTHON"), help="or $DEEPXDE_PYTHON")
ARGUMENTS.add_argument("--peer-seconds", type=float, default=3000.0, help="after which an example is cut short")
ARGUMENTS.add_argument("--peer-seeds", type=int, nargs="+", default=[0])
ARGUMENTS.add_argument("--records", type=Path, default=ROOT / "runs" / "accuracy.jsonl")
ARGUMENTS.add_argument("--resume", action="store_true", help="leave out what the records have")
ARGUMENTS.add_argument("--save", action="store_true", help="write benchmarks/results/accuracy.{md,png,jsonl}")


def runs_of(row: Row, options: argparse.Namespace) -> list[tuple[str, int, float]]:
    """Methods, seeds and budgets that belong to a row."""
    draws = range(options.draws or row.draws) if row.draws else options.seeds
    wanted = [(OWN, seed, row.seconds * options.seconds_factor) for seed in draws]
    if options.peers and row.example:
        methods = PRECISIONS if row.title == BURGERS else list(PRECISIONS)[:1]
        wanted += [(method, seed, options.peer_seconds) for method in methods for seed in options.peer_seeds]
    return wanted


def one(row: Row, method: str, seed: int, budget: float, options: argparse.Namespace) -> Run:
    if method == OWN:
        return own_run(row, seed, budget)
    return peer_run(row, method, seed, budget, options.deepxde_python)


def line(run: Run) -> str:
    error = error_within(run.history, run.budget)
    failed = "" if run.is_finished else f"; failed: {run.summary.get('failed')}"
    return f"{run.title}, {run.method}, seed {run.seed}: {error:.1e} in {run.seconds:.1f} s{failed}"


def main() -> None:
    options = ARGUMENTS.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was found until then is written
    rows = rows_named(options.only)
    if options.peers:
        if options.deepxde_python is None:
            message = "`--peers`: name an interpreter that has DeepXDE, with `--deepxde-python` or $DEEPXDE_PYTHON."
            raise SystemExit(message)
        print(versions_of(options.deepxde_python))
    if options.records.exists() and not options.resume:
        options.records.replace(options.records.with_suffix(".before.jsonl"))
    known = latest(read_runs(options.records))
    for row in rows:
        for method, seed, budget in runs_of(row, options):
            before = known.get((row.title, method, seed, budget))
            if before is not None and before.is_finished:
                continue
            run = one(row, method, seed, budget, options)
            add_run(options.records, run)
            print(line(run), flush=True)
            if run.summary.get("failed") == "interrupted":
                raise SystemExit(1)
    runs = list(latest(read_runs(options.records)).values())
    print("\n" + report(runs, options.seconds_factor))
    if options.save:
        save(runs, ROOT / "benchmarks" / "results", options.seconds_factor)


if __name__ == "__main__":
    main()
