"""Triangle meshes: arrays by their fingerprints, with distances, winding numbers and edges."""

import weakref
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, NamedTuple, Self, final

import numpy as np
from numpy.typing import NDArray

from pinr.errors import GeometryError
from pinr.files.read_mesh import REST, Mesh, mesh_fault
from pinr.geometry.bounds import Bounds
from pinr.geometry.interval import RELATIVE_TOLERANCE
from pinr.geometry.placement import Placement
from pinr.geometry.samples import Mask, Points, Values
from pinr.geometry.table import Table
from pinr.geometry.triangles import Corners, Vectors, area_vectors, closest_points, unit_normals
from pinr.language.digest import sha256_of

Numbers = NDArray[np.int64]

CORNERS = ("a", "b", "c")
# Of the size: nearer to the surface the winding number, which libigl has in single precision, is asked for farther
# away in the same direction. Sheets that are as near as that to one another are taken for one.
NEAR = 1e-5


class Nearest(NamedTuple):
    """For each of some points the distance to a mesh, the number of the nearest triangle, and the place on it."""

    distance: Values
    face: Numbers
    place: Vectors


@final
@dataclass(frozen=True)
class TriangleMesh:
    """Vertices and triangles in space, with names for groups of triangles; equal when all numbers are.

    Args:
        vertices: A column per coordinate.
        faces: The columns `a`, `b`, `c` of vertex numbers from 0, counterclockwise as seen from outside, and `group`.
        groups: The names of the groups; without names there is one of them, and all triangles are of it.
    """

    vertices: Table
    faces: Table
    groups: tuple[str, ...]

    @classmethod
    def of(cls, arrays: Mesh, coordinates: Sequence[str], title: str, file: str | None = None) -> Self:
        """The mesh of arrays that are known to be sound."""
        columns = {name: np.array(arrays.vertices[:, k]) for k, name in enumerate(coordinates)}
        group = arrays.group if arrays.groups else np.zeros(len(arrays.faces), dtype=np.int64)
        numbers = dict(zip((*CORNERS, "group"), (*arrays.faces.T, group), strict=True))
        faces = Table({key: values.astype(np.float64) for key, values in numbers.items()}, "faces")
        return cls(Table(columns, title, file), faces, arrays.groups)

    @property
    def names(self) -> tuple[str, ...]:
        """The coordinates."""
        return tuple(self.vertices.columns)

    @cached_property
    def points(self) -> Vectors:
        """The positions of the vertices `(V, 3)`."""
        return np.column_stack(list(self.vertices.columns.values()))

    @cached_property
    def triangles(self) -> Numbers:
        """The vertex numbers of the triangles `(F, 3)`."""
        return np.column_stack([self.faces.columns[key] for key in CORNERS]).astype(np.int64)

    @cached_property
    def corners(self) -> Corners:
        """The corners of the triangles `(F, 3, 3)`."""
        return self.points[self.triangles]

    @cached_property
    def normals(self) -> Vectors:
        """The unit normals of the triangles; 0 where one has no area."""
        return unit_normals(self.corners)

    @cached_property
    def digest(self) -> str:
        """A fingerprint of positions and triangles."""
        return sha256_of({"vertices": self.points, "faces": self.triangles})

    @property
    def area(self) -> float:
        """Sum of the areas of the triangles."""
        return float(np.linalg.norm(area_vectors(self.corners), axis=1).sum())

    @property
    def volume(self) -> float:
        """`⅓ ∮ x · n`, the enclosed volume by the divergence theorem; negative where normals point inwards."""
        inner = self.corners - self._centre
        return float(np.einsum("fi,fi->", inner.mean(axis=1), area_vectors(inner)) / 3)

    @cached_property
    def bounds(self) -> Bounds:
        """The box around the triangles."""
        used = self.points[np.unique(self.triangles)]
        return {n: (float(used[:, k].min()), float(used[:, k].max())) for k, n in enumerate(self.names)}

    @property
    def size(self) -> float:
        """The longest edge of the box around the triangles."""
        return max(high - low for low, high in self.bounds.values())

    @property
    def tolerance(self) -> float:
        """At what distance a point still lies on the mesh: far above rounding, far below any feature."""
        largest = max(abs(end) for pair in self.bounds.values() for end in pair)
        return RELATIVE_TOLERANCE * self.size + 4 * float(np.finfo(np.float64).eps) * largest

    @cached_property
    def boundary_edges(self) -> Numbers:
        """Pairs of vertex numbers `(E, 2)` of the edges where the surface ends."""
        ends, net, _ = self._edges
        return ends[net != 0]

    @property
    def is_closed(self) -> bool:
        """Whether every edge is passed as often in one direction as in the other, so that nothing ends anywhere."""
        return not len(self.boundary_edges)

    @property
    def torn_edges(self) -> int:
        """The number of edges between two triangles of opposite orientation."""
        _, net, uses = self._edges
        return int(np.sum((uses == 2) & (np.abs(net) == 2)))

    def part(self, *groups: str) -> "TriangleMesh":
        """The triangles of some groups; the vertices stay."""
        numbers = [k for k, name in enumerate(self.groups) if name in groups]
        own = self.faces.columns["group"]
        kept = np.isin(own, numbers)
        columns = {key: values[kept] for key, values in self.faces.columns.items()}
        columns["group"] = np.searchsorted(numbers, own[kept]).astype(np.float64)
        return TriangleMesh(self.vertices, Table(columns, self.faces.name), tuple(self.groups[k] for k in numbers))

    def placed(self, placement: Placement) -> "TriangleMesh":
        """The mesh, moved and scaled."""
        moved = placement.place(self.points).T
        columns = {name: np.array(values) for name, values in zip(self.names, moved, strict=True)}
        return TriangleMesh(Table(columns, self.vertices.name, self.vertices.file), self.faces, self.groups)

    def behind(self, most: int) -> Vectors:
        """Places next to the middles of triangles, on the side where the inside should be; of `most` triangles."""
        chosen = self._numbers_with_area[:: -(-len(self._numbers_with_area) // most)]
        return self.corners[chosen].mean(axis=1) - NEAR * self.size * self.normals[chosen]

    def record(self) -> dict[str, Any]:
        """The mesh as plain JSON, which refers to its tables by their SHA-256."""
        return {"vertices": self.vertices.record(), "faces": self.faces.record(), "groups": list(self.groups)}

    def rows(self, points: Points) -> Vectors:
        """Points by name as an array `(N, 3)`."""
        return np.column_stack([points[name] for name in self.names])

    def nearest(self, points: Vectors) -> Nearest:
        """The exact distances of points `(N, 3)` to the triangles."""
        if not len(points):
            return Nearest(np.empty(0), np.empty(0, dtype=np.int64), np.empty((0, 3)))
        local = self._to_local(points)
        _, face, _ = self._distances.tree.squared_distance(self._local, self._with_area, local)
        place = closest_points(local, self._local[self._with_area[face]])
        distance = np.linalg.norm(local - place, axis=1) * self.size
        return Nearest(distance, self._numbers_with_area[face], place * self.size + self._centre)

    def winding_numbers(self, points: Vectors) -> Values:
        """How often the mesh goes around each point: 1 inside and 0 outside of a closed one, fractions near holes.

        Good to a few thousandths; not next to the surface, where `is_inside` goes by another way.

        References: Jacobson, Kavan, Sorkine-Hornung, Robust inside-outside segmentation using generalized winding
        numbers, SIGGRAPH 2013; Barill et al., Fast winding numbers for soups and clouds, SIGGRAPH 2018.
        """
        if not len(points):
            return np.empty(0)
        found: Values = self._windings.tree.winding_number(self._to_local(points))
        return found

    def is_inside(self, points: Vectors, nearest: Nearest) -> Mask:
        """Where the winding number is above one half, right up to the surface.

        Args:
            points: `(N, 3)`.
            nearest: What `nearest` says of them.
        """
        probes, near = np.array(points), nearest.distance < NEAR * self.size
        # The place on the surface that is nearest to a point is so for all points on the ray through it, up to where
        # another sheet is as near.
        away = points[near] - nearest.place[near]
        lengths = np.linalg.norm(away, axis=1, keepdims=True)
        away = np.divide(away, lengths, out=self.normals[nearest.face[near]], where=lengths > 0)
        probes[near] = nearest.place[near] + NEAR * self.size * away
        return self.winding_numbers(probes) > 0.5

    def normals_at(self, points: Points) -> Points:
        """The normals of the nearest triangles, by coordinate."""
        found = self.normals[self.nearest(self.rows(points)).face]
        return {name: found[:, k] for k, name in enumerate(self.names)}

    def __getstate__(self) -> dict[str, Any]:
        # The trees are of a library and cannot be pickled; they are made again when needed.
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def _centre(self) -> Vectors:
        return np.array([(low + high) / 2 for low, high in self.bounds.values()])

    def _to_local(self, points: Vectors) -> Vectors:
        """In units of the size, from the centre: winding numbers are in single precision."""
        return np.ascontiguousarray((points - self._centre) / self.size)

    @cached_property
    def _local(self) -> Vectors:
        return np.nan_to_num(self._to_local(self.points), posinf=0.0, neginf=0.0)  # unused vertices may be anything

    @cached_property
    def _numbers_with_area(self) -> Numbers:
        return np.flatnonzero(self.normals.any(axis=1))

    @cached_property
    def _with_area(self) -> Numbers:
        """Triangles without an area lie on edges of others, and have no normal."""
        return np.ascontiguousarray(self.triangles[self._numbers_with_area])

    @cached_property
    def _distances(self) -> "Held":
        import igl

        return Held.by(self, igl.AABB(), self._local, self._with_area)

    @cached_property
    def _windings(self) -> "Held":
        import igl

        return Held.by(self, igl.FastWindingNumberBVH(), self._local, self._with_area)

    @cached_property
    def _edges(self) -> tuple[Numbers, Numbers, Numbers]:
        """Edges by the numbers of their ends, how often each is passed more in one direction, and how often in all.

        Vertices at exactly one place are one here.
        """
        _, first, same = np.unique(self.points + 0.0, axis=0, return_index=True, return_inverse=True)
        numbers = first[same.ravel()][self.triangles]
        directed = np.concatenate([numbers[:, [i, j]] for i, j in ((0, 1), (1, 2), (2, 0))])
        directed = directed[directed[:, 0] != directed[:, 1]]
        sign = np.where(directed[:, 0] < directed[:, 1], 1, -1)
        ends, which = np.unique(np.sort(directed, axis=1), axis=0, return_inverse=True)
        net = np.zeros(len(ends), dtype=np.int64)
        np.add.at(net, which.ravel(), sign)
        return ends, net, np.bincount(which.ravel(), minlength=len(ends))


@final
@dataclass
class Held:
    """A tree of libigl, which is let go before the interpreter ends; else its binding reports a leak then."""

    tree: Any

    @classmethod
    def by(cls, owner: TriangleMesh, tree: Any, vertices: Vectors, faces: Numbers) -> "Held":
        """The tree over some triangles, for as long as its owner lives."""
        tree.init(vertices, faces)
        held = cls(tree)
        weakref.finalize(owner, held.release)
        return held

    def release(self) -> None:
        self.tree = None


def checked_arrays(vertices: Any, faces: Any, groups: Any, written: str) -> Mesh:
    """What a user gives as a mesh.

    Args:
        vertices: `(V, 3)`.
        faces: `(F, 3)` of vertex numbers from 0.
        groups: Name → numbers of the triangles that are in the group, or None.
        written: For errors.

    Raises:
        GeometryError: The arrays are not as said.
    """
    try:
        points, numbers = np.array(vertices, dtype=np.float64), np.array(faces)
    except (TypeError, ValueError) as error:
        message = f"`{written}`: vertices and faces are no arrays of numbers ({error}). Give `(V, 3)` and `(F, 3)`."
        raise GeometryError(message) from None
    shapes = [array.ndim == 2 and array.shape[1] == 3 for array in (points, numbers)]
    if not all(shapes) or numbers.dtype.kind not in "iu":
        message = (
            f"`{written}`: vertices {points.shape} and faces {numbers.shape} of {numbers.dtype} are no triangles. Give "
            "`(V, 3)` numbers and `(F, 3)` whole numbers, with quadrilaterals cut in two."
        )
        raise GeometryError(message)
    numbers = numbers.astype(np.int64)
    fault = mesh_fault(points, numbers)
    if fault:
        message = f"`{written}`: {fault}"
        raise GeometryError(message)
    return Mesh(points, numbers, *_groups(groups, len(numbers), written))


def _groups(groups: Any, count: int, written: str) -> tuple[tuple[str, ...], Numbers]:
    if not groups:
        return (), np.empty(0, dtype=np.int64)
    member = np.full(count, -1)
    for k, (name, rows) in enumerate(groups.items()):
        chosen = np.asarray(rows)
        is_sound = isinstance(name, str) and name and chosen.dtype.kind in "iu" and chosen.size
        if not is_sound or chosen.min() < 0 or chosen.max() >= count or (member[chosen] >= 0).any():
            message = (
                f"`{written}`: the group {name!r} is not one of triangles. Give `{{name: numbers}}`, each of the "
                f"numbers 0 … {count - 1} in at most one group."
            )
            raise GeometryError(message)
        member[chosen] = k
    names = tuple(groups)
    if (member < 0).any():
        names = names if REST in names else (*names, REST)
        member[member < 0] = names.index(REST)
    return names, member.astype(np.int64)
