"""Screened Poisson reconstruction by MeshLab, from points with normals: what the learned surfaces are held against."""

import numpy as np

from benchmarks.shapes.mesh import Mesh
from benchmarks.shapes.method import Given


def screened_poisson(given: Given, depth: int) -> Mesh | None:
    """Kazhdan and Hoppe, ACM Trans. Graph. 32, 2013; None where `pymeshlab` is not installed."""
    try:
        import pymeshlab
    except ImportError:
        return None
    meshes = pymeshlab.MeshSet()
    meshes.add_mesh(pymeshlab.Mesh(given.points, v_normals_matrix=given.normals))
    # Its threads wait for one another busily, which takes forever on a machine that has others to run.
    meshes.generate_surface_reconstruction_screened_poisson(depth=depth, preclean=True, threads=1)
    found = meshes.current_mesh()
    return Mesh(found.vertex_matrix().astype(float), found.face_matrix().astype(np.int64))
