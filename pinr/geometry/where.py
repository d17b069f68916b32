"""Regions cut by a condition on the coordinates."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, final

import sympy
from sympy.logic.boolalg import Boolean
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.geometry.bounds import Bounds
from pinr.geometry.chart import Chart, thinned
from pinr.geometry.condition import check_condition, holds
from pinr.geometry.face import Face
from pinr.geometry.number import Number
from pinr.geometry.region import AbstractRegion, operand
from pinr.geometry.samples import Mask, Points
from pinr.language.coordinates import Role
from pinr.language.normals import Normal
from pinr.language.tree import to_tree

if TYPE_CHECKING:
    from pinr.geometry.measurements import Measurements

SMALLEST_SHARE = 1e-4  # of the region that is cut: below it rejection is hopeless and the measure a guess


@final
@dataclass(frozen=True, repr=False)
class Where(AbstractRegion):
    """The points of a region that satisfy a condition, `Box(x=(-1, 1), y=(-1, 1)).where(x**2 + y**2 < 1)`.

    Sampled by rejection. The measure is an estimate on 65536 fixed quasi-random points per chart, good to three
    digits or so, and always the same. The bounds are those of the whole region.

    Args:
        region: What is cut; a boundary keeps its normals.
        condition: A SymPy condition on the region's coordinates, which are matched by name.

    Raises:
        GeometryError: It is no such condition, or almost nothing satisfies it.
    """

    region: AbstractRegion
    condition: Boolean

    def __post_init__(self) -> None:
        check_condition(self.region, self.condition, self.region.names)
        _check_not_empty(self)

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return self.region.names

    @property
    @override
    def bounds(self) -> Bounds:
        return self.region.bounds

    @cached_property
    @override
    def charts(self) -> tuple[Chart, ...]:
        charts = [thinned(chart, self._holds) for chart in self.region.charts]
        return tuple(chart for chart in charts if chart.share > 0)

    @override
    def encloses(self, points: Points) -> Mask:
        return self.region.encloses(points) & self._holds(points)

    @override
    def surrounds(self, points: Points) -> Mask:
        return self.region.surrounds(points) & self._holds(points)

    @override
    def covers(self, bounds: Bounds) -> bool | None:
        return False if self.region.covers(bounds) is False else None

    @property
    @override
    def periodic(self) -> tuple[str, ...]:
        return self.region.periodic

    @override
    def membership(self, values: Mapping[str, sympy.Expr]) -> Boolean:
        own = {s: values[s.name] for s in self.condition.atoms(sympy.Symbol)}
        return sympy.And(self.region.membership(values), self.condition.xreplace(own))

    @override
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        message = (
            f"`{self!r}.boundary`: the curve or surface where the condition changes is not known. "
            f"Cut the boundary instead, `{operand(self.region)}.boundary.where({self.condition})`."
        )
        raise GeometryError(message)

    @override
    def pinned(self, values: Mapping[str, Number]) -> "Where":
        return Where(self.region.pinned(values), self.condition)

    @override
    def resolve(self, roles: Mapping[str, Role]) -> "Where":
        resolved = self.region.resolve(roles)
        return self if resolved == self.region else Where(resolved, self.condition)

    @override
    def carried_normal(self) -> Normal | None:
        return self.region.carried_normal()

    @override
    def knowing(self, columns: frozenset[str]) -> "Where":
        return (
            self if self.region.knowing(columns) == self.region else Where(self.region.knowing(columns), self.condition)
        )

    @override
    def measured(self) -> "tuple[Measurements, ...]":
        return self.region.measured()

    @override
    def record(self) -> dict[str, Any]:
        return {"type": "Where", "region": self.region.record(), "condition": to_tree(self.condition)}

    @override
    def __repr__(self) -> str:
        return f"{operand(self.region)}.where({self.condition})"

    def _holds(self, points: Points) -> Mask:
        return holds(self.condition, points)


def _check_not_empty(where: Where) -> None:
    if where.measure >= SMALLEST_SHARE * where.region.measure:
        return
    message = (
        f"`{where!r}`: the region is empty: the condition holds on less than {SMALLEST_SHARE:g} of "
        f"`{where.region!r}`. Correct it, start from a smaller region, or fix a coordinate with `.at(…)`."
    )
    raise GeometryError(message)
