"""Surfaces: a triangle mesh as a region of two dimensions in space."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self, final

import sympy
from numpy.typing import NDArray
from sympy.logic.boolalg import Boolean
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.files.read_mesh import read_mesh
from pinr.geometry.axes import Coordinates, axis_names
from pinr.geometry.bounds import Bounds
from pinr.geometry.chart import Chart
from pinr.geometry.face import Face
from pinr.geometry.number import Number
from pinr.geometry.parts import expanded, quoted
from pinr.geometry.placed import AbstractPlaced, Vectors, directions
from pinr.geometry.placement import Placement
from pinr.geometry.samples import Mask, Points, Values
from pinr.geometry.section import Section
from pinr.geometry.triangle_mesh import TriangleMesh, checked_arrays
from pinr.geometry.triangles import triangle_chart
from pinr.language.normals import Normal


@final
@dataclass(frozen=True, init=False, repr=False)
class Surface(AbstractPlaced):
    """The triangles of a mesh, closed or not, `on(wing, Eq(dot(grad(u), wing.normal), 0))`.

    Points are uniform by area, the measure is the area, and `normal` is that of the triangles, by the right-hand rule.

    Args:
        vertices: `(V, 3)`.
        faces: `(F, 3)`: the vertex numbers of triangles, from 0.
        groups: Names for parts, `{"flap": [0, 1, 2]}` by numbers of triangles.
        coordinates: What the columns of the vertices are called.
        name: What prints call the surface.

    Raises:
        GeometryError: The arrays are no triangles.
    """

    mesh: TriangleMesh
    written: str
    placement: Placement | None

    def __init__(
        self,
        vertices: Any,
        faces: Any,
        *,
        groups: Mapping[str, Any] | None = None,
        coordinates: Coordinates = None,
        name: str = "surface",
    ) -> None:
        arrays = checked_arrays(vertices, faces, groups, "Surface(…)")
        mesh = TriangleMesh.of(arrays, axis_names(coordinates, 3, "Surface(…)"), name)
        usual = "" if name == "surface" else f', name="{name}"'
        self._set(mesh, f"Surface({len(arrays.vertices)} vertices, {len(arrays.faces)} faces{usual})", None)

    @classmethod
    def read(cls, path: str | os.PathLike[str], *, coordinates: Coordinates = None, name: str | None = None) -> Self:
        """The triangles of a file `.obj`, `.ply`, `.stl` or `.npz`, see `pinr.files.read_mesh`.

        Raises:
            FileFormatError: The file cannot be read, has another format, or holds no sound triangles.
        """
        file = Path(path).name
        written = f'Surface.read("{file}"' + ("" if name is None else f', name="{name}"') + ")"
        names = axis_names(coordinates, 3, written)
        return cls.of(TriangleMesh.of(read_mesh(path), names, name or Path(path).stem, file), written)

    @classmethod
    def of(cls, mesh: TriangleMesh, written: str, placement: Placement | None = None) -> Self:
        """The surface of a mesh."""
        made = object.__new__(cls)
        made._set(mesh, written, placement)
        return made

    def _set(self, mesh: TriangleMesh, written: str, placement: Placement | None) -> None:
        for key, part in {"mesh": mesh, "written": written, "placement": placement}.items():
            object.__setattr__(self, key, part)

    @property
    def name(self) -> str:
        """What prints and histories call the surface."""
        return self.mesh.vertices.name

    @property
    @override
    def title(self) -> str:
        return self.name

    @override
    def distances(self, rows: Vectors) -> tuple[Values, Vectors]:
        nearest = self.mesh.nearest(rows)
        return nearest.distance, directions(rows, nearest.place, nearest.distance)

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the groups, `("wing", "flap")`; none where the mesh has none."""
        return self.mesh.groups

    def part(self, *names: str) -> "Surface":
        """The named groups alone.

        Raises:
            GeometryError: There is no such group, or none is named.
        """
        written = f"{self!r}.part({quoted(names)})"
        if not names or not self.parts:
            message = f"`{written}`: name some of its parts, which are {', '.join(self.parts) or 'none'}."
            raise GeometryError(message)
        mesh = self.mesh.part(*expanded(names, self.parts, ends={}, written=written))
        if not mesh.area > 0:
            message = f"`{written}`: none of its triangles has an area. Name other parts."
            raise GeometryError(message)
        return Surface.of(mesh, written, self.placement)

    @property
    def is_closed(self) -> bool:
        """Whether the surface has no edge where it ends."""
        return self.mesh.is_closed

    @property
    def boundary_edges(self) -> NDArray[Any]:
        """The segments `(E, 2, 3)` where the surface ends."""
        return self.mesh.points[self.mesh.boundary_edges]

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
        return (triangle_chart(self.mesh.corners, self.names),)

    @override
    def encloses(self, points: Points) -> Mask:
        found: Mask = self.mesh.nearest(self.mesh.rows(points)).distance <= self.mesh.tolerance
        return found

    @override
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        message = (
            f"`{self!r}.boundary`: the curves where a surface ends are no region. `boundary_edges` has them; the "
            "inside of a mesh is a `Solid`, whose boundary is the surface."
        )
        raise GeometryError(message)

    @override
    def membership(self, values: Mapping[str, sympy.Expr]) -> Boolean:
        message = f"`{self!r}.inside`: a surface has no inside. That of the mesh is a `Solid`."
        raise GeometryError(message)

    @override
    def carried_normal(self) -> Normal:
        # With its fingerprint: another surface may be written alike.
        return Normal(f"{self!r} ({self.mesh.digest[:8]})", self.names)

    @override
    def pinned(self, values: Mapping[str, Number]) -> Section:
        message = (
            f"`{self!r}.at(…)`: where a plane cuts triangles is no region. Choose a strip, `.where(Abs(x) < 0.1)`."
        )
        raise GeometryError(message)

    @override
    def record(self) -> dict[str, Any]:
        placement = self.placement and self.placement.record()
        return {"type": "Surface", "mesh": self.mesh.record(), "written": self.written, "placement": placement}

    @override
    def __repr__(self) -> str:
        return self.written

    @override
    def _fitted(self, box: Bounds, margin: float, written: str) -> "Surface":
        placement = Placement.into(self.bounds, box, margin, written)
        return Surface.of(self.mesh.placed(placement), written, placement.after(self.placement))
