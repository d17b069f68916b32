"""Runs in processes of their own, each with one thread."""

import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.accuracy.statistics import Run
from benchmarks.accuracy.table import OWN, Row

ROOT = Path(__file__).resolve().parents[2]
PRECISIONS = {"DeepXDE float32": [], "DeepXDE float64": ["--float64"]}


def own_run(row: Row, seed: int, budget: float) -> Run:
    """`solve(problem, seconds=budget)`."""
    command = [sys.executable, "-m", "benchmarks.accuracy.one_run", row.title]
    command += ["--seconds", str(budget), "--seed", str(seed)]
    made = f"{datetime.date.today()}, Python {platform.python_version()}, torch {version('torch')}"
    return _watched(row, OWN, seed, budget, command, made)


def peer_run(row: Row, method: str, seed: int, budget: float, interpreter: str) -> Run:
    """DeepXDE's example, until its end or the end of the budget."""
    assert row.example is not None
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "reference.npz")
        write = [sys.executable, "-m", "benchmarks.accuracy.one_run", row.title, "--seconds", "0"]
        subprocess.run([*write, "--write-reference", file], env=_environment(), cwd=ROOT, check=True)
        command = [interpreter, "-m", "benchmarks.accuracy.deepxde_examples", row.example, "--reference", file]
        command += ["--seed", str(seed), "--seconds", str(budget), *PRECISIONS[method]]
        made = f"{datetime.date.today()}, {versions_of(interpreter)}"
        return _watched(row, method, seed, budget, command, made)


def versions_of(interpreter: str) -> str:
    """Python's, DeepXDE's and torch's.

    Raises:
        SystemExit: The interpreter has no DeepXDE.
    """
    script = (
        "import platform; from importlib.metadata import version as v; "
        "print(f\"Python {platform.python_version()}, DeepXDE {v('deepxde')}, torch {v('torch')}\")"
    )
    done = subprocess.run([interpreter, "-c", script], capture_output=True, text=True, check=False)
    if done.returncode:
        message = f"`--deepxde-python {interpreter}`: this interpreter has no DeepXDE with torch. Install both there."
        raise SystemExit(message)
    return done.stdout.strip()


def _environment() -> dict[str, str]:
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return os.environ | threads | {"PYTHONPATH": str(ROOT)}


def _watched(row: Row, method: str, seed: int, budget: float, command: Sequence[str], made: str) -> Run:
    """The run of a command; what it printed before it failed or was interrupted is kept."""
    history: list[list[float]] = []
    summary: dict[str, Any] = {}
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(command, env=_environment(), cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=errors) as it,
    ):
        assert it.stdout is not None
        try:
            for line in it.stdout:
                if line.startswith("[") and line.rstrip().endswith("]"):
                    history.append(json.loads(line))
                elif line.startswith("{"):
                    summary = json.loads(line)
            is_finished = it.wait() == 0
        except KeyboardInterrupt:
            it.kill()
            is_finished = False
            summary = {"failed": "interrupted"}
        errors.seek(0)
        if not is_finished and not summary:
            summary = {"failed": errors.read().strip().splitlines()[-1:]}
    return Run(row.title, method, seed, budget, history, is_finished, summary, made)
