"""Rays and pictures of closed forms."""

import numpy as np
import pytest

from pinr.errors import GeometryError
from pinr.surfaces import Camera, Lattice, picture, trace
from tests.surfaces.closed_forms import GYROID, SPHERE, TORUS, sphere

CUBE = Lattice.over((-1.0,) * 3, (1.0,) * 3, 64)


def test_rays_meet_a_sphere_where_the_quadratic_says():
    camera = Camera(azimuth=40, elevation=20, size=(40, 30))
    origin, directions = camera.rays(CUBE.low, CUBE.high)
    hits = trace(SPHERE.field, CUBE, origin, directions)
    away = origin - np.array([0.05, -0.02, 0.01])
    half, rest = directions @ away, away @ away - 0.7**2
    discriminant = half**2 - rest
    np.testing.assert_array_equal(np.sort(hits.rays), np.flatnonzero(discriminant > 0))
    expected = -half[hits.rays] - np.sqrt(discriminant[hits.rays])
    np.testing.assert_allclose(np.linalg.norm(hits.points - origin, axis=1), expected, atol=1e-9)
    assert (hits.sides == 0).all()


@pytest.mark.parametrize("power", [1, 3])
def test_a_field_that_is_no_distance_is_met_as_well(power):
    # φ³ has the same zero set; its slope is 0 there, and larger than 1 far away.
    origin, directions = Camera(size=(24, 24)).rays(CUBE.low, CUBE.high)
    exact = trace(sphere, CUBE, origin, directions)
    found = trace(lambda p: 5 * sphere(p) ** power, CUBE, origin, directions)
    np.testing.assert_array_equal(np.sort(found.rays), np.sort(exact.rays))
    np.testing.assert_allclose(sphere(found.points), 0, atol=1e-8)


def test_a_shape_that_fills_its_box_is_met_at_the_faces():
    origin, directions = Camera(azimuth=0, elevation=0, size=(3, 3)).rays(CUBE.low, CUBE.high)
    hits = trace(lambda p: -np.ones(len(p)), CUBE, origin, directions)
    middle = np.flatnonzero(hits.rays == 4)[0]
    np.testing.assert_allclose(hits.points[middle], [1, 0, 0], atol=1e-12)
    assert hits.sides[middle] == 2  # the high end of the first axis


def test_rays_beside_the_box_meet_nothing():
    hits = trace(sphere, CUBE, np.array([5.0, 5.0, 5.0]), np.array([[1.0, 0, 0], [0, 0, 1.0]]))
    assert len(hits.rays) == 0


def test_one_looks_through_the_hole_of_a_torus():
    above = picture(TORUS.field, TORUS.gradient, CUBE, Camera(elevation=90, size=(61, 61)))
    shown = (above < 255).any(axis=2)
    assert not shown[30, 30] and shown[30, 30 + 12] and shown[30 - 12, 30]
    np.testing.assert_array_equal(shown, shown[::-1, ::-1])


def test_what_faces_the_light_is_brighter_and_shadows_only_darken():
    camera = Camera(size=(60, 60))
    plain = picture(GYROID.field, GYROID.gradient, CUBE, camera).astype(int)
    shaded = picture(GYROID.field, GYROID.gradient, CUBE, camera, shadows=True).astype(int)
    assert (shaded <= plain).all() and (shaded < plain).any()
    ball = picture(SPHERE.field, SPHERE.gradient, CUBE, camera).sum(axis=2)
    assert ball[24, 33] > ball[36, 27]  # the first light comes from above and the right
    assert len(np.unique(ball)) > 50


@pytest.mark.parametrize("wrong", [{"size": (0, 5)}, {"elevation": 100}, {"opening": 0}])
def test_cameras_that_see_nothing_are_refused(wrong):
    with pytest.raises(GeometryError, match="the size is \\(width, height\\)"):
        Camera(**wrong)
    flat = Lattice.over((0.0, 0.0), (1.0, 1.0), 4)
    with pytest.raises(GeometryError, match="shapes in space"):
        picture(SPHERE.field, SPHERE.gradient, flat, Camera())
