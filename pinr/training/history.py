"""The history of a run: one row per logged step, in memory and as a CSV file."""

import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path

from pinr.files import atomic_path

Row = dict[str, float | str]


def history_row(
    *,
    step: int,
    stage: str,
    seconds: float,
    loss: float,
    losses: Mapping[str, float],
    weights: Mapping[str, float],
) -> Row:
    """The numbers of one step; `loss <name>` is unweighted, `weight <name>` its factor."""
    row: Row = {"step": step, "stage": stage, "seconds": round(seconds, 3), "loss": loss}
    row |= {f"loss {name}": value for name, value in losses.items()}
    return row | {f"weight {name}": value for name, value in weights.items()}


def write_history(path: Path, rows: Sequence[Row]) -> None:
    """All rows as CSV."""
    text = StringIO()
    columns = list(dict.fromkeys(key for row in rows for key in row))
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    with atomic_path(path) as temporary:
        Path(temporary).write_text(text.getvalue(), encoding="utf-8")
