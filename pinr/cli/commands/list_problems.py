"""`pinr list`."""

import ast
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pinr.cli.options import Debug
from pinr.cli.reporting import reported
from pinr.errors import DeclarationError


def list_problems(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="Where to look.")] = Path("problems"),
    *,
    debug: Debug = False,
) -> None:
    """List the problem files of a folder."""
    with reported(debug=debug):
        files = sorted(path for path in folder.glob("*.py") if not path.name.startswith("_"))
        if not files:
            message = f"`{folder}` has no problem files. Name another folder: `pinr list FOLDER`."
            raise DeclarationError(message)
        table = Table.grid(padding=(0, 3))
        for file in files:
            table.add_row(str(file), first_line(file))
        Console(highlight=False, markup=False).print(table)


def first_line(file: Path) -> str:
    """What the docstring of a file begins with; the file is not run."""
    try:
        text = ast.get_docstring(ast.parse(file.read_bytes()))
    except (SyntaxError, ValueError):
        return "(no Python)"
    return text.splitlines()[0] if text else ""
