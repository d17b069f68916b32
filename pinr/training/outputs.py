"""The files of a finished run: solution, fields for ParaView, a picture, the history and a summary."""

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pinr.declaration.unknowns import UnknownField
from pinr.errors import FileFormatError, PinrError
from pinr.files import atomic_path, write_xdmf
from pinr.training.checkpoint import RunState
from pinr.training.history import write_history

if TYPE_CHECKING:
    from pinr.solution import Solution

SUMMARY = "summary.json"
MOST_DIMENSIONS = 3  # of space and family together: what VTK can show

Say = Callable[[str], None]


def write_outputs(
    solution: "Solution", state: RunState, folder: Path, *, say: Say = lambda text: None
) -> tuple[Path, ...]:
    """Write what a run has found; a file that cannot be written is left out with a note and harms no other.

    `solution.h5`, `solution.xdmf` for fields in time or `solution.vtu` for others, `solution.png`, `history.csv`. The
    last one is `summary.json`: where it is, the run is finished.

    Returns:
        The files written.
    """
    fields = "solution.xdmf" if any(map(_is_unsteady, solution.unknowns)) else "solution.vtu"
    writers: Mapping[str, Callable[[Path], None]] = {
        "solution.h5": solution.save,
        fields: lambda path: _write_fields(solution, path, say),
        "solution.png": solution.export,
        "history.csv": lambda path: write_history(path, state.history),
    }
    written = [folder / name for name, write in writers.items() if _is_written(write, folder / name, say)]
    summary = _summary(solution, state, [path.name for path in written], say)
    with atomic_path(folder / SUMMARY) as temporary:
        temporary.write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return (*written, folder / SUMMARY)


def _is_written(write: Callable[[Path], None], path: Path, say: Say) -> bool:
    try:
        write(path)
    except PinrError as error:
        say(f"note: {path.name} is left out: {error}")
        return False
    return True


def _write_fields(solution: "Solution", path: Path, say: Say) -> None:
    """All unknowns that share the axes of the first one that VTK can show."""
    axes = next((a for a in map(_shown_axes, solution.unknowns) if 1 <= len(a) <= MOST_DIMENSIONS), None)
    if axes is None:
        message = f"VTK shows one to {MOST_DIMENSIONS} dimensions. `pinr export` fixes coordinates: `--at x=0.5`."
        raise FileFormatError(message)
    shown = [u for u in solution.unknowns if _shown_axes(u) == axes]
    for unknown in solution.unknowns:
        if unknown not in shown:
            say(f"note: {path.name} has no {unknown.name}, which lives on other axes than {shown[0].name}")
    stored = path.with_name("solution.h5")
    if path.suffix == ".xdmf" and stored.exists():
        write_xdmf(path, stored, names=[u.name for u in shown])
    else:
        solution.export(path, {u.name: u.expression for u in shown})


def _shown_axes(unknown: UnknownField) -> tuple[str, ...]:
    return tuple(c.name for c in unknown.coordinates if c.role != "time")


def _is_unsteady(unknown: UnknownField) -> bool:
    return any(c.role == "time" for c in unknown.coordinates)


def _summary(solution: "Solution", state: RunState, files: list[str], say: Say) -> dict[str, Any]:
    return {
        "problem": solution.problem.name,
        "seconds": round(solution.seconds, 3),
        "steps": solution.steps,
        "loss": _finite(solution.loss),
        "errors": {name: _finite(error) for name, error in _errors(solution, say).items()},
        "stops": list(state.stops),
        "files": files,
    }


def _errors(solution: "Solution", say: Say) -> dict[str, float]:
    try:
        return solution.errors()
    except PinrError as error:
        say(f"note: no errors against the reference: {error}")
        return {}


def _finite(number: float) -> float | None:
    """JSON has no NaN and no infinities."""
    return number if math.isfinite(number) else None
