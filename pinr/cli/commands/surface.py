"""`pinr surface`."""

from pathlib import Path
from typing import Annotated

import typer

from pinr.cli.options import Debug, Folder, Using
from pinr.cli.reporting import reported
from pinr.cli.stored_run import load_run
from pinr.cli.unknown_option import Unknown, chosen_unknown
from pinr.errors import DeclarationError
from pinr.files.surface import OPTIONS


def surface(
    folder: Folder,
    *,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where to: .obj, .ply or .stl.", show_default="surface.ply in FOLDER"),
    ] = None,
    resolution: Annotated[int, typer.Option(help="Cells along the longest side of the box.")] = 256,
    field: Unknown = None,
    using: Using = None,
    debug: Debug = False,
) -> None:
    """Write the surface on which an unknown of a run is 0."""
    with reported(debug=debug):
        target = out or folder / "surface.ply"
        if target.suffix.lower() not in OPTIONS:
            message = (
                f"`--out {target}`: surfaces are written as {', '.join(OPTIONS)}. `pinr export` has other formats."
            )
            raise DeclarationError(message)
        solution = load_run(folder, using)
        solution.export(target, chosen_unknown(solution, field), resolution=resolution)
        typer.echo(target)
