"""Runs in a file, one JSON object a line, of which the last one of a kind counts."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, final

Key = tuple[str, str, str, str, int, float]


@final
@dataclass(frozen=True)
class Run:
    """One method, trained on one case and tested on one run.

    Attributes:
        method: By the name that the command line knows.
        case: What trained.
        test: `same`, `other` or `between`.
        run: The name of the other run, without its ending; empty in the other tests.
        seed: Of weights and crops.
        budget: Seconds that the training was given; 0 where nothing is trained.
        seconds: That it took.
        steps: Of the training.
        measured: See `measure`.
        made: Date, versions, threads and what seconds are.
    """

    method: str
    case: str
    test: str
    run: str
    seed: int
    budget: float
    seconds: float
    steps: int
    measured: dict[str, Any]
    made: str

    @property
    def key(self) -> Key:
        return self.method, self.case, self.test, self.run, self.seed, self.budget

    @property
    def line(self) -> str:
        r2 = " ".join(f"{value:.4f}" for value in self.measured["r2"].values())
        left = " ".join(f"{value:.1e}" for value in self.measured["residuals"].values())
        where = f"{self.method}, {self.case}, {self.test}, seed {self.seed}"
        return f"{where}: R² {r2}; residuals {left}; {self.steps} steps in {self.seconds:.0f} s"


def read_runs(path: Path) -> dict[Key, Run]:
    """The runs of a file by their keys; none if there is no such file. A last line that was cut off is left out."""
    lines = path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else []
    return {run.key: run for run in (Run(**json.loads(line)) for line in lines)}


def add_run(path: Path, run: Run) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(asdict(run), ensure_ascii=False) + "\n")


def write_runs(path: Path, runs: Iterable[Run]) -> None:
    path.write_text("".join(json.dumps(asdict(run), ensure_ascii=False) + "\n" for run in runs), encoding="utf-8")
