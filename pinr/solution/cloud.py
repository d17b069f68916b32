"""The surface of an unsigned distance, as points."""

from typing import TYPE_CHECKING, Any

import numpy as np
import sympy

from pinr.errors import DeclarationError, GeometryError
from pinr.geometry.point_cloud import PointCloud
from pinr.language.operators import grad
from pinr.solution.compiled import compile_expression
from pinr.solution.trained_fields import TrainedFields
from pinr.surfaces.gradient_projection import points_of_zero_set
from pinr.surfaces.lattice import Array

if TYPE_CHECKING:
    from pinr.solution.solution import Solution

REACH = 1 / 16  # of the longest side of the box
WITHIN = 1 / 100


def cloud(solution: "Solution", expression: Any, *, count: int, within: float | None, seed: int) -> PointCloud:
    """Points where an unsigned distance is almost 0, in the box around the problem: an open surface stays open.

    A field without a sign has no inside, so that `region` has nothing to find. Points are projected by the field and
    its gradient, see `points_of_zero_set`; the edges of surfaces and places where three sheets meet are kept.

    Args:
        solution: What has learned the field.
        expression: About the distance to the surface.
        count: How many points; there are fewer where the field is nearly 0 at a few places only.
        within: The largest value that counts as on the surface; None is a hundredth of the longest side of the box.
        seed: Of the points that are projected.

    Raises:
        DeclarationError: It is no scalar function of space, or it has symbols that the problem does not know.
        GeometryError: A number is not positive, or no point is found.
    """
    written = f"cloud({expression}, count={count!r})"
    if type(count) is not int or count < 1 or not (within is None or within > 0):
        message = f"`{written}`: the number of points, and `within={within!r}`, must be positive."
        raise GeometryError(message)
    compiled = compile_expression(solution.program, expression)
    coordinates = compiled.coordinates
    if compiled.shape or len(coordinates) not in (2, 3) or any(c.role != "space" for c in coordinates):
        message = f"`{written}`: the argument must be a scalar function of two or three coordinates of space."
        raise DeclarationError(message)
    names = tuple(c.name for c in coordinates)
    fields = TrainedFields(solution)
    slopes = tuple(grad(sympy.sympify(expression), *coordinates))

    def values(rows: Array) -> Array:
        return fields((expression,), dict(zip(names, rows.T, strict=True)))[:, 0]

    def gradient(rows: Array) -> Array:
        return fields(slopes, dict(zip(names, rows.T, strict=True)))

    low, high = np.array([solution.problem.bounds[name] for name in names]).T
    longest = float((high - low).max())
    generator = np.random.default_rng(seed)
    within = WITHIN * longest if within is None else within
    reach = REACH * longest
    points = points_of_zero_set(
        values, gradient, low, high, count=count, reach=reach, within=within, generator=generator
    )
    if not len(points):
        message = (
            f"`{written}`: there is no point where it is below {within:g}. Train longer, allow more with `within=…`, "
            "or take the zero set of a field with a sign, `solution.region(phi < 0)`."
        )
        raise GeometryError(message)
    return PointCloud(points, coordinates=names, name="cloud", drop_invalid=True)
