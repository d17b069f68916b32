"""A run from the command line: training, with a record in its folder from which it can go on."""

import sys
import warnings
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from pinr.cli.declaration import Declaration
from pinr.cli.reporting import INTERRUPTED, complain
from pinr.cli.run_record import RunRecord
from pinr.cli.summary import Summary
from pinr.errors import TrainingError

# What may differ between two calls that are the same run: where and how safely it runs, not what it computes.
CIRCUMSTANCES = ("device", "strict", "checkpoint_every")
UNNAMED = "problem"  # what a Problem without a name calls itself


def begin(declaration: Declaration, record: RunRecord, folder: Path, *, shows_progress: bool) -> None:
    """Put a record into the folder and train; goes on if the folder holds the same run.

    Raises:
        TrainingError: The folder holds another run, or cannot be used.
    """
    from pinr.compiler.device import check_device
    from pinr.training.outputs import SUMMARY
    from pinr.training.processes import Processes
    from pinr.training.solve import usable_folder
    from pinr.training.stages import check_tolerance, checked_stages

    check_tolerance(record.tolerance, checked_stages(declaration.options.get("stages"), record.seconds))
    check_device(record.device)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `solve` says them
        declaration.problem.check(strict=record.strict)
    processes = Processes.present(record.device)
    if processes.is_first:
        _check_same(declaration, record, folder)
        usable_folder(folder)
        record.write(folder)
        (folder / SUMMARY).unlink(missing_ok=True)
    processes.wait()
    go_on(declaration, record, folder, shows_progress=shows_progress)


def go_on(declaration: Declaration, record: RunRecord, folder: Path, *, shows_progress: bool) -> None:
    """Train from wherever the folder says to the end."""
    from pinr.training.checkpoint import FILE
    from pinr.training.solve import solve

    try:
        solve(
            declaration.problem,
            **declaration.options,
            seconds=record.seconds,
            tolerance=record.tolerance,
            device=record.device,
            dtype=record.dtype,
            seed=record.seed,
            out=folder,
            checkpoint_every=record.checkpoint_every,
            strict=record.strict,
            progress=shows_progress,
        )
    except KeyboardInterrupt as error:
        kept = "the state is saved" if (folder / FILE).exists() else "nothing was trained yet"
        complain("interrupted", f"{kept}; `pinr resume {folder}` goes on")
        raise typer.Exit(INTERRUPTED) from error


def show_summary(folder: Path, *, as_json: bool, quiet: bool) -> None:
    """End with the summary: for people on stdout, or as JSON there and for people on stderr; one process for all."""
    from pinr.training.processes import Processes

    if not Processes.present().is_first:
        return
    summary = Summary.read(folder)
    if summary is None:
        message = f"`{folder}` has no summary; something has removed it. `pinr resume {folder}` makes it anew."
        raise TrainingError(message)
    record = RunRecord.read(folder)
    if summary.problem == UNNAMED and record is not None:
        summary = replace(summary, problem=Path(record.file).stem)
    if not quiet:
        summary.show(Console(stderr=as_json))
    if as_json:
        typer.echo(summary.to_json())


def prints_to_stderr(wanted: bool) -> AbstractContextManager[Any]:
    """What the user's own file prints must not stand before the JSON."""
    return redirect_stdout(sys.stderr) if wanted else nullcontext()


def _check_same(declaration: Declaration, record: RunRecord, folder: Path) -> None:
    """A record that other settings replaced would make `pinr resume` go on with something else."""
    from pinr.training.checkpoint import FILE

    before = RunRecord.read(folder)
    if before is None or not (folder / FILE).exists():
        return
    free = (*CIRCUMSTANCES, "seconds") if "stages" in declaration.options else CIRCUMSTANCES
    old, new = asdict(before), asdict(record)
    different = [name for name in old if name not in free and old[name] != new[name]]
    if different:
        name = different[0]
        message = (
            f"`{folder}` holds a run with {name} {old[name]}, not {new[name]}. "
            "Choose another folder with `--out`, or remove this one."
        )
        raise TrainingError(message)
