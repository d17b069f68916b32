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
from pinr.geometry.region import AbstractRegion
from pinr.geometry.samples import Mask, Points
from pinr.geometry.section import Section
from pinr.geometry.triangle_mesh import TriangleMesh, checked_arrays
from pinr.geometry.triangles import triangle_chart
from pinr.language.normals import Normal


@final
@dataclass(frozen=True, init=False, repr=False)
class Surface(AbstractRegion):
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
    kept: tuple[str, ...] | None

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
    def of(cls, mesh: TriangleMesh, written: str, kept: tuple[str, ...] | None = None) -> Self:
        """The surface of a mesh, or of some of its groups."""
        made = object.__new__(cls)
        made._set(mesh, written, kept)
        return made

    def _set(self, mesh: TriangleMesh, written: str, kept: tuple[str, ...] | None) -> None:
        for key, part in {"mesh": mesh, "written": written, "kept": kept}.items():
            object.__setattr__(self, key, part)

    @property
    def name(self) -> str:
        """What prints and histories call the surface."""
        return self.mesh.vertices.name

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the groups, `("wing", "flap")`; none where the mesh has none."""
        return self.mesh.groups if self.kept is None else self.kept

    def part(self, *names: str) -> "Surface":
        """The named groups alone.

        Raises:
            GeometryError: There is no such group, or none is named.
        """
        written = f"{self!r}.part({quoted(names)})"
        if not names or not self.parts:
            message = f"`{written}`: name some of its parts, which are {', '.join(self.parts) or 'none'}."
            raise GeometryError(message)
        return Surface.of(self.mesh, self.written, expanded(names, self.parts, ends={}, written=written))

    @property
    def is_closed(self) -> bool:
        """Whether the surface has no edge where it ends."""
        return self._shown.is_closed

    @property
    def boundary_edges(self) -> NDArray[Any]:
        """The segments `(E, 2, 3)` where the surface ends."""
        return self.mesh.points[self._shown.boundary_edges]

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return self.mesh.names

    @property
    @override
    def bounds(self) -> Bounds:
        return self._shown.bounds

    @cached_property
    @override
    def charts(self) -> tuple[Chart, ...]:
        return (triangle_chart(self._shown.corners, self.names),)

    @override
    def encloses(self, points: Points) -> Mask:
        shown = self._shown
        found: Mask = shown.nearest(shown.rows(points)).distance <= shown.tolerance
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
        return Normal(f"{self!r} ({self.mesh.vertices.digest[:8]})", self.names)

    @override
    def pinned(self, values: Mapping[str, Number]) -> Section:
        message = (
            f"`{self!r}.at(…)`: where a plane cuts triangles is no region. Choose a strip, `.where(Abs(x) < 0.1)`."
        )
        raise GeometryError(message)

    @override
    def record(self) -> dict[str, Any]:
        kept = None if self.kept is None else list(self.kept)
        return {"type": "Surface", "mesh": self.mesh.record(), "written": self.written, "kept": kept}

    @override
    def __repr__(self) -> str:
        return self.written + ("" if self.kept is None else f".part({quoted(self.kept)})")

    @cached_property
    def _shown(self) -> TriangleMesh:
        if self.kept is None:
            return self.mesh
        return self.mesh.part(*(k for k, group in enumerate(self.mesh.groups) if group in self.kept))
