"""Surfaces of closed forms: closed, of the right size, the same however they were looked for."""

import itertools
import resource
import subprocess
import sys

import numpy as np
import pytest

from pinr.errors import GeometryError
from pinr.surfaces import Lattice, dense_cut_cells, facets_of, isosurface, mesh_of, multiresolution_cut_cells
from pinr.surfaces.facet_table import cell_edges, facet_table
from pinr.surfaces.facets import chains
from tests.surfaces.closed_forms import BOX, ELLIPSE, GYROID, SOLIDS, SPHERE, TORUS, Shape

EVERY = [*SOLIDS, ELLIPSE]
GIBIBYTE = 2**30


def shapes(table: list[Shape]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("shape", table, ids=[shape.name for shape in table])


def lattice_of(shape: Shape, resolution: int) -> Lattice:
    d = 2 if shape is ELLIPSE else 3
    return Lattice.over((-1.0,) * d, (1.0,) * d, resolution)


def directed_edges(corners):
    return np.concatenate([corners[:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0))])


def assert_closed(facets):
    if facets.dimension == 2:  # every vertex ends one segment and begins another
        assert (np.sort(facets.corners, axis=0) == np.arange(len(facets.vertices))[:, None]).all()
        return
    edges = directed_edges(facets.corners)
    assert len(np.unique(edges, axis=0)) == len(edges)
    assert set(map(tuple, edges)) == set(map(tuple, edges[:, ::-1]))


@pytest.mark.parametrize("dimension", [2, 3])
def test_every_pair_of_neighbouring_cells_agrees_on_the_face_between_them(dimension):
    # Directed boundary segments on a face, by the signs on it, must be those of the other cell reversed.
    edges, table, corners = cell_edges(dimension), facet_table(dimension), range(2**dimension)

    def on_face(configuration, axis, side):
        found = set()
        for facet in table[configuration]:
            if facet[0] < 0:
                continue
            sequence = [edges[k] for k in facet]
            pairs = itertools.permutations(sequence, 2) if dimension == 3 else [(e, e) for e in sequence]
            cyclic = {(sequence[k], sequence[(k + 1) % 3]) for k in range(3)} if dimension == 3 else set(pairs)
            for first, second in cyclic:
                if all((c >> axis & 1) == side for c in (*first, *second)):
                    found.add(tuple(tuple(c & ~(1 << axis) for c in edge) for edge in (first, second)))
        return found

    for axis in range(dimension):
        high = {}
        for configuration in range(2 ** len(corners)):
            signs = tuple(configuration >> c & 1 for c in corners if c >> axis & 1)
            high.setdefault(signs, []).append(on_face(configuration, axis, 1))
        for configuration in range(2 ** len(corners)):
            signs = tuple(configuration >> c & 1 for c in corners if not c >> axis & 1)
            here = {(b, a) for a, b in on_face(configuration, axis, 0)}
            assert all(here == other for other in high[signs])


@shapes(EVERY)
@pytest.mark.parametrize("resolution", [7, 20])
def test_surfaces_are_closed(shape, resolution):
    facets = facets_of(dense_cut_cells(shape.field, lattice_of(shape, resolution)))
    assert_closed(facets)


def test_random_signs_give_closed_surfaces_as_well():
    # White noise has every configuration, those with ambiguous faces included.
    noise = np.random.default_rng(0).normal(size=10**4)
    for d, n in ((2, 30), (3, 8)):
        lattice = Lattice.over((0.0,) * d, (1.0,) * d, n)

        def field(points, d=d, n=n):
            return noise[np.rint(points * n).astype(int) @ (n + 1) ** np.arange(d)]

        assert_closed(facets_of(dense_cut_cells(field, lattice)))


@pytest.mark.parametrize(("shape", "euler"), [(SPHERE, 2), (TORUS, 0), (BOX, 2)], ids=["sphere", "torus", "box"])
def test_the_genus_is_that_of_the_shape(shape, euler):
    facets = facets_of(dense_cut_cells(shape.field, lattice_of(shape, 24)))
    assert len(facets.vertices) - len(facets.corners) // 2 == euler  # three half-edges to a triangle


@shapes([SPHERE, TORUS, ELLIPSE])
def test_area_and_volume_converge_with_the_second_order(shape):
    sizes = [16, 64]
    facets = [facets_of(dense_cut_cells(shape.field, lattice_of(shape, n))) for n in sizes]
    for known, found in (
        (shape.enclosed, [f.enclosed for f in facets]),
        (shape.area, [f.measures.sum() for f in facets]),
    ):
        coarse, fine = (abs(value / known - 1) for value in found)
        assert np.log(coarse / fine) / np.log(sizes[1] / sizes[0]) == pytest.approx(2, abs=0.2)
        assert fine < 4e-3


def test_half_of_the_cube_is_inside_a_gyroid_and_its_faces_close_the_surface():
    facets = facets_of(dense_cut_cells(GYROID.field, lattice_of(GYROID, 48)))
    assert facets.enclosed == pytest.approx(4, rel=1e-4)
    caps = np.array([facets.measures[facets.sides == side].sum() for side in range(1, 7)])
    np.testing.assert_allclose(caps[::2] + caps[1::2], 4, rtol=5e-3)  # φ(−x) = −φ(x)
    for side in range(1, 7):
        axis, end = (side - 1) // 2, 1.0 if side % 2 == 0 else -1.0
        assert (facets.vertices[facets.corners[facets.sides == side]][..., axis] == end).all()
        normals = facets.normals[(facets.sides == side) & (facets.measures > 0)]
        assert (normals[:, axis] * end > 0).all()


@shapes(EVERY)
def test_slabs_do_not_change_the_mesh(shape):
    lattice = lattice_of(shape, 20)
    whole, slabs = (facets_of(dense_cut_cells(shape.field, lattice, slab_points=n)) for n in (10**7, 1))
    np.testing.assert_array_equal(whole.vertices, slabs.vertices)
    np.testing.assert_array_equal(whole.corners, slabs.corners)
    np.testing.assert_array_equal(whole.sides, slabs.sides)


@shapes(EVERY)
@pytest.mark.parametrize("resolution", [25, 32])
def test_refinement_finds_the_same_cells_as_the_dense_lattice(shape, resolution):
    lattice = lattice_of(shape, resolution)
    dense, refined = dense_cut_cells(shape.field, lattice), multiresolution_cut_cells(shape.field, lattice, start=6)
    np.testing.assert_array_equal(dense.cells, refined.cells)
    np.testing.assert_array_equal(dense.values, refined.values)
    np.testing.assert_array_equal(dense.status, refined.status)


@pytest.mark.slow
@shapes(SOLIDS)
def test_refinement_needs_a_seventh_of_the_evaluations_at_256(shape):
    lattice = lattice_of(shape, 256)
    dense, refined = dense_cut_cells(shape.field, lattice), multiresolution_cut_cells(shape.field, lattice)
    np.testing.assert_array_equal(dense.cells, refined.cells)
    np.testing.assert_array_equal(dense.values, refined.values)
    assert refined.evaluations <= 0.15 * dense.evaluations


def test_a_distance_bound_finds_what_is_thinner_than_the_first_cells():
    def plate_and_ball(points):
        plate = np.maximum(np.abs(points[:, 0] - 0.51) - 0.02, np.linalg.norm(points[:, 1:], axis=1) - 0.4)
        return np.minimum(plate, np.linalg.norm(points - np.array([-0.5, 0, 0]), axis=1) - 0.3)

    lattice = Lattice.over((-1.0,) * 3, (1.0,) * 3, 64)
    dense = dense_cut_cells(plate_and_ball, lattice)
    missed = multiresolution_cut_cells(plate_and_ball, lattice, start=8)
    found = multiresolution_cut_cells(plate_and_ball, lattice, start=8, lipschitz=1.0)
    assert len(missed.cells) < len(dense.cells)
    np.testing.assert_array_equal(found.cells, dense.cells)
    np.testing.assert_array_equal(found.status, dense.status)


@shapes([SPHERE, TORUS, GYROID, ELLIPSE])
def test_projection_leaves_nothing_but_rounding(shape):
    lattice = lattice_of(shape, 24)
    facets = isosurface(shape.field, lattice, gradient=shape.gradient)
    level = np.unique(facets.corners[facets.sides == 0])
    assert np.abs(shape.field(facets.vertices[level])).max() < 1e-14
    assert (np.abs(facets.vertices) <= 1).all()
    assert_closed(facets)


def test_projection_takes_no_step_that_goes_uphill_or_too_far():
    from pinr.surfaces import project

    points = np.array([[0.1, 0.0], [0.0, 0.0], [0.9, 0.0]])
    # φ = r² − 1: Newton's first step from 0.1 would go to 5.05, from the centre nowhere.
    found = project(points, lambda p: (p**2).sum(axis=1) - 1, lambda p: 2 * p, reach=0.2)
    np.testing.assert_allclose(found, [[0.1, 0], [0, 0], [1, 0]], atol=1e-15)


def test_a_curve_is_walked_along_in_its_pieces():
    def two_rings(points):
        r = np.linalg.norm(points, axis=1)
        return np.minimum(np.maximum(r - 0.3, 0.2 - r), 1.1 - r)

    facets = facets_of(dense_cut_cells(two_rings, Lattice.over((-1.0,) * 2, (1.0,) * 2, 40)))
    pieces = chains(facets, facets.sides == 0)
    assert sorted(facets.corners[p[0], 0] == facets.corners[p[-1], 1] for p in pieces) == [False] * 4 + [True] * 2
    for piece in pieces:
        assert (facets.corners[piece[1:], 0] == facets.corners[piece[:-1], 1]).all()
    assert sum(map(len, pieces)) == (facets.sides == 0).sum()


def test_nothing_where_nothing_changes_its_sign():
    lattice = Lattice.over((-1.0,) * 3, (1.0,) * 3, 8)
    facets = facets_of(dense_cut_cells(lambda p: np.ones(len(p)), lattice))
    assert len(facets.corners) == 0 and facets.enclosed == 0 and mesh_of(facets).points.shape == (0, 3)
    full = facets_of(multiresolution_cut_cells(lambda p: -np.ones(len(p)), lattice))
    assert full.enclosed == pytest.approx(8, rel=1e-14) and full.measures.sum() == pytest.approx(24, rel=1e-14)


def test_a_field_without_a_value_is_refused_with_the_place():
    lattice = Lattice.over((-1.0,) * 2, (1.0,) * 2, 8)
    with np.errstate(all="ignore"), pytest.raises(GeometryError, match=r"nan at \(0.0, 0.0\)"):
        dense_cut_cells(lambda p: p[:, 0] / np.linalg.norm(p, axis=1), lattice)


@pytest.mark.parametrize("resolution", [1, 2.5, True])
def test_a_resolution_is_a_number_of_cells(resolution):
    with pytest.raises(GeometryError, match="number of cells along the longest edge"):
        Lattice.over((0.0, 0.0), (1.0, 1.0), resolution)


@pytest.mark.slow
def test_half_a_thousand_cells_along_each_edge_fit_into_two_gibibytes():
    program = (
        "import numpy as np\n"
        "from pinr.surfaces import Lattice, dense_cut_cells, facets_of\n"
        "lattice = Lattice.over((-1.0,) * 3, (1.0,) * 3, 512)\n"
        "field = lambda p: np.sqrt(np.einsum('nk,nk->n', p, p)) - 0.8\n"
        "facets = facets_of(dense_cut_cells(field, lattice))\n"
        "assert abs(facets.enclosed / (4 / 3 * np.pi * 0.512) - 1) < 2e-5\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 <= 2 * GIBIBYTE
