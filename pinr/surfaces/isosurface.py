"""The zero set of a function of points."""

import meshio
import numpy as np

from pinr.surfaces.facets import LEVEL, Facets, facets_of
from pinr.surfaces.lattice import Field, GradientField, Lattice
from pinr.surfaces.multiresolution import START, multiresolution_cut_cells
from pinr.surfaces.projection import project

KINDS = {2: "line", 3: "triangle"}


def isosurface(
    field: Field,
    lattice: Lattice,
    *,
    gradient: GradientField | None = None,
    start: int = START,
    lipschitz: float | None = None,
) -> Facets:
    """Where a function changes its sign, closed by the faces of the box where it is negative there.

    Args:
        field: Points `(N, d)` → values `(N,)`, negative inside.
        lattice: Where and how finely it is looked for.
        gradient: Of the field; with it the vertices are on the zero set up to rounding, and not only near it.
        start: See `multiresolution_cut_cells`.
        lipschitz: See `multiresolution_cut_cells`.
    """
    facets = facets_of(multiresolution_cut_cells(field, lattice, start=start, lipschitz=lipschitz))
    return facets if gradient is None else on_zero_set(facets, lattice, field, gradient)


def on_zero_set(facets: Facets, lattice: Lattice, field: Field, gradient: GradientField) -> Facets:
    """The facets with vertices moved onto the zero set; those on a face of the box stay on that face."""
    chosen = np.unique(facets.corners[facets.sides == LEVEL])
    points = facets.vertices[chosen]
    held = (points == lattice.low) | (points == lattice.high)
    vertices = facets.vertices.copy()
    vertices[chosen] = project(points, field, gradient, reach=float(lattice.spacing.max()), held=held)
    return facets.moved(vertices)


def mesh_of(facets: Facets) -> meshio.Mesh:
    """Facets as a mesh of lines or triangles, without vertices that belong to none."""
    used, corners = np.unique(facets.corners, return_inverse=True)
    return meshio.Mesh(facets.vertices[used], [(KINDS[facets.dimension], corners.reshape(facets.corners.shape))])
