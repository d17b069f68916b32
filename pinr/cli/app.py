"""The program `pinr` and its commands."""

from collections.abc import Callable
from typing import Annotated

import typer

from pinr.cli.commands.check import check
from pinr.cli.commands.diagnose import diagnose
from pinr.cli.commands.explain import explain
from pinr.cli.commands.export import export
from pinr.cli.commands.list_problems import list_problems
from pinr.cli.commands.plot import plot
from pinr.cli.commands.render import render
from pinr.cli.commands.resume import resume
from pinr.cli.commands.solve import solve
from pinr.cli.commands.surface import surface

app = typer.Typer(
    name="pinr",
    help="Solve boundary-value problems with neural fields.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS: dict[str, Callable[..., None]] = {
    "solve": solve,
    "resume": resume,
    "check": check,
    "explain": explain,
    "diagnose": diagnose,
    "plot": plot,
    "export": export,
    "surface": surface,
    "render": render,
    "list": list_problems,
}
for name, command in COMMANDS.items():
    app.command(name)(command)


def main() -> None:
    """Run the command that the shell names."""
    app(prog_name="pinr")


def _show_version(wanted: bool) -> None:
    if wanted:
        from pinr import __version__

        typer.echo(f"pinr {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    pass
