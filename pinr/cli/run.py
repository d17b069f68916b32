"""A run from the command line, begun or resumed: training with a record of it in the folder."""

from contextlib import nullcontext, redirect_stdout
from dataclasses import replace
from pathlib import Path
import sys

import typer

from pinr.cli.declaration import Declaration, read_declaration
from pinr.cli.device import check_device
from pinr.cli.reporting import INTERRUPTED, complain
from pinr.cli.run_record import RunRecord
from pinr.cli.summary import Summary, read_summary
from pinr.errors import TrainingError


def begin(record: RunRecord, folder: Path, *, shows_progress: bool) -> Summary:
    """Start a run, or go on with it if the folder holds the same one.

    Raises:
        TrainingError: The folder holds another run.
    """
    declaration = read_declaration(Path(record.file), record.settings)
    check_device(record.device)
    _check_same(record, folder, declaration)
    folder.mkdir(parents=True, exist_ok=True)
    return Summary
