"""Surfaces out of functions of points: extracted, projected, filled with simplices, and pictured. Knows no networks.

A field is a function of points `(N, d)` with values `(N,)`, negative inside; `d` is 2 or 3.
"""

from pinr.surfaces.camera import Camera
from pinr.surfaces.cut_cells import CutCells
from pinr.surfaces.dense import dense_cut_cells
from pinr.surfaces.facets import Facets, facets_of
from pinr.surfaces.inside_mesh import InsideMesh, inside_mesh
from pinr.surfaces.isosurface import isosurface, mesh_of, on_zero_set
from pinr.surfaces.lattice import Lattice
from pinr.surfaces.multiresolution import multiresolution_cut_cells
from pinr.surfaces.picture import picture
from pinr.surfaces.projection import project
from pinr.surfaces.tracing import trace

__all__ = [
    "Camera",
    "CutCells",
    "Facets",
    "InsideMesh",
    "Lattice",
    "dense_cut_cells",
    "facets_of",
    "inside_mesh",
    "isosurface",
    "mesh_of",
    "multiresolution_cut_cells",
    "on_zero_set",
    "picture",
    "project",
    "trace",
]
