"""Meshes of quadratic elements that can be refined uniformly, curved edges following the outline."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray
from skfem import Basis, Element, ElementLineP2, ElementTriP2, FacetBasis, MeshLine1, MeshTri1, MeshTri2
from typing_extensions import override

from pinr.verification.outline import Outline
from pinr.verification.triangulation import Triangulation

Array = NDArray[np.float64]
Integers = NDArray[np.int_]

QUADRATURE_DEGREE = 6  # exact for products of three quadratic functions
NEWTON_STEPS = 2  # from an error of the second power of the element's size to the eighth


class AbstractMesh(ABC):
    """Quadratic elements on an interval or a plane region; `refined` halves every element.

    The children of element `e` of `n` are the elements `e`, `e + n`, `e + 2n`, …, and lie in it as `children` says.
    """

    element: ClassVar[Element]
    children: ClassVar[Array]  # (children, corners, dimension): corners of the children in the reference element

    @property
    @abstractmethod
    def basis(self) -> Basis:
        """The quadratic functions with their quadrature points."""

    @property
    @abstractmethod
    def facets(self) -> Mapping[int, Integers]:
        """Number of a boundary condition → the facets where it holds."""

    @property
    @abstractmethod
    def exponent(self) -> float:
        """The smallest `α < 1` of the singularities `r^α` at corners, infinite where there are none."""

    @abstractmethod
    def refined(self) -> "AbstractMesh":
        """The mesh in which every element is halved along each direction."""

    def facet_basis(self, condition: int) -> FacetBasis:
        """The functions on the part of the boundary where a condition holds."""
        return FacetBasis(self.basis.mesh, self.element, facets=self.facets[condition], intorder=QUADRATURE_DEGREE)

    def prolonged(self, values: Array) -> Array:
        """Nodal values `(…, nodes)` interpolated to the nodes of the refined mesh.

        A refined mesh follows the outline more closely, so that its nodes near to it are looked up where they are,
        and not where the reference elements have them.
        """
        coarse, fine = self.basis, self.refined().basis
        count = coarse.mesh.nelements
        found = np.empty((*values.shape[:-1], fine.N))
        for number, corners in enumerate(self.children):
            rows = fine.element_dofs[:, number * count : (number + 1) * count]
            shape = _shape_functions(coarse, fine.doflocs[:, rows.T], corners)
            found[..., rows] = np.einsum("eab,...be->...ae", shape, values[..., coarse.element_dofs])
        return found


@final
@dataclass(frozen=True, eq=False)
class Segments(AbstractMesh):
    """A mesh of intervals.

    Args:
        points: `(N,)`.
        segments: `(2, T)`, left and right ends.
        ends: Condition → points at which it holds.
    """

    points: Array
    segments: Integers
    ends: Mapping[int, Integers]

    element = ElementLineP2()
    children = np.array([[[0.0], [0.5]], [[0.5], [1.0]]])

    @cached_property
    @override
    def basis(self) -> Basis:
        mesh = MeshLine1(self.points[None, :], self.segments)
        return Basis(mesh, self.element, intorder=QUADRATURE_DEGREE)

    @property
    @override
    def facets(self) -> Mapping[int, Integers]:
        return self.ends

    @property
    @override
    def exponent(self) -> float:
        return np.inf

    @override
    def refined(self) -> "Segments":
        return self._refined

    @cached_property
    def _refined(self) -> "Segments":
        left, right = self.segments
        middle = len(self.points) + np.arange(len(left))
        points = np.concatenate([self.points, self.points[self.segments].mean(axis=0)])
        return Segments(points, np.hstack([[left, middle], [middle, right]]), self.ends)


@final
@dataclass(frozen=True, eq=False)
class Triangles(AbstractMesh):
    """A mesh of triangles whose edges on the outline are parabolas through three points of it."""

    outline: Outline
    straight: Triangulation

    element = ElementTriP2()
    children = np.array([
        [[0.0, 0.0], [0.5, 0.0], [0.0, 0.5]],
        [[1.0, 0.0], [0.5, 0.5], [0.5, 0.0]],
        [[0.0, 1.0], [0.0, 0.5], [0.5, 0.5]],
        [[0.5, 0.0], [0.5, 0.5], [0.0, 0.5]],
    ])  # fmt: skip

    @cached_property
    @override
    def basis(self) -> Basis:
        mesh = MeshTri2.from_mesh(self._straight_mesh)
        places = mesh.doflocs.copy()
        places[:, mesh.dofs.facet_dofs[0, self._border]] = self._middles
        return Basis(MeshTri2(places, mesh.t), self.element, intorder=QUADRATURE_DEGREE)

    @property
    def is_valid(self) -> bool:
        """Whether no curved edge turns an element over."""
        return bool((self.basis.mapping.detDF(self.basis.X) > 0).all())

    @cached_property
    @override
    def facets(self) -> Mapping[int, Integers]:
        conditions = np.array([curve.condition for curve in self.outline.curves])[self.straight.curves]
        return {int(k): self._border[conditions == k] for k in np.unique(conditions)}

    @property
    @override
    def exponent(self) -> float:
        return min((corner.exponent for corner in self.outline.corners if corner.is_singular), default=np.inf)

    @override
    def refined(self) -> "Triangles":
        return self._refined

    @cached_property
    def _refined(self) -> "Triangles":
        coarse, mesh = self.straight, self._straight_mesh
        count = coarse.points.shape[1]
        middles = coarse.points[:, mesh.facets].mean(axis=1)
        middles[:, self._border] = self._middles
        (a, b, c), (ab, bc, ac) = coarse.triangles, count + mesh.t2f
        triangles = np.hstack([[a, ab, ac], [b, bc, ab], [c, ac, bc], [ab, bc, ac]])
        (first, last), (start, end) = coarse.edges, coarse.parameters
        half, between = count + self._border, (start + end) / 2
        fine = Triangulation(
            np.hstack([coarse.points, middles]),
            triangles,
            np.hstack([[first, half], [half, last]]),
            np.tile(coarse.curves, 2),
            np.hstack([[start, between], [between, end]]),
        )
        return Triangles(self.outline, fine)

    @cached_property
    def _straight_mesh(self) -> MeshTri1:
        return MeshTri1(self.straight.points, self.straight.triangles, sort_t=False)

    @cached_property
    def _border(self) -> Integers:
        """The facet behind each edge on the outline."""
        count = self.straight.points.shape[1]
        keys = np.sort(self._straight_mesh.facets, axis=0).astype(np.int64)
        wanted = np.sort(self.straight.edges, axis=0).astype(np.int64)
        order = np.argsort(keys[0] * count + keys[1])
        found = np.searchsorted((keys[0] * count + keys[1])[order], wanted[0] * count + wanted[1])
        return order[found]

    @cached_property
    def _middles(self) -> Array:
        """The points of the outline in the middle of its edges, `(2, E)`."""
        places = np.empty((2, len(self.straight.curves)))
        for number, curve in enumerate(self.outline.curves):
            own = self.straight.curves == number
            places[:, own] = curve.place(self.straight.parameters[:, own].mean(axis=0))
        return places


def _shape_functions(parent: Basis, places: Array, corners: Array) -> Array:
    """Values `(elements, nodes, functions)` of an element's functions at places `(dimension, elements, nodes)` in it.

    The reference coordinates start as those of a child with these corners and are corrected by Newton's method.
    """
    nodes = corners[:1].T + (corners[1:] - corners[:1]).T @ parent.elem.doflocs.T
    at = np.repeat(nodes[:, None, :], places.shape[1], axis=1)
    own = parent.doflocs[:, parent.element_dofs]
    for _ in range(NEWTON_STEPS):
        values, slopes = _tabulated(parent.elem, at)
        off = places - np.einsum("ibe,ben->ien", own, values)
        jacobian = np.einsum("ibe,bjen->enij", own, slopes)
        at = at + np.moveaxis(np.linalg.solve(jacobian, np.moveaxis(off, 0, -1)[..., None])[..., 0], -1, 0)
    return np.moveaxis(_tabulated(parent.elem, at)[0], 0, -1)


def _tabulated(element: Element, at: Array) -> tuple[Array, Array]:
    """Values `(functions, …)` and slopes `(functions, dimension, …)` at reference coordinates `(dimension, …)`."""
    flat = at.reshape(len(at), -1)
    pairs = [element.lbasis(flat, k) for k in range(element.doflocs.shape[0])]
    values = np.stack([value.reshape(at.shape[1:]) for value, _ in pairs])
    return values, np.stack([slope.reshape(at.shape) for _, slope in pairs])
