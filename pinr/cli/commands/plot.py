"""`pinr plot`."""

from pathlib import Path
from typing import Annotated

import typer

from pinr.cli.grid_option import fixed_coordinates
from pinr.cli.options import Debug, Fixed, Folder, Using
from pinr.cli.reporting import reported
from pinr.cli.stored_run import load_run
from pinr.errors import DeclarationError


def plot(
    folder: Folder,
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Where to.", show_default="solution.png in FOLDER")
    ] = None,
    at: Fixed = None,
    using: Using = None,
    debug: Debug = False,
) -> None:
    """Draw the solution of a run."""
    with reported(debug=debug):
        target = out or folder / "solution.png"
        if target.suffix != ".png":
            message = f"`--out {target}`: pictures are written as .png. `pinr export` has other formats."
            raise DeclarationError(message)
        axes = fixed_coordinates(at or [])
        load_run(folder, using).export(target, **axes)
        typer.echo(target)
