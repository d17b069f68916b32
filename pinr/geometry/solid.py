"""Solids: the inside of a triangle mesh, watertight or not."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self, final

import numpy as np
import sympy
from sympy.logic.boolalg import Boolean
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.files.read_mesh import Mesh, read_mesh
from pinr.geometry.axes import Coordinates, axis_names
from pinr.geometry.bounds import Bounds, are_apart
from pinr.geometry.cells import cells_chart, grid_cells
from pinr.geometry.chart import Chart, rescaled
from pinr.geometry.face import Face
from pinr.geometry.number import Number
from pinr.geometry.parts import checked_name
from pinr.geometry.placed import AbstractPlaced, Vectors, directions
from pinr.geometry.placement import Placement
from pinr.geometry.repaired_mesh import repaired
from pinr.geometry.samples import Mask, Points, Values
from pinr.geometry.section import Section
from pinr.geometry.triangle_mesh import TriangleMesh, checked_arrays
from pinr.geometry.triangles import triangle_chart

CELLS = 24  # along the longest edge: to sort them takes as long as some draws, and is done once
MOST_PROBES = 4096  # places behind triangles, to see whether there is an inside
FLAT = 0.51  # a half, and the error of fast winding numbers
SMALLEST_WINDING = 0.1  # in the middle of a cell far from an open mesh, below which no point of it is inside


@final
@dataclass(frozen=True, init=False, repr=False)
class Solid(AbstractPlaced):
    """The inside of a mesh, `Solid.read("armadillo.obj")`: where its winding number is above one half.

    Of a closed mesh that is what it encloses, with the volume of the divergence theorem. Holes are closed by the
    surface on which the winding number is one half; the measure is then an estimate, and the boundary is that of the
    triangles alone. Named groups are the parts of the boundary; without them it is one part, `surface`.

    Triangles that overlap count once: the solid is the union of what they enclose, its measure an estimate, and
    triangles inside of it remain part of the boundary.

    Args:
        vertices: `(V, 3)`.
        faces: `(F, 3)`: the vertex numbers of triangles, from 0, counterclockwise as seen from outside.
        groups: Names for parts of the boundary, `{"inlet": [0, 1, 2]}` by numbers of triangles.
        coordinates: What the columns of the vertices are called.
        name: Prefixes the parts: `wing.flap`; without groups it is that of the one part.
        repair: Whether to orient the triangles alike and outward, and to leave out those without an area or repeated.

    Raises:
        GeometryError: The arrays are no triangles, or these are oriented differently, or inwards.

    References: Jacobson, Kavan, Sorkine-Hornung, Robust inside-outside segmentation using generalized winding numbers,
    SIGGRAPH 2013.
    """

    mesh: TriangleMesh
    written: str
    name: str | None
    placement: Placement | None

    def __init__(
        self,
        vertices: Any,
        faces: Any,
        *,
        groups: Mapping[str, Any] | None = None,
        coordinates: Coordinates = None,
        name: str | None = None,
        repair: bool = False,
    ) -> None:
        arrays = checked_arrays(vertices, faces, groups, "Solid(…)")
        written = f"Solid({len(arrays.vertices)} vertices, {len(arrays.faces)} faces{_options(name, repair)})"
        self._fill(arrays, coordinates, name, None, written, repair=repair)

    @classmethod
    def read(
        cls,
        path: str | os.PathLike[str],
        *,
        coordinates: Coordinates = None,
        name: str | None = None,
        repair: bool = False,
    ) -> Self:
        """The inside of the mesh of a file `.obj`, `.ply`, `.stl` or `.npz`, see `pinr.files.read_mesh`.

        Raises:
            FileFormatError: The file cannot be read, has another format, or holds no sound triangles.
            GeometryError: The triangles are oriented differently, or inwards.
        """
        made, file = object.__new__(cls), Path(path).name
        written = f'Solid.read("{file}"{_options(name, repair)})'
        made._fill(read_mesh(path), coordinates, name, file, written, repair=repair)
        return made

    @classmethod
    def of(cls, mesh: TriangleMesh, written: str, name: str | None, placement: Placement | None = None) -> Self:
        """The inside of a mesh that is known to be oriented."""
        made = object.__new__(cls)
        made._set(mesh, written, name, placement)
        return made

    def _set(self, mesh: TriangleMesh, written: str, name: str | None, placement: Placement | None) -> None:
        for key, part in {"mesh": mesh, "written": written, "name": name, "placement": placement}.items():
            object.__setattr__(self, key, part)

    def _fill(
        self,
        arrays: Mesh,
        coordinates: Coordinates,
        name: str | None,
        file: str | None,
        written: str,
        *,
        repair: bool,
    ) -> None:
        names = axis_names(coordinates, 3, written)
        title = checked_name(name, "Solid") or (Path(file).stem if file else "solid")
        mesh = TriangleMesh.of(repaired(arrays) if repair else arrays, names, title, file)
        _check_orientation(mesh, written)
        self._set(mesh, written, name, None)

    @property
    def is_closed(self) -> bool:
        """Whether the mesh has no edge where it ends."""
        return self.mesh.is_closed

    @property
    @override
    def title(self) -> str:
        return self.mesh.vertices.name

    @override
    def distances(self, rows: Vectors) -> tuple[Values, Vectors]:
        nearest = self.mesh.nearest(rows)
        sign = np.where(self.mesh.is_inside(rows, nearest), -1.0, 1.0)
        outward = sign[:, None] * directions(rows, nearest.place, nearest.distance)
        on = nearest.distance == 0
        outward[on] = self.mesh.normals[nearest.face[on]]
        return sign * nearest.distance, outward

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return self.mesh.names

    @property
    @override
    def bounds(self) -> Bounds:
        return self.mesh.bounds

    @cached_property
    @override
    def charts(self) -> tuple[Chart, ...]:
        cells = grid_cells(self.bounds, CELLS)
        nearest = self.mesh.nearest(cells.centres)
        is_apart = nearest.distance > cells.radius
        windings = self.mesh.winding_numbers(cells.centres)
        if not self.is_closed:
            is_outside = is_apart & (windings < SMALLEST_WINDING)
            return (cells_chart(cells.restrict(~is_outside), self.names, self._keeps),)
        whole, cut = is_apart & (windings > 0.5), ~is_apart
        charts = [cells_chart(cells.restrict(whole), self.names)] if whole.any() else []
        charts.append(cells_chart(cells.restrict(cut), self.names, self._keeps))
        # Where it overlaps itself, the divergence theorem counts some of it twice.
        overlaps = ((windings > 1.5) | (windings < -0.5)).any()
        return tuple(charts) if overlaps else rescaled(charts, self.mesh.volume)

    @override
    def encloses(self, points: Points) -> Mask:
        return self.located(points)[0]

    @override
    def surrounds(self, points: Points) -> Mask:
        return self.located(points)[1]

    @override
    def located(self, points: Points) -> tuple[Mask, Mask]:
        rows, margin = self.mesh.rows(points), self.mesh.tolerance
        near = np.logical_and.reduce(
            [(points[n] >= low - margin) & (points[n] <= high + margin) for n, (low, high) in self.bounds.items()]
        )
        closed, interior = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
        nearest = self.mesh.nearest(rows[near])
        is_inside, is_on = self.mesh.is_inside(rows[near], nearest), nearest.distance <= margin
        closed[near], interior[near] = is_inside | is_on, is_inside & ~is_on
        return closed, interior

    @override
    def covers(self, bounds: Bounds) -> bool | None:
        ends = np.array([bounds[name] for name in self.names])
        if are_apart(self.bounds, bounds):
            return False
        if not self.is_closed or not np.isfinite(ends).all():
            return None
        centre = ends.mean(axis=1)[None]
        nearest = self.mesh.nearest(centre)
        if nearest.distance[0] <= np.linalg.norm(ends[:, 1] - ends[:, 0]) / 2:
            return None
        return bool(self.mesh.is_inside(centre, nearest)[0])

    @override
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        if not space.issuperset(self.names):
            message = (
                f"`{self!r}.boundary`: {', '.join(sorted(set(self.names) - space))} is not of space, so that it has "
                "no normal. Name the columns by coordinates of space, and multiply with a box for time."
            )
            raise GeometryError(message)
        return self._parts

    @override
    def pinned(self, values: Mapping[str, Number]) -> Section:
        return Section.of(self, values)

    @override
    def membership(self, values: Mapping[str, sympy.Expr]) -> Boolean:
        message = (
            f"`{self!r}.inside`: the inside of a mesh has no formula. `contains` and `distance` answer for points; in "
            "equations use two constraints, on the solid and on its complement `box - solid`."
        )
        raise GeometryError(message)

    @override
    def record(self) -> dict[str, Any]:
        placement = self.placement and self.placement.record()
        shown = {"written": self.written, "name": self.name, "placement": placement}
        return {"type": "Solid", "mesh": self.mesh.record(), **shown}

    @override
    def __repr__(self) -> str:
        return self.written

    def _keeps(self, points: Points) -> Mask:
        """`encloses` for samples, of which those next to the surface may be lost: winding numbers cost a tenth."""
        kept = self.mesh.winding_numbers(self.mesh.rows(points)) > 0.5
        kept[kept] = self.encloses({name: points[name][kept] for name in self.names})
        return kept

    @cached_property
    def _parts(self) -> tuple[Face, ...]:
        prefix = "" if self.name is None else f"{self.name}."
        if not self.mesh.groups:
            return (self._face(self.name or "surface", self.mesh),)
        parts = ((group, self.mesh.part(group)) for group in self.mesh.groups)
        return tuple(self._face(prefix + group, part) for group, part in parts if part.area > 0)

    @override
    def _fitted(self, box: Bounds, margin: float, written: str) -> "Solid":
        placement = Placement.into(self.bounds, box, margin, written)
        return Solid.of(self.mesh.placed(placement), written, self.name, placement.after(self.placement))

    def _face(self, name: str, mesh: TriangleMesh) -> Face:
        def encloses(points: Points) -> Mask:
            found: Mask = mesh.nearest(mesh.rows(points)).distance <= self.mesh.tolerance
            return found

        return Face(name, mesh.bounds, (triangle_chart(mesh.corners, mesh.names),), encloses, mesh.normals_at)


def _options(name: str | None, repair: bool) -> str:
    return ("" if name is None else f', name="{name}"') + (", repair=True" if repair else "")


def _check_orientation(mesh: TriangleMesh, written: str) -> None:
    remedy = "`repair=True` orients neighbours alike and every connected part outward."
    if mesh.torn_edges:
        message = (
            f"`{written}`: at {mesh.torn_edges} edges the triangles on both sides look in opposite directions, so that "
            f"there is no inside. {remedy}"
        )
        raise GeometryError(message)
    if mesh.is_closed and mesh.volume <= 0:
        message = f"`{written}` encloses the volume {mesh.volume:.3g}: its triangles look inwards. {remedy}"
        raise GeometryError(message)
    # A flat sheet has one half behind it, and whatever turns around an inside has more.
    if not mesh.is_closed and mesh.winding_numbers(mesh.behind(MOST_PROBES)).max() <= FLAT:
        message = f"`{written}` has no inside: its triangles look inwards, or make no hollow. {remedy}"
        raise GeometryError(message)
