"""Shapes for other programs: surfaces of learned regions, and fields on meshes of their inside."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pinr.errors import DeclarationError, FileFormatError
from pinr.files import write_mesh_vtu, write_surface
from pinr.files.surface import OPTIONS
from pinr.geometry.level_set import LevelSet
from pinr.geometry.product import Product
from pinr.solution.axes import is_number
from pinr.solution.compiled import compile_expression
from pinr.solution.evaluate import values_at
from pinr.solution.inside import regions_of
from pinr.solution.shape import shape_from

if TYPE_CHECKING:
    from pinr.solution.solution import Solution

SURFACES = tuple(OPTIONS)
RESOLUTION = 256
MESH_RESOLUTIONS = {2: 128, 3: 64}


def export_surface(solution: "Solution", path: Path, written: Any, options: Mapping[str, Any]) -> None:
    """Write the surface of a learned region.

    Args:
        solution: What has learned it.
        path: Its suffix says how.
        written: An expression that is negative inside, a condition, or a region; None is the only unknown.
        options: `resolution`.

    Raises:
        DeclarationError: What is written says no shape, or there are other options.
        FileFormatError: The shape is one in the plane.
    """
    if not set(options) <= {"resolution"}:
        message = f"`export({str(path)!r}, {', '.join(options)})`: of a surface only `resolution=256` can be chosen."
        raise DeclarationError(message)
    resolution = options.get("resolution", RESOLUTION)
    region = shape_from(solution, written)
    if len(region.names) != 3:
        message = f"`{path}`: {path.suffix} holds surfaces in space, and `{region!r}` lies in the plane. Write .vtu."
        raise FileFormatError(message)
    write_surface(path, region.surface(resolution))


def meshed_region(solution: "Solution", expressions: Mapping[str, Any], axes: Mapping[str, Any]) -> LevelSet | None:
    """The learned region on which all of these live, if it is one, and the axes fix all coordinates but its own."""
    names = {n for e in expressions.values() for n in compile_expression(solution.program, e).unknowns}
    regions = {region for name in names for region in regions_of(solution.problem, name)}
    if len(regions) != 1:
        return None
    (region,) = regions
    factors = region.factors if isinstance(region, Product) else (region,)
    shapes = [factor for factor in factors if isinstance(factor, LevelSet)]
    if len(shapes) != 1:
        return None
    others = set(region.names) - set(shapes[0].names)
    asked = set(axes) - {"resolution"}
    return shapes[0] if asked == others and all(is_number(axes[name]) for name in others) else None


def export_mesh(
    solution: "Solution", path: Path, expressions: Mapping[str, Any], *, region: LevelSet, axes: Mapping[str, Any]
) -> None:
    """Write fields at the points of a mesh of tetrahedra, or triangles, that fills a learned region."""
    mesh = region.mesh(axes.get("resolution", MESH_RESOLUTIONS[len(region.names)]))
    points = {name: mesh.points[:, k] for k, name in enumerate(region.names)}
    fixed = {name: np.full(len(mesh.points), float(axes[name])) for name in set(axes) - {"resolution"}}
    fields: dict[str, np.ndarray] = {}
    for name, expression in expressions.items():
        compiled = compile_expression(solution.program, expression)
        values = values_at(solution, compiled, {**points, **fixed}, count=len(mesh.points))
        fields[name] = values.reshape((len(mesh.points), *compiled.shape))
    write_mesh_vtu(path, mesh, fields)
