"""Runs in a file, one JSON object a line, written as soon as a run is over."""

import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks.accuracy.statistics import Run


def read_runs(path: Path) -> list[Run]:
    """The runs of a file; none if there is no such file. A last line that was cut off is left out."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")
    return [Run(**json.loads(line)) for line in lines[:-1] if line]


def add_run(path: Path, run: Run) -> None:
    """Add a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(run.record(), ensure_ascii=False) + "\n")


def write_runs(path: Path, runs: Sequence[Run]) -> None:
    """The file anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(run.record(), ensure_ascii=False) + "\n" for run in runs]
    path.write_text("".join(lines), encoding="utf-8")
