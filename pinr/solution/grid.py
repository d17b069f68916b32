"""Fields on tensor grids, as xarray has them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray

from pinr.solution.axes import Axis, axes_of
from pinr.solution.compiled import compile_expression
from pinr.solution.evaluate import values_at
from pinr.solution.inside import is_inside
from pinr.solution.labels import field_name

if TYPE_CHECKING:
    from pinr.solution.solution import Solution

TRAILING: dict[int, tuple[str, ...]] = {0: (), 1: ("component",), 2: ("row", "column")}


def grid(solution: "Solution", expression: Any, axes: Mapping[str, Any]) -> xarray.DataArray:
    """An expression on the tensor grid of its coordinates, NaN outside the regions where its unknowns live.

    The dimensions are the coordinates in the order of the unknown's arguments, then `component` of a vector or
    `row` and `column` of a matrix. Coordinates carry their role, `space`, `time` or `varying`. Declared units
    are in the attribute `units`, as in the CF conventions.

    Args:
        solution: What is shown.
        expression: Anything that `evaluate` takes.
        axes: By coordinate name: an int is a number of equidistant positions over the bounds of the problem, ends
            included; a list or an array holds positions; any other number fixes the coordinate, which is then no
            dimension. What is left out gets a default count.
    """
    compiled = compile_expression(solution.program, expression)
    chosen = axes_of(solution.problem, compiled, axes)
    free = [axis for axis in chosen if not axis.is_fixed]
    sizes = tuple(axis.positions.size for axis in free)
    points = _mesh(chosen, free)
    inside = np.broadcast_to(is_inside(solution.problem, compiled.unknowns, points), (int(np.prod(sizes)),))
    kept = {name: along[inside] for name, along in points.items()}
    known = values_at(solution, compiled, kept, count=int(inside.sum()))
    values = np.full((inside.size, known.shape[1]), np.nan, dtype=known.dtype)
    values[inside] = known
    return xarray.DataArray(
        values.reshape((*sizes, *compiled.shape)),
        dims=(*(axis.name for axis in free), *TRAILING[len(compiled.shape)]),
        coords={axis.name: _coordinate(axis) for axis in chosen},
        attrs={"long_name": compiled.text, "problem": solution.problem.name, **_units(compiled.unit)},
        name=field_name(compiled.expression),
    )


def _mesh(chosen: tuple[Axis, ...], free: list[Axis]) -> dict[str, np.ndarray]:
    """All combinations, the last axis fastest, `(N,)` by name."""
    meshes = np.meshgrid(*(axis.positions for axis in free), indexing="ij")
    count = meshes[0].size if meshes else 1
    points = {axis.name: mesh.ravel() for axis, mesh in zip(free, meshes, strict=True)}
    return {a.name: points.get(a.name, np.full(count, a.positions[0])) for a in chosen}


def _coordinate(axis: Axis) -> xarray.DataArray:
    attributes = {"long_name": axis.name, "role": axis.coordinate.role, **_units(axis.coordinate.unit)}
    if axis.is_fixed:
        return xarray.DataArray(axis.positions[0], attrs=attributes)
    return xarray.DataArray(axis.positions, dims=(axis.name,), attrs=attributes)


def _units(unit: str | None) -> dict[str, str]:
    return {} if unit is None else {"units": unit}
