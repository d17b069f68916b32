"""`pinr list`."""

import ast
from pathlib import Path
from typing import Annotated

import typer

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
        found = {path: tree for path in sorted(folder.glob("*.py")) if (tree := problem_tree(path)) is not None}
        if not found:
            message = f"`{folder}` has no problem files. Name another folder: `pinr list FOLDER`."
            raise DeclarationError(message)
        width = max(len(str(path)) for path in found)
        for path, tree in found.items():
            first_line = (ast.get_docstring(tree) or "").partition("\n")[0]
            typer.echo(f"{path!s:<{width}}  {first_line}".rstrip())


def problem_tree(path: Path) -> ast.Module | None:
    """The syntax of a file that assigns `problem`, or None if it is no such file; nothing is run."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return None
    assigned = (n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return tree if "problem" in assigned else None
