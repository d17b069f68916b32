"""Level sets: regions where a function is negative, given by a formula or by trained networks."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self, final

import meshio
import numpy as np
import sympy
from numpy.typing import NDArray
from sympy.logic.boolalg import Boolean, BooleanAtom
from typing_extensions import override

from pinr.errors import GeometryError
from pinr.geometry.bounds import Bounds, are_apart
from pinr.geometry.box import Box
from pinr.geometry.chart import Chart, rescaled, thinned
from pinr.geometry.face import Face, constant_normal
from pinr.geometry.facet_charts import facet_charts
from pinr.geometry.interval import RELATIVE_TOLERANCE
from pinr.geometry.level import Evaluator, Formulas, Level
from pinr.geometry.number import Number
from pinr.geometry.parts import checked_name
from pinr.geometry.region import AbstractRegion
from pinr.geometry.samples import Mask, Points, Samples
from pinr.geometry.section import Section
from pinr.language.fields import Field
from pinr.language.tree import to_tree
from pinr.surfaces import CutCells, Facets, Lattice, inside_mesh, isosurface, mesh_of, on_zero_set, project
from pinr.surfaces.cut_cells import CUT, INSIDE, dilated
from pinr.surfaces.facets import LEVEL, facets_of
from pinr.surfaces.morton import morton_order
from pinr.surfaces.multiresolution import multiresolution_cut_cells

Array = NDArray[np.float64]

RESOLUTIONS = {2: 128, 3: 64}
FAR, NEAR, DEEP = 0, 1, 2
MARGIN = 0.5  # cells: how far the surface may bulge beyond the vertices on it


@final
@dataclass(frozen=True, init=False, repr=False)
class LevelSet(AbstractRegion):
    """The part of a box where a condition holds, `LevelSet(x**2 + y**2 < 1, Box(x=(-2, 2), y=(-2, 2)))`.

    Unlike `box.where(…)` it has a boundary: the surface between is found on a lattice and sampled by its triangles,
    from which points go to the zero set by Newton's method. What a solution has learned is one too, see
    `Solution.region`.

    The boundary has the part `surface`, and where the condition holds up to a side of the box also that side, `x-`.
    Pieces, holes and necks that are thinner than two cells of the lattice may be missed; what the lattice misses is
    not in the region. Measures are those of the triangulation: their error falls with the square of the resolution.

    Args:
        condition: `phi < 0`, `phi > 0.1`, or several joined by `&` and `|`.
        within: The box in which it is looked at, in two or three coordinates of space.
        resolution: Cells of the lattice along the longest side of the box; None is 128 in the plane, 64 in space.
        name: Prefixes the parts: `wing.surface`.

    Raises:
        GeometryError: It is no such condition, has other symbols than the coordinates of the box, or holds nowhere.
    """

    condition: Boolean
    box: Box
    resolution: int
    name: str | None
    digest: str
    known_level: Level | None = field(compare=False)

    def __init__(
        self, condition: Boolean, within: Box, *, resolution: int | None = None, name: str | None = None
    ) -> None:
        written = f"LevelSet({condition}, {within!r})"
        _check_condition(condition, within, written)
        if condition.atoms(Field):
            message = (
                f"`{written}`: the condition has a field, whose values are not known here. Write "
                f"`solution.region({condition})` with the solution that has them."
            )
            raise GeometryError(message)
        names = {s.name for s in condition.free_symbols}
        if not names <= set(within.names):
            message = f"`{written}`: the box has no coordinate {', '.join(sorted(names - set(within.names)))}."
            raise GeometryError(message)
        self._fill(condition, within, resolution, name, Formulas())

    @classmethod
    def of(
        cls,
        condition: Boolean,
        within: Box,
        evaluator: Evaluator,
        *,
        resolution: int | None = None,
        name: str | None = None,
    ) -> Self:
        """The level set of fields that something else evaluates.

        Raises:
            GeometryError: As for the class.
        """
        _check_condition(condition, within, f"region({condition})")
        made = object.__new__(cls)
        made._fill(condition, within, resolution, name, evaluator)
        return made

    @classmethod
    def without_fields(cls, condition: Boolean, within: Box, resolution: int, name: str | None, digest: str) -> Self:
        """The region as far as a record tells, without the fields that say where it is."""
        made = object.__new__(cls)
        made._set(condition, within, resolution, name, digest, None)
        return made

    def _fill(
        self, condition: Boolean, box: Box, resolution: int | None, name: str | None, evaluator: Evaluator
    ) -> None:
        count = RESOLUTIONS[len(box.names)] if resolution is None else resolution
        level = Level(condition, box.names, evaluator)
        self._set(condition, box, count, checked_name(name, "LevelSet"), evaluator.digest, level)
        if self._cut.status[(slice(1, -1),) * len(box.names)].min(initial=1) > CUT:
            message = (
                f"`{self!r}` is empty: the condition holds at none of the points of a lattice with {count} cells along "
                "the longest side. Correct it, or raise the resolution if the region is thin."
            )
            raise GeometryError(message)

    def _set(self, *parts: Any) -> None:
        keys = ("condition", "box", "resolution", "name", "digest", "known_level")
        for key, part in zip(keys, parts, strict=True):
            object.__setattr__(self, key, part)

    @property
    def level(self) -> Level:
        """The function that is negative inside.

        Raises:
            GeometryError: The region was read from a file that does not have its fields.
        """
        if self.known_level is None:
            message = (
                f"`{self!r}` was read from a file without the solution that it was learned by. Take the region of that "
                f"solution again, `solution.region({self.condition})`."
            )
            raise GeometryError(message)
        return self.known_level

    def surface(self, resolution: int | None = None, *, lipschitz: float | None = None) -> meshio.Mesh:
        """The boundary as a closed mesh of triangles, in the plane of lines; its vertices are on the boundary.

        Args:
            resolution: Cells along the longest side of the box; None takes that of the region.
            lipschitz: A bound for the gradient of what the condition compares with 0, if one is known, 1 of a
                distance: then pieces that are thinner than the first cells are found as well.

        Raises:
            GeometryError: The resolution is not an integer of at least 2.
        """
        if resolution is None and lipschitz is None:
            return mesh_of(self._facets)
        lattice = self._lattice(self.resolution if resolution is None else resolution)
        return mesh_of(isosurface(self.level.values, lattice, gradient=self.level.gradient, lipschitz=lipschitz))

    def mesh(self, resolution: int | None = None) -> meshio.Mesh:
        """The inside as a mesh of tetrahedra, in the plane of triangles, that ends at the boundary.

        Args:
            resolution: As of `surface`.
        """
        cut = self._cut
        if resolution is not None:
            cut = multiresolution_cut_cells(self.level.values, self._lattice(resolution))
        filled = inside_mesh(cut)
        return meshio.Mesh(filled.vertices, [({2: "triangle", 3: "tetra"}[len(self.names)], filled.corners)])

    @property
    @override
    def names(self) -> tuple[str, ...]:
        return self.box.names

    @cached_property
    @override
    def bounds(self) -> Bounds:
        margin = MARGIN * self._cut.lattice.spacing
        low, high = self._facets.vertices.min(axis=0) - margin, self._facets.vertices.max(axis=0) + margin
        ends = self.box.bounds
        return {n: (max(float(low[k]), ends[n][0]), min(float(high[k]), ends[n][1])) for k, n in enumerate(self.names)}

    @cached_property
    @override
    def charts(self) -> tuple[Chart, ...]:
        zones = (np.argwhere(self._zones == zone) for zone in (DEEP, NEAR))
        deep, near = (cells[morton_order(cells)] for cells in zones)
        charts = [self._cells(deep)] if len(deep) else []
        if len(near):
            charts.append(thinned(self._cells(near), self.encloses))
        return rescaled(charts, self._facets.enclosed)

    @override
    def encloses(self, points: Points) -> Mask:
        return self.located(points)[0]

    @override
    def surrounds(self, points: Points) -> Mask:
        return self.located(points)[1]

    @override
    def located(self, points: Points) -> tuple[Mask, Mask]:
        place, bounds = self._array(points), self.bounds
        closed, interior = self.box.located(points)
        closed = closed & np.logical_and.reduce(
            [(points[n] >= low - i.tolerance) & (points[n] <= high + i.tolerance)
             for i, (n, (low, high)) in zip(self.box.intervals, bounds.items(), strict=True)]
        )  # fmt: skip
        zone = np.where(closed, self._zone_of(place), FAR)
        doubtful = np.flatnonzero(zone == NEAR)
        value = np.where(zone == DEEP, -np.inf, np.inf)
        value[doubtful] = self.level.values(place[doubtful])
        return value <= self._tolerance, interior & (value < -self._tolerance)

    @override
    def covers(self, bounds: Bounds) -> bool | None:
        box = {n: bounds[n] for n in self.names}
        if are_apart(self.bounds, box):
            return False
        ends = np.array([[max(box[n][0], low), min(box[n][1], high)] for n, (low, high) in self.box.bounds.items()])
        first, last = (self._index(ends[:, k][None])[0] for k in (0, 1))
        zones = self._zones[tuple(slice(a, b + 1) for a, b in zip(first, last, strict=True))]
        if (zones == FAR).all():
            return False
        return True if (zones == DEEP).all() and self.box.covers(bounds) is True else None

    @override
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        if not space.issuperset(self.names):
            message = (
                f"`{self!r}.boundary`: {', '.join(sorted(set(self.names) - space))} is not of space, so that it has "
                "no normal. Take a level set in space times a box, `region * Box(t=(0, 1))`."
            )
            raise GeometryError(message)
        found = [self._surface_face()] if (self._facets.sides == LEVEL).any() else []
        measures = self._facets.measures
        return (*found, *(self._cap(side) for side in range(1, 7) if measures[self._facets.sides == side].sum() > 0))

    @override
    def pinned(self, values: Mapping[str, Number]) -> Section:
        return Section.of(self, values)

    @override
    def membership(self, values: Mapping[str, sympy.Expr]) -> Boolean:
        if self.condition.atoms(Field):
            message = (
                f"`{self!r}.inside`: the fields of the condition are known where the region was learned, and not to "
                "other equations. Give the region a constraint of its own, `on(region, …)`."
            )
            raise GeometryError(message)
        own = {s: values[s.name] for s in self.condition.free_symbols}
        return sympy.And(self.box.membership(values), self.condition.xreplace(own))

    @override
    def record(self) -> dict[str, Any]:
        return {
            "type": "LevelSet",
            "condition": to_tree(self.condition),
            "box": self.box.record(),
            "resolution": self.resolution,
            "name": self.name,
            "sha256": self.digest,
        }

    @override
    def __repr__(self) -> str:
        usual = RESOLUTIONS[len(self.names)]
        resolution = "" if self.resolution == usual else f", resolution={self.resolution}"
        name = "" if self.name is None else f', name="{self.name}"'
        return f"LevelSet({self.condition}, {self.box!r}{resolution}{name})"

    def _lattice(self, resolution: int) -> Lattice:
        low, high = zip(*self.box.bounds.values(), strict=True)
        return Lattice.over(low, high, resolution)

    @cached_property
    def _cut(self) -> CutCells:
        return multiresolution_cut_cells(self.level.values, self._lattice(self.resolution))

    @cached_property
    def _facets(self) -> Facets:
        """The boundary, with vertices on it."""
        return on_zero_set(facets_of(self._cut), self._cut.lattice, self.level.values, self.level.gradient)

    @cached_property
    def _zones(self) -> NDArray[np.int8]:
        """Of every cell whether its points are inside, outside, or have to be asked."""
        status = self._cut.status[(slice(1, -1),) * len(self.names)]
        return np.where(dilated(status == CUT), NEAR, np.where(status == INSIDE, DEEP, FAR)).astype(np.int8)

    @cached_property
    def _tolerance(self) -> float:
        """Of the function: what it changes by over the tolerance of lengths."""
        on_level = np.unique(self._facets.corners[self._facets.sides == LEVEL])
        slopes = np.linalg.norm(self.level.gradient(self._facets.vertices[on_level]), axis=1)
        steepness = float(np.median(slopes[np.isfinite(slopes)])) if np.isfinite(slopes).any() else 0.0
        return RELATIVE_TOLERANCE * steepness * max(high - low for low, high in self.box.bounds.values())

    def _array(self, points: Points) -> Array:
        return np.stack([np.asarray(points[name], dtype=np.float64) for name in self.names], axis=1)

    def _index(self, place: Array) -> NDArray[np.int64]:
        lattice = self._cut.lattice
        share = (place - lattice.low) / lattice.spacing
        return np.clip(np.floor(share), 0, np.array(lattice.cells) - 1).astype(np.int64)

    def _zone_of(self, place: Array) -> NDArray[np.int8]:
        return self._zones[tuple(self._index(np.nan_to_num(place)).T)]

    def _cells(self, cells: NDArray[np.int64]) -> Chart:
        """The chart of some cells, which the first axis of the unit cube chooses among."""
        lattice, d = self._cut.lattice, len(self.names)

        def place(unit: Array) -> Samples:
            chosen = cells[np.floor(unit[:, 0] * len(cells)).astype(np.intp)]
            # The lattice ends where the box does; a sum of many cells may round beyond.
            found = np.minimum(lattice.low + (chosen + unit[:, 1:]) * lattice.spacing, lattice.high)
            return Samples({name: found[:, k] for k, name in enumerate(self.names)})

        return Chart(d + 1, len(cells) * float(np.prod(lattice.spacing)), place, choices=1)

    def _surface_face(self) -> Face:
        chosen = self._facets.sides == LEVEL

        def encloses(points: Points) -> Mask:
            place = self._array(points)
            there = np.flatnonzero(self.box.encloses(points) & (self._zone_of(place) == NEAR))
            found = np.zeros(len(place), dtype=bool)
            found[there] = np.abs(self.level.values(place[there])) <= self._tolerance
            return found

        def normal(points: Points) -> Points:
            slopes = self.level.gradient(self._array(points))
            lengths = np.linalg.norm(slopes, axis=1, keepdims=True)
            unit = slopes / np.where(lengths > 0, lengths, 1.0)  # a singular point has no normal
            return {name: unit[:, k] for k, name in enumerate(self.names)}

        charts = facet_charts(self._facets, chosen, self.names, self._on_level)
        return Face(self._part("surface"), self.bounds, charts, encloses, normal)

    def _on_level(self, points: Array, corner: Array) -> Array:
        """Points of facets moved onto the zero set, in the box; where that fails, a corner of the facet instead."""
        lattice, level = self._cut.lattice, self.level
        reach = float(lattice.spacing.max())
        found = project(points, level.values, level.gradient, reach=reach)
        inside = np.clip(found, lattice.low, lattice.high)
        beyond = np.flatnonzero((inside != found).any(axis=1))
        held = (inside == lattice.low) | (inside == lattice.high)
        found[beyond] = project(inside[beyond], level.values, level.gradient, reach=reach, held=held[beyond])
        is_off = ~(np.abs(level.values(found)) <= self._tolerance)
        return np.where(is_off[:, None], corner, np.clip(found, lattice.low, lattice.high))

    def _cap(self, side: int) -> Face:
        axis, is_high = (side - 1) // 2, side % 2 == 0
        name = self.names[axis]
        end = self.box.bounds[name][is_high]
        charts = facet_charts(self._facets, self._facets.sides == side, self.names)

        def encloses(points: Points) -> Mask:
            return self.box.intervals[axis].is_at(end, points[name]) & self.encloses(points)

        # The facets end at the surface, but for what rounding and curvature leave.
        flat = tuple(dataclasses.replace(thinned(chart, self.encloses), known_share=1.0) for chart in charts)
        bounds = {**self.bounds, name: (end, end)}
        outward = constant_normal({n: (1.0 if is_high else -1.0) if n == name else 0.0 for n in self.names})
        return Face(self._part(f"{name}{'+' if is_high else '-'}"), bounds, flat, encloses, outward)

    def _part(self, name: str) -> str:
        return name if self.name is None else f"{self.name}.{name}"


def level_sets_in(thing: Any) -> Iterator[LevelSet]:
    """All level sets of which a region is made."""
    if isinstance(thing, LevelSet):
        yield thing
    elif isinstance(thing, tuple):
        for part in thing:
            yield from level_sets_in(part)
    elif isinstance(thing, AbstractRegion) and dataclasses.is_dataclass(thing):
        for each in dataclasses.fields(thing):
            yield from level_sets_in(getattr(thing, each.name))


def _check_condition(condition: Any, within: Any, written: str) -> None:
    if not isinstance(condition, Boolean) or isinstance(condition, BooleanAtom | sympy.Symbol):
        message = f"`{written}`: the first argument must be a condition such as `phi < 0`, not `{condition}`."
        raise GeometryError(message)
    if not isinstance(within, Box) or len(within.names) not in RESOLUTIONS:
        message = (
            f"`{written}`: a level set lies in a `Box` of two or three coordinates of space, such as "
            "`Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))`."
        )
        raise GeometryError(message)
    if within.periodic:
        message = f"`{written}`: the box is periodic, and a level set does not go around. Take one that is not."
        raise GeometryError(message)
    within.require_closed(")", before="LevelSet(…, ")
