"""`pinr render`."""

from pathlib import Path
from typing import Annotated

import typer

from pinr.cli.options import Debug, Folder, Using
from pinr.cli.reporting import reported
from pinr.cli.stored_run import load_run
from pinr.cli.unknown_option import Unknown, chosen_unknown
from pinr.errors import DeclarationError
from pinr.files import atomic_path


def render(
    folder: Folder,
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Where to.", show_default="shape.png in FOLDER")
    ] = None,
    azimuth: Annotated[float, typer.Option(help="Of the camera, in degrees around the last axis.")] = 30.0,
    elevation: Annotated[float, typer.Option(help="In degrees above the plane of the first two axes.")] = 25.0,
    size: Annotated[int, typer.Option(help="Pixels along both sides.")] = 512,
    shadows: Annotated[bool, typer.Option("--shadows", help="Let the shape throw shadows on itself.")] = False,
    field: Unknown = None,
    using: Using = None,
    debug: Debug = False,
) -> None:
    """Draw the shape in which an unknown of a run is negative."""
    with reported(debug=debug):
        target = out or folder / "shape.png"
        if target.suffix != ".png":
            message = f"`--out {target}`: pictures are written as .png. `pinr surface` writes the shape itself."
            raise DeclarationError(message)
        solution = load_run(folder, using)
        shape = chosen_unknown(solution, field)
        picture = solution.render(shape, azimuth=azimuth, elevation=elevation, size=(size, size), shadows=shadows)
        with atomic_path(target) as temporary:
            picture.save(temporary, format="PNG")
        typer.echo(target)
