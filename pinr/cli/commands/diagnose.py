"""`pinr diagnose`."""

import typer

from pinr.cli.options import Debug, Folder, Using
from pinr.cli.reporting import reported
from pinr.cli.stored_run import load_run


def diagnose(folder: Folder, *, using: Using = None, debug: Debug = False) -> None:
    """Say what is wrong with the solution of a run, and what to do about it."""
    with reported(debug=debug):
        typer.echo(str(load_run(folder, using).diagnose()))
