"""`pinr export`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pinr.cli.grid_option import fixed_coordinates, grid_counts
from pinr.cli.options import Debug, Fixed, Folder, Using
from pinr.cli.reporting import reported
from pinr.cli.stored_run import load_run
from pinr.errors import DeclarationError
from pinr.geometry.suggestion import did_you_mean

if TYPE_CHECKING:
    from pinr.declaration.unknowns import UnknownField
    from pinr.solution import Solution


def export(
    folder: Folder,
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="File to write: .vtu, .xdmf, .h5 or .png.")],
    *,
    grid: Annotated[
        str | None,
        typer.Option(metavar="256x256", help="Points along the coordinates, or one number for all of space."),
    ] = None,
    at: Fixed = None,
    field: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="An unknown; may be repeated. [default: all]")
    ] = None,
    using: Using = None,
    debug: Debug = False,
) -> None:
    """Write the fields of a run for ParaView or xarray, by suffix."""
    with reported(debug=debug):
        axes: dict[str, float | int] = {**fixed_coordinates(at or [])}
        solution = load_run(folder, using)
        unknowns = _chosen(solution, field or [])
        if grid is not None:
            coordinates = list(dict.fromkeys(c for unknown in unknowns for c in unknown.coordinates))
            axes |= grid_counts(grid, coordinates, axes)
        _check_one_moment(target, unknowns, axes)
        solution.export(target, {u.name: u.expression for u in unknowns}, **axes)
        typer.echo(target)


def _check_one_moment(target: Path, unknowns: Sequence["UnknownField"], axes: Mapping[str, float | int]) -> None:
    times = {c.name for u in unknowns for c in u.coordinates if c.role == "time"}
    free = [name for name in times if not isinstance(axes.get(name), float)]
    if target.suffix == ".vtu" and free:
        message = f"`{target}`: a .vtu file holds one moment. Say which, `--at {free[0]}=0.5`, or write .xdmf for all."
        raise DeclarationError(message)


def _chosen(solution: "Solution", names: Sequence[str]) -> list["UnknownField"]:
    known = {u.name: u for u in solution.unknowns}
    for name in names:
        if name not in known:
            near = did_you_mean(name, known)
            message = f"`--field {name}`: the run has no such unknown.{near} It has {', '.join(known)}."
            raise DeclarationError(message)
    return [known[name] for name in names or known]
