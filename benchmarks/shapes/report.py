"""Results as lines of JSON, of which the last one of a kind counts, and as tables."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import torch

SCAN_HEAD = (
    "| method | seed | seconds | mean distance, mesh to truth | truth to mesh | largest | volume | parts | measured |"
)
FORM_HEAD = "| method | shape | seed | seconds | mean of abs(φ − d) | abs(‖∇φ‖ − 1), near | everywhere | measured |"


@dataclass(frozen=True)
class Run:
    """What one method made of one shape.

    Attributes:
        shape: Its name.
        method: What the line is called.
        seed: Of weights and points; None of what has none.
        seconds: Of the processor.
        measured: The columns of the table by name.
        when: The day on which it was measured.
    """

    shape: str
    method: str
    seed: int | None
    seconds: float
    measured: dict[str, Any]
    when: str = field(default_factory=lambda: str(date.today()))

    @property
    def key(self) -> tuple[str, str, int | None]:
        return self.shape, self.method, self.seed

    @property
    def is_of_closed_form(self) -> bool:
        """Whether a field was compared with a known distance, and not a surface with a surface."""
        return "error" in self.measured

    @property
    def line(self) -> str:
        seed, seconds, m = "–" if self.seed is None else self.seed, f"{self.seconds:.0f}", self.measured
        if self.is_of_closed_form:
            near, everywhere = f"{m['slope']:.3f}", f"{m['slope_everywhere']:.3f}"
            cells = [self.method, self.shape, seed, seconds, f"{m['error']:.1e}", near, everywhere]
        else:
            means = [f"{m[name]:.2e}" for name in ("mean_to_truth", "mean_to_mesh")]
            volume = "–" if m["volume"] is None else f"{100 * (m['volume'] / m['true_volume'] - 1):+.2f} %"
            cells = [self.method, seed, seconds, *means, f"{m['largest']:.1e}", volume, m["parts"]]
        return f"| {' | '.join(str(cell) for cell in (*cells, self.when))} |"


def tables(runs: Iterable[Run]) -> str:
    """A table for every scan, and one of the closed forms."""
    kept = list(runs)
    parts = []
    surfaces = [run for run in kept if not run.is_of_closed_form]
    for shape in dict.fromkeys(run.shape for run in surfaces):
        parts += [f"## {shape}", _table(SCAN_HEAD, [run for run in surfaces if run.shape == shape])]
    forms = [run for run in kept if run.is_of_closed_form]
    if forms:
        parts += ["## Closed forms", _table(FORM_HEAD, forms)]
    return "\n\n".join(parts)


def save(runs: Iterable[Run], folder: Path) -> None:
    """Write `shapes.jsonl` and `shapes.md`, with what was there before of other methods, shapes and seeds."""
    records = folder / "shapes.jsonl"
    known = {run.key: run for run in _read(records)} | {run.key: run for run in runs}
    records.write_text("".join(f"{json.dumps(asdict(run))}\n" for run in known.values()))
    head = (
        "# Shapes from scans\n\nScans of the Stanford 3D Scanning Repository, 20,000 points each; volumes as the "
        "deviation from the true one. `python -m benchmarks.shapes --help` says what the columns are.\n\n"
        f"torch {torch.__version__}.\n\n"
    )
    (folder / "shapes.md").write_text(f"{head}{tables(known.values())}\n")


def _read(path: Path) -> list[Run]:
    return [Run(**json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []


def _table(head: str, runs: list[Run]) -> str:
    return "\n".join([head, "| --- " * (head.count("|") - 1) + "|", *(run.line for run in runs)])
