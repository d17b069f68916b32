"""`pinr explain`."""

from typing import Annotated

import typer

from pinr.cli.declaration import read_declaration
from pinr.cli.options import Debug, File, Settings
from pinr.cli.reporting import reported
from pinr.cli.settings import read_pairs

Measure = Annotated[bool, typer.Option("--measure", help="Run a few steps and tell their time.")]


def explain(file: File, *, setting: Settings = None, measure: Measure = False, debug: Debug = False) -> None:
    """Show the problem as mathematics, and what is computed for it at which cost."""
    from pinr.compiler.program import compile_problem

    with reported(debug=debug):
        declaration = read_declaration(file, read_pairs("--set", setting or []))
        program = compile_problem(declaration.problem, declaration.network)
        typer.echo(f"{declaration.problem}\n\n{program.explain(measure=measure)}")
