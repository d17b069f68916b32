"""The reference of a problem at the points where a solution is compared with it."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray
from numpy.typing import NDArray

from pinr.errors import DeclarationError
from pinr.geometry.region import AbstractRegion
from pinr.geometry.samples import Samples
from pinr.geometry.sampling.low_discrepancy import Sobol
from pinr.solution.compiled import Compiled, compile_expression
from pinr.solution.evaluate import values_at
from pinr.solution.grid import grid
from pinr.solution.inside import is_inside, regions_of

if TYPE_CHECKING:
    from pinr.solution.solution import Solution

Array = NDArray[np.float64]
POINTS = 20_000  # the mean square of a smooth field is then good to four digits or so


def compared_values(solution: "Solution", expression: Any, reference: Any) -> tuple[Array, Array]:
    """Values of an expression and of its reference at the same points inside, both `(points, components)`.

    A formula is compared at fixed quasi-random points spread by measure, an array at its own positions, where it
    is not NaN.
    """
    if isinstance(reference, xarray.DataArray):
        return _on_the_grid_of(solution, expression, reference)
    compiled = compile_expression(solution.program, expression)
    exact = compile_expression(solution.program, reference)
    names = [c.name for c in (*compiled.coordinates, *exact.coordinates)]
    points, count = comparison_points(solution, compiled, names)
    return tuple(values_at(solution, c, points, count=count) for c in (compiled, exact))  # type: ignore[return-value]


def comparison_points(solution: "Solution", compiled: Compiled, names: list[str]) -> tuple[dict[str, Array], int]:
    """Fixed points, spread by measure over the regions where the unknowns live; one for what depends on nothing."""
    if not names:
        return {}, 1
    unknown = next(iter(compiled.unknowns), None)
    regions = solution.problem.regions if unknown is None else regions_of(solution.problem, unknown)
    whole = sum(region.measure for region in regions)
    parts: list[Samples] = []
    for number, region in enumerate(regions):
        count = max(1, round(POINTS * region.measure / whole))
        samples = region.sample(count, sampler=Sobol(), seed=0)
        parts.append(_outside(regions[:number], samples))
    common = [name for name in regions[0].names if all(name in region.names for region in regions)]
    joined = {name: np.concatenate([part.points[name] for part in parts]) for name in common}
    kept = is_inside(solution.problem, compiled.unknowns, joined)
    return {name: values[kept] for name, values in joined.items()}, int(kept.sum())


def _outside(regions: tuple[AbstractRegion, ...], samples: Samples) -> Samples:
    """Without the points that earlier regions cover already."""
    for region in regions:
        samples = samples.restrict(~region.contains(samples.points))
    return samples


def _on_the_grid_of(solution: "Solution", expression: Any, reference: xarray.DataArray) -> tuple[Array, Array]:
    compiled = compile_expression(solution.program, expression)
    axes = {}
    for coordinate in compiled.coordinates:
        if coordinate.name not in reference.coords:
            message = (
                f"The reference of `{compiled.text}` is an array over ({', '.join(map(str, reference.dims))}) without "
                f"positions along {coordinate.name}. Add them with "
                f"`array.assign_coords({coordinate.name}=…)`, a number where it is a slice."
            )
            raise DeclarationError(message)
        positions = reference.coords[coordinate.name].values.astype(float)
        axes[coordinate.name] = positions if positions.ndim else float(positions)
    values = grid(solution, expression, axes)
    if set(values.dims) != set(reference.dims):
        message = (
            f"The reference of `{compiled.text}` is an array over ({', '.join(map(str, reference.dims))}), the "
            f"solution one over ({', '.join(map(str, values.dims))}). Rename or drop dimensions so that they agree."
        )
        raise DeclarationError(message)
    exact = reference.transpose(*values.dims).values
    if exact.shape != values.shape:
        message = f"The reference of `{compiled.text}` has the shape {exact.shape}, the solution {values.shape}."
        raise DeclarationError(message)
    rows = (-1, len(compiled.block.parts))
    u, exact = values.values.reshape(rows), exact.reshape(rows)
    known = np.isfinite(u).all(axis=1) & ~np.isnan(exact).any(axis=1)
    if not known.any():
        message = (
            f"The reference of `{compiled.text}` has no value inside the region. "
            "Check the positions of the array and where it is NaN."
        )
        raise DeclarationError(message)
    return u[known], exact[known]
