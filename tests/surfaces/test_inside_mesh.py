"""Meshes of the inside: whole faces, positive volumes, the right size."""

import numpy as np
import pytest

from pinr.surfaces import dense_cut_cells, facets_of, inside_mesh
from tests.surfaces.closed_forms import BOX, ELLIPSE, GYROID, SPHERE, TORUS
from tests.surfaces.test_extraction import lattice_of, shapes


@shapes([SPHERE, TORUS, GYROID, BOX, ELLIPSE])
def test_simplices_are_positive_and_meet_in_whole_faces(shape):
    mesh = inside_mesh(dense_cut_cells(shape.field, lattice_of(shape, 12)))
    assert mesh.measures.min() > 0
    corners = np.sort(mesh.corners, axis=1)
    faces = np.concatenate([np.delete(corners, k, axis=1) for k in range(corners.shape[1])])
    unique, counts = np.unique(faces, axis=0, return_counts=True)
    assert counts.max() == 2
    # What belongs to one simplex is the boundary: on the zero set of the field, linear along edges, or on the box.
    boundary = mesh.vertices[np.unique(unique[counts == 1])]
    on_box = (np.abs(boundary) == 1).any(axis=1)
    spacing = 2 / 12
    # Linear interpolation errs by max|φ''| e²/8 on an edge of length e; the gyroid has max|φ''| ≈ 32.
    largest = 32 * 3 * spacing**2 / 8 if shape is GYROID else spacing / 2
    assert (np.abs(shape.field(boundary[~on_box])) < largest).all()


@shapes([SPHERE, TORUS, ELLIPSE])
def test_the_volume_converges_with_the_second_order(shape):
    coarse, fine = (
        abs(inside_mesh(dense_cut_cells(shape.field, lattice_of(shape, n))).measures.sum() / shape.enclosed - 1)
        for n in (10, 40)
    )
    assert np.log(coarse / fine) / np.log(4) == pytest.approx(2, abs=0.25)


def test_the_boundary_of_the_mesh_encloses_its_volume():
    cut = dense_cut_cells(GYROID.field, lattice_of(GYROID, 16))
    assert inside_mesh(cut).measures.sum() == pytest.approx(4, rel=1e-7)  # φ(−x) = −φ(x), also of what is linear
    assert facets_of(cut).enclosed == pytest.approx(4, rel=1e-3)
