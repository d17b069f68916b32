"""Regions that a solution has learned."""

import warnings
from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean, BooleanAtom

from pinr.errors import GeometryError
from pinr.geometry.box import Box
from pinr.geometry.combination import combined
from pinr.geometry.level_set import LevelSet
from pinr.geometry.region import AbstractRegion
from pinr.geometry.sampling.low_discrepancy import Sobol
from pinr.language.fields import Unknown, fields_in
from pinr.solution.compiled import compile_expression
from pinr.solution.extrapolation import ExtrapolationWarning, is_beyond
from pinr.solution.inside import regions_of
from pinr.solution.trained_fields import TrainedFields

if TYPE_CHECKING:
    from pinr.solution.solution import Solution

TRIED = 1024  # points of a box that is given
USER = 4  # calls up from the warning, through `Solution.region`


def learned_region(
    solution: "Solution",
    condition: Any,
    *,
    within: Box | None = None,
    resolution: int | None = None,
    name: str | None = None,
) -> AbstractRegion:
    """Where a condition on the unknowns holds, `solution.region(phi < 0)`: a region like any other.

    It lies in the box around the problem's regions; where those do not fill the box, in their union. Where the shape
    leaves the box, the sides of the box close it and are parts of its boundary.

    Args:
        solution: What has the fields.
        condition: Comparisons of expressions in unknowns and coordinates, joined by `&`, `|` and `~`.
        within: Another box to look in. Where it reaches beyond the regions on which the unknowns were trained, networks
            may have sheets that nothing asked for, and a warning says so.
        resolution: See `LevelSet`.
        name: Prefixes the parts of the boundary.

    Raises:
        GeometryError: It is no such condition, depends on time, or holds nowhere.
        DeclarationError: It has symbols that the problem does not know.

    Warns:
        ExtrapolationWarning: The box `within` reaches beyond the regions of the unknowns.
    """
    shape = learned_level_set(solution, condition, within=within, resolution=resolution, name=name)
    unknowns = list(dict.fromkeys(f.label.name for f in fields_in(condition) if isinstance(f, Unknown)))
    if within is not None:
        _warn_of_boxes_beyond(solution, condition, unknowns, within)
    regions = [region for unknown in unknowns for region in regions_of(solution.problem, unknown)]
    domains = [region for region in dict.fromkeys(regions) if set(region.names) == set(shape.names)]
    if within is not None or not domains or any(domain.covers(shape.box.bounds) for domain in domains):
        return shape
    return combined("&", shape, reduce(lambda one, other: combined("|", one, other), domains))


def _warn_of_boxes_beyond(solution: "Solution", condition: Any, unknowns: Sequence[str], within: Box) -> None:
    corners = np.meshgrid(*within.bounds.values(), indexing="ij")
    spread = within.sample(TRIED, sampler=Sobol(), seed=0).points
    points = {n: np.concatenate([spread[n], ends.ravel()]) for n, ends in zip(within.names, corners, strict=True)}
    for unknown in unknowns:
        beyond = is_beyond(solution.problem, unknown, points)
        if beyond.any():
            share = f"{np.mean(beyond[:TRIED]):.0%} of it" if beyond[:TRIED].any() else "at a corner"
            message = (
                f"`region({condition}, within={within!r})`: the box reaches beyond the regions on which `{unknown}` "
                f"was trained ({share}). Networks may have sheets there that nothing asked for. Look in a smaller box, "
                "or train in this one."
            )
            warnings.warn(message, ExtrapolationWarning, stacklevel=USER)
            return


def learned_level_set(
    solution: "Solution", condition: Any, *, within: Box | None, resolution: int | None, name: str | None
) -> LevelSet:
    """Where a condition on the unknowns holds in a box, that around the problem's regions if none is given.

    Raises:
        GeometryError: As of `learned_region`.
        DeclarationError: As of `learned_region`.
    """
    written = f"region({condition})"
    if not isinstance(condition, Boolean) or isinstance(condition, BooleanAtom | sympy.Symbol):
        message = f"`{written}`: the argument must be a condition such as `phi < 0`, not `{condition}`."
        raise GeometryError(message)
    sides = [c.lhs - c.rhs for c in sorted(condition.atoms(Relational), key=str)]
    if not any(isinstance(f, Unknown) for side in sides for f in fields_in(side)):
        message = f"`{written}` has no unknown of the solution. Write `LevelSet({condition}, Box(…))`."
        raise GeometryError(message)
    compiled = [compile_expression(solution.program, side) for side in sides]
    coordinates = tuple(dict.fromkeys(c for one in compiled for c in one.coordinates))
    for coordinate in coordinates:
        if coordinate.role != "space":
            kind = "time" if coordinate.role == "time" else "an axis of a family"
            message = (
                f"`{written}` depends on {coordinate.name}, which is {kind}, and a region of this kind lies in space. "
                f"Fix it: `phi.subs({coordinate.name}, 0.5) < 0`."
            )
            raise GeometryError(message)
    ends: dict[str, Any] = {c.name: tuple(map(_plain, solution.problem.bounds[c.name])) for c in coordinates}
    box = within or Box(**ends)
    return LevelSet.of(condition, box, TrainedFields(solution), resolution=resolution, name=name)


def _plain(end: float) -> float:
    """Whole numbers as such, so that the box prints as most are written."""
    return int(end) if end.is_integer() else end
