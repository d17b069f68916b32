"""`pinr check`."""

import typer
from rich.console import Console

from pinr.cli.declaration import read_declaration
from pinr.cli.options import Debug, File, Settings, Strict
from pinr.cli.reporting import FAILED, reported
from pinr.cli.settings import read_pairs


def check(file: File, *, setting: Settings = None, strict: Strict = False, debug: Debug = False) -> None:
    """Look for mistakes without training; exit code 1 if there are any."""
    from pinr.declaration.checks import CHECKS

    with reported(debug=debug):
        problem = read_declaration(file, read_pairs("--set", setting or [])).problem
        findings = [finding for find in CHECKS for finding in find(problem)]
        console = Console(highlight=False, soft_wrap=True)
        for finding in findings:
            headline, message = str(finding).split(": ", 1)
            style = "bold red" if finding.severity == "error" else "bold yellow"
            console.print(f"{headline}: ", style=style, markup=False, end="")
            console.print(message, markup=False)
        if not findings:
            unknowns = ", ".join(u.name for u in problem.unknowns)
            console.print(f"{problem.name}: no mistakes found; {len(problem.constraints)} constraints on {unknowns}")
        if any(strict or finding.severity == "error" for finding in findings):
            raise typer.Exit(FAILED)
