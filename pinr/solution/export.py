"""Fields of a solution for other programs."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray

from pinr.errors import DeclarationError, FileFormatError
from pinr.files import write_hdf5, write_vtu, write_xdmf
from pinr.solution.export_shapes import SURFACES, export_mesh, export_surface, meshed_region
from pinr.solution.figures.figure import plot
from pinr.solution.figures.picture import save_figure
from pinr.solution.grid import grid
from pinr.solution.named import named_expressions
from pinr.solution.stored import is_stored_solution

if TYPE_CHECKING:
    from pinr.solution.solution import Solution


def export(solution: "Solution", path: str | os.PathLike[str], fields: Any, axes: Mapping[str, Any]) -> None:
    """Write fields to a file, by its suffix.

    `.vtu` holds one moment for ParaView, `.xdmf` all times (its numbers in an `.h5` beside it), `.h5` the arrays for
    xarray and netCDF-4, `.png` a figure. `.obj`, `.ply` and `.stl` hold the surface where an unknown is 0, or that
    around a condition or a learned region, with `resolution=256` cells along the longest side of its box. On a learned
    region a `.vtu` file has a mesh that ends at its boundary, at a time that `t=0.5` fixes, unless axes ask for a grid.

    Args:
        solution: What is written.
        path: Its suffix says how; the file appears whole or not at all.
        fields: Name → expression; an expression alone goes by its own name; None is all unknowns. Of surfaces an
            expression, a condition `phi < 0`, or a region.
        axes: As in `grid`, or `resolution`.

    Raises:
        FileFormatError: The suffix is not known, or the format cannot hold the fields.
        DeclarationError: A `resolution` is given where there is no mesh that has one.
    """
    target = Path(path)
    if target.suffix.lower() in SURFACES:
        export_surface(solution, target, fields, axes)
        return
    writer = WRITERS.get(target.suffix.lower())
    if writer is None:
        raise FileFormatError(_suffix_message(target))
    expressions = named_expressions(solution, fields)
    _check_resolution(solution, target, expressions, axes)
    writer(solution, target, expressions, axes)


def _check_resolution(
    solution: "Solution", path: Path, expressions: Mapping[str, Any], axes: Mapping[str, Any]
) -> None:
    """Only a mesh that fills one learned region has a resolution."""
    if "resolution" not in axes or any(c.name == "resolution" for c in solution.problem.coordinates):
        return
    if path.suffix.lower() == ".vtu" and meshed_region(solution, expressions, axes) is not None:
        return
    names = [c.name for c in solution.problem.coordinates]
    message = (
        f"`export({str(path)!r}, resolution={axes['resolution']!r})`: a resolution is that of a surface, .obj, .ply or "
        ".stl, or of the mesh of one learned region or `LevelSet`, .vtu, and this is a grid. Say how many positions it "
        f"has, `{', '.join(f'{name}=65' for name in names)}`."
    )
    raise DeclarationError(message)


def grids(solution: "Solution", expressions: Mapping[str, Any], axes: Mapping[str, Any]) -> dict[str, xarray.DataArray]:
    """The grid of every expression, by name."""
    return {name: grid(solution, expression, axes) for name, expression in expressions.items()}


def _export_vtu(solution: "Solution", path: Path, expressions: Mapping[str, Any], axes: Mapping[str, Any]) -> None:
    region = meshed_region(solution, expressions, axes)
    if region is not None:
        export_mesh(solution, path, expressions, region=region, axes=axes)
    else:
        write_vtu(path, grids(solution, expressions, axes))


def _export_hdf5(solution: "Solution", path: Path, expressions: Mapping[str, Any], axes: Mapping[str, Any]) -> None:
    if is_stored_solution(path):
        message = (
            f"`{path}` holds a saved solution with its networks, which fields alone would replace. "
            "Choose another name, or remove it first."
        )
        raise FileFormatError(message)
    write_hdf5(path, grids(solution, expressions, axes))


def _export_xdmf(solution: "Solution", path: Path, expressions: Mapping[str, Any], axes: Mapping[str, Any]) -> None:
    heavy = path.with_suffix(".h5")
    if is_stored_solution(heavy):  # `save` and `export` under one stem must not destroy each other's file
        heavy = path.with_suffix(".fields.h5")
    fields = grids(solution, expressions, axes)
    write_hdf5(heavy, fields)
    write_xdmf(path, heavy, names=tuple(fields))


def _export_png(solution: "Solution", path: Path, expressions: Mapping[str, Any], axes: Mapping[str, Any]) -> None:
    save_figure(plot(solution, expressions, axes), path)


WRITERS: dict[str, Callable[["Solution", Path, Mapping[str, Any], Mapping[str, Any]], None]] = {
    ".vtu": _export_vtu,
    ".xdmf": _export_xdmf,
    ".h5": _export_hdf5,
    ".png": _export_png,
}


def _suffix_message(path: Path) -> str:
    known = ", ".join((*WRITERS, *SURFACES))
    return f"`{path}`: there is no format with the suffix {path.suffix!r}. Choose one of {known}."
