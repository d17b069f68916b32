"""Fine Rayleigh–Bénard convection from coarse data: interpolation, networks and pinr, on the same data.

    python -m benchmarks.superresolution [--only cubic pinr …] [--cases standard …] [--tests same other between]
        [--other FILE] [--seconds 1200] [--threads 2] [--cpu-seconds] [--resume | --evaluate] [--picture] [--save]

Methods: linear, cubic, convnet, meshfree, meshfree-equations, pinr-data (γ = 0), pinr. Cases: `standard` (×4 in t, ×8
in z and x, trained on 18 ≤ t < 41), `x4x4x4`, `noise` (5 % on the coarse data), `quarter` (of the frames). Tests:
`same` run at t ≥ 41, which is nearly steady by then; `other` run at t ≥ 18, a file of `examples/rayleigh_benard.py
--Ra 1e6 --nx 256 --nz 64 --until 50 --seed N --out FILE`; values `between` the nodes, against a simulation of twice the
resolution (two minutes of one core at its first use).

Trained models stay in `runs/superresolution/`, where `--evaluate` finds them again. Every run is written to `--records`
as soon as it is over; `--resume` goes on with what the file lacks, and trains nothing twice.
"""

import argparse
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ARGUMENTS = argparse.ArgumentParser(
    prog="python -m benchmarks.superresolution",
    description=__doc__,
    formatter_class=argparse.RawDescriptionHelpFormatter,
)
ARGUMENTS.add_argument("--only", nargs="+", metavar="METHOD", help="these methods instead of all")
ARGUMENTS.add_argument("--cases", nargs="+", metavar="CASE", default=["standard", "x4x4x4", "noise", "quarter"])
ARGUMENTS.add_argument("--tests", nargs="+", choices=["same", "other", "between"], default=["same", "other", "between"])
ARGUMENTS.add_argument(
    "--run", type=Path, default=ROOT.parent / "shared" / "data" / "rb2d_ra1e6.h5", help="what trains"
)
ARGUMENTS.add_argument("--other", type=Path, metavar="FILE", help="another run")
ARGUMENTS.add_argument("--seconds", type=float, default=1200.0, help="of a training")
ARGUMENTS.add_argument(
    "--cpu-seconds", action="store_true", help="count those of the processor, of all threads together"
)
ARGUMENTS.add_argument("--threads", type=int, default=2)
ARGUMENTS.add_argument("--seeds", type=int, nargs="+", default=[0])
ARGUMENTS.add_argument(
    "--models", type=Path, default=ROOT / "runs" / "superresolution", help="folder of trained models"
)
ARGUMENTS.add_argument("--records", type=Path, default=ROOT / "runs" / "superresolution.jsonl")
ARGUMENTS.add_argument("--resume", action="store_true", help="leave out what the records have")
ARGUMENTS.add_argument("--evaluate", action="store_true", help="test models that are there, train none")
ARGUMENTS.add_argument("--picture", action="store_true", help="write benchmarks/results/superresolution.png")
ARGUMENTS.add_argument("--save", action="store_true", help="write benchmarks/results/superresolution.{md,jsonl}")
OPTIONS = ARGUMENTS.parse_args()
os.environ |= {"OMP_NUM_THREADS": str(OPTIONS.threads)}  # before torch starts its threads

from benchmarks.accuracy.clock import CpuClock  # noqa: E402

if OPTIONS.cpu_seconds:
    CpuClock().replace_clocks()  # before torch and pinr remember the machine's

import json  # noqa: E402
import platform  # noqa: E402
import time  # noqa: E402
from datetime import date  # noqa: E402

import torch  # noqa: E402

from benchmarks.superresolution.between import Finer  # noqa: E402
from benchmarks.superresolution.cases import CASES, Case  # noqa: E402
from benchmarks.superresolution.measure import Measured, between_nodes, on_run  # noqa: E402
from benchmarks.superresolution.method import AbstractUpsampler, Method  # noqa: E402
from benchmarks.superresolution.methods.table import METHODS  # noqa: E402
from benchmarks.superresolution.picture import draw  # noqa: E402
from benchmarks.superresolution.records import Run, add_run, read_runs  # noqa: E402
from benchmarks.superresolution.report import report, save  # noqa: E402

torch.set_num_threads(OPTIONS.threads)
SHOWN = ("cubic", "convnet", "pinr-data", "pinr")


def chosen(names: list[str] | None, known: dict, option: str) -> list:
    """Entries of a table by the names of the command line."""
    for name in names or ():
        if name not in known:
            message = f"`{option} {name}`: there is none of this name; there are {', '.join(known)}."
            raise SystemExit(message)
    return [known[name] for name in names or known]


def wanted_tests() -> list[str]:
    """Those whose data are there."""
    tests = list(OPTIONS.tests)
    if "other" in tests and OPTIONS.other is None:
        print("No test on another run: give its file, `--other FILE`.")
        tests.remove("other")
    return tests


def model_path(name: str, case: Case, seed: int) -> Path:
    return OPTIONS.models / f"{name}-{case.name}-{budget_of(METHODS[name]):g}s-seed{seed}.model"


def budget_of(method: Method) -> float:
    return OPTIONS.seconds if method.is_trained else 0.0


def upsampler_of(name: str, case: Case, seed: int) -> tuple[AbstractUpsampler, float] | None:
    """A method with the seconds of its training: read, or trained and written; None where nothing is to be trained."""
    method, path = METHODS[name], model_path(name, case, seed)
    if not method.is_trained:
        return method.load(path), 0.0
    about = path.with_suffix(".json")
    if about.exists() and (OPTIONS.resume or OPTIONS.evaluate):
        return method.load(path), json.loads(about.read_text())["seconds"]
    if OPTIONS.evaluate:
        print(f"{name}, {case.name}, seed {seed}: no model `{path.name}`.")
        return None
    data = case.data(OPTIONS.run)
    data.fine().load()
    began = time.perf_counter()
    upsampler = method.train(data, OPTIONS.seconds, seed)
    seconds = time.perf_counter() - began
    path.parent.mkdir(parents=True, exist_ok=True)
    upsampler.save(path)
    about.write_text(json.dumps({"seconds": seconds, "steps": upsampler.steps}) + "\n")
    return upsampler, seconds


def tested(upsampler: AbstractUpsampler, case: Case, test: str) -> Measured:
    if test == "between":
        return between_nodes(upsampler, case, Finer.read(OPTIONS.models))
    is_other = test == "other"
    return on_run(upsampler, case, OPTIONS.other if is_other else OPTIONS.run, is_other=is_other)


def name_of_run(test: str) -> str:
    return OPTIONS.other.stem if test == "other" else ""


def made() -> str:
    kind = "CPU seconds" if OPTIONS.cpu_seconds else "seconds"
    threads = "one thread" if OPTIONS.threads == 1 else f"{OPTIONS.threads} threads"
    return f"{date.today()}, Python {platform.python_version()}, torch {torch.__version__}, {threads}, {kind}"


def measure(name: str, case: Case, seed: int, tests: list[str]) -> None:
    found = upsampler_of(name, case, seed)
    if found is None:
        return
    upsampler, seconds = found
    for test in tests:
        budget, began = budget_of(METHODS[name]), time.process_time()
        measured = tested(upsampler, case, test)
        run = Run(
            name, case.name, test, name_of_run(test), seed, budget, round(seconds, 1), upsampler.steps, measured, made()
        )
        add_run(OPTIONS.records, run)
        print(f"{run.line}; looked at for {time.process_time() - began:.0f} CPU s", flush=True)


def picture(seed: int) -> None:
    """Of the models that are there, on the other run where it is given."""
    case, is_other = CASES["standard"], OPTIONS.other is not None
    there = [name for name in SHOWN if not METHODS[name].is_trained or model_path(name, case, seed).exists()]
    upsamplers = {METHODS[name].title: METHODS[name].load(model_path(name, case, seed)) for name in there}
    path = ROOT / "benchmarks" / "results" / "superresolution.png"
    draw(upsamplers, case, OPTIONS.other if is_other else OPTIONS.run, path, is_other=is_other)


def main() -> None:
    methods = [name for name in METHODS if METHODS[name] in chosen(OPTIONS.only, METHODS, "--only")]
    cases = chosen(OPTIONS.cases, CASES, "--cases")
    if not OPTIONS.run.exists():
        message = f"`{OPTIONS.run.name}` is not there: name a run that trains, `--run FILE`."
        raise SystemExit(message)
    tests = wanted_tests()
    if OPTIONS.records.exists() and not (OPTIONS.resume or OPTIONS.evaluate):
        OPTIONS.records.replace(OPTIONS.records.with_suffix(".before.jsonl"))
    for case in cases:
        for name in methods:
            for seed in OPTIONS.seeds if METHODS[name].is_trained else (0,):
                known = read_runs(OPTIONS.records)
                is_known = [
                    (name, case.name, test, name_of_run(test), seed, budget_of(METHODS[name])) in known
                    for test in tests
                ]
                left = [test for test, known in zip(tests, is_known, strict=True) if not (known and OPTIONS.resume)]
                if left:
                    measure(name, case, seed, left)
    runs = list(read_runs(OPTIONS.records).values())
    print("\n" + report(runs))
    if OPTIONS.picture:
        picture(OPTIONS.seeds[0])
    if OPTIONS.save:
        save(runs, ROOT / "benchmarks" / "results")


if __name__ == "__main__":
    main()
