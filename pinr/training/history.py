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
    held_out: Mapping[str, float],
    points: int,
) -> Row:
    """The numbers of one step.

    `loss <name>` is unweighted, `weight <name>` its factor. `held out <name>` is the unweighted loss at the points of
    the present draw when they were new: it stays the same until the next one. `points` is the number of all points.
    """
    row: Row = {"step": step, "stage": stage, "seconds": round(seconds, 3), "loss": loss}
    row |= {f"loss {name}": value for name, value in losses.items()}
    row |= {f"weight {name}": value for name, value in weights.items()}
    row |= {f"held out {name}": value for name, value in held_out.items()}
    return row | {"points": points}


def write_history(path: Path, rows: Sequence[Row]) -> None:
    """All rows as CSV."""
    text = StringIO()
    columns = list(dict.fromkeys(key for row in rows for key in row))
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    with atomic_path(path) as temporary:
        Path(temporary).write_text(text.getvalue(), encoding="utf-8")
