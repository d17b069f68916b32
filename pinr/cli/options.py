"""Arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

File = Annotated[
    Path, typer.Argument(metavar="FILE", help="Python file that defines `problem`; `network`, `stages` if it likes.")
]
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of a run, as `pinr solve --out` made it.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Replace a constant at the top level of FILE; may be repeated."),
]
Fixed = Annotated[
    list[str] | None,
    typer.Option("--at", metavar="NAME=VALUE", help="Fix a coordinate, for example t=0.5; may be repeated."),
]
Using = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Problem file to run for custom modules and callables, which runs keep by name."),
]
Strict = Annotated[bool, typer.Option("--strict", help="Refuse problems that are possibly ill-posed.")]
Json = Annotated[
    bool, typer.Option("--json", help="End with the summary as one line of JSON; all else goes to stderr.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show neither progress nor summary.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
