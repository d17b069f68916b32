"""Boundaries: faces with outward normals, selected by name."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, final

import numpy as np
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.geometry.bounds import Bounds
from pinr.geometry.chart import Chart, with_normals
from pinr.geometry.face import Face, numbered
from pinr.geometry.number import Number
from pinr.geometry.parts import ends_of_roles, expanded, in_order, quoted
from pinr.geometry.region import AbstractRegion, operand
from pinr.geometry.roles import Roles, declared_roles
from pinr.geometry.samples import Mask, Points
from pinr.language.coordinates import Role
from pinr.language.normals import Normal


@final
@dataclass(frozen=True, repr=False)
class Boundary(AbstractRegion):
    """The faces of a region, or some of them, sampled with the outward unit normal in the columns `normal.<name>`.

    Only faces across coordinates of space count: of a product with time or a family this is the lateral boundary,
    and its normal has components in space only. Until a constraint declares the roles, `t` and `time` pass for time
    and all else for space.

    Args:
        region: What it bounds.
        roles: Role of each coordinate of the region.
        kept: The only parts that are left, or None for all.
        dropped: Parts that are left out.

    Raises:
        GeometryError: There is no such part, or no part is left.
    """

    region: AbstractRegion
    roles: Roles
    kept: tuple[str, ...] | None = None
    dropped: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        every = tuple(face.name for face in self._all_faces)
        if not every:
            message = (
                f"`{operand(self.region)}.boundary`: the region has no boundary in space, every coordinate is fixed, "
                "periodic, time, or of a family. The initial time is the slice `.at(t=0)`."
            )
            raise GeometryError(message)
        written = f"{operand(self.region)}.boundary"
        for names in (self.kept, self.dropped):
            expanded(names or (), every, ends=self._ends, written=written)
        if not self.parts:
            message = f"`{self!r}`: no part is left of {', '.join(every)}. Leave out fewer."
            raise GeometryError(message)

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts: `("x-", "x+", "hole")`."""
        return tuple(face.name for face in self.selected)

    def part(self, *names: str) -> "Boundary":
        """The named parts alone; a region's name stands for all of its parts.

        Raises:
            GeometryError: There is no such part, or none is named.
        """
        written = f"{self!r}.part({quoted(names)})"
        if not names:
            message = f"`{written}` names no part. The parts are {', '.join(self.parts)}."
            raise GeometryError(message)
        return replace(self, kept=self._expanded(names, written), dropped=())

    def without(self, *names: str) -> "Boundary":
        """All parts but the named ones; a region's name stands for all of its parts.

        Raises:
            GeometryError: There is no such part, or nothing is left.
        """
        removed = self._expanded(names, f"{self!r}.without({quoted(names)})")
        if self.kept is not None:
            return replace(self, kept=tuple(name for name in self.kept if name not in removed))
        every = [face.name for face in self._all_faces]
        return replace(self, dropped=in_order({*self.dropped, *removed}, every))

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return self.region.names

    @property
    @override
    def bounds(self) -> Bounds:
        each = [face.bounds for face in self.selected]
        return {n: (min(b[n][0] for b in each), max(b[n][1] for b in each)) for n in self.names}

    @cached_property
    @override
    def charts(self) -> tuple[Chart, ...]:
        return tuple(with_normals(chart, face.normal, self._space) for face in self.selected for chart in face.charts)

    @override
    def encloses(self, points: Points) -> Mask:
        return np.logical_or.reduce([face.encloses(points) for face in self.selected])

    @override
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        message = f"`{self!r}.boundary`: a boundary has no boundary of its own here. Ask the region for its boundary."
        raise GeometryError(message)

    @override
    def pinned(self, values: Mapping[str, Number]) -> "Boundary":
        return replace(self, region=self.region.pinned(values))

    @override
    def resolve(self, roles: Mapping[str, Role]) -> "Boundary":
        declared = declared_roles(self.names, roles)
        return replace(self, region=self.region.resolve(roles), roles=declared)

    @override
    def carried_normal(self) -> Normal:
        return Normal(repr(self.region), self._space)

    @override
    def record(self) -> dict[str, Any]:
        return {
            "type": "Boundary",
            "region": self.region.record(),
            "roles": dict(self.roles),
            "kept": None if self.kept is None else list(self.kept),
            "dropped": list(self.dropped),
        }

    @override
    def __repr__(self) -> str:
        kept = "" if self.kept is None else f".part({quoted(self.kept)})"
        dropped = f".without({quoted(self.dropped)})" if self.dropped else ""
        return f"{operand(self.region)}.boundary{kept}{dropped}"

    @property
    def _space(self) -> tuple[str, ...]:
        return tuple(name for name, role in self.roles if role == "space")

    @cached_property
    def selected(self) -> tuple[Face, ...]:
        """The faces of the parts."""
        chosen = self._all_faces if self.kept is None else [f for f in self._all_faces if f.name in self.kept]
        return tuple(face for face in chosen if face.name not in self.dropped)

    @cached_property
    def _all_faces(self) -> tuple[Face, ...]:
        return numbered(self.region.faces(frozenset(self._space)))

    @property
    def _ends(self) -> dict[str, str]:
        return ends_of_roles(self.roles, self.region.bounds, self.region.periodic)

    def _expanded(self, names: tuple[str, ...], written: str) -> tuple[str, ...]:
        return expanded(names, self.parts, ends=self._ends, written=written)
