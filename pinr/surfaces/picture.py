"""Shaded pictures of shapes."""

from collections.abc import Sequence
from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray

from pinr.errors import GeometryError
from pinr.surfaces.camera import Camera
from pinr.surfaces.lattice import Array, Field, GradientField, Lattice
from pinr.surfaces.tracing import Hits, trace

AMBIENT = 0.3
LIGHTS = ((35.0, 40.0, 0.6), (-60.0, 15.0, 0.25))  # azimuth from the camera's, elevation, strength
BACKGROUND = (1.0, 1.0, 1.0)
COLOR = (0.36, 0.56, 0.78)
WALL = 0.92  # how much darker the faces of the box are that cut the shape


def picture(
    field: Field,
    gradient: GradientField,
    lattice: Lattice,
    camera: Camera,
    *,
    color: tuple[float, float, float] = COLOR,
    shadows: bool = False,
    frame: tuple[Sequence[float], Sequence[float]] | None = None,
) -> NDArray[np.uint8]:
    """An image `(height, width, 3)` of where a field is negative in a box, by two lights and an even one.

    Diffuse surfaces: `c (a + Σ s_k max(n·l_k, 0))`. The lights go with the camera, one from above its right shoulder.

    Args:
        field: Points `(N, 3)` → values, negative inside.
        gradient: For the normals.
        lattice: The box; a quarter of a cell is the smallest step of rays.
        camera: From where.
        color: Red, green and blue, 0 … 1.
        shadows: Whether the first light can be blocked, for as much work again.
        frame: The lowest and the highest corner of the box that fills the picture; None is that of the lattice.

    Raises:
        GeometryError: The box is not in three dimensions.
    """
    if lattice.dimension != 3:
        message = "Pictures are of shapes in space. Of a shape in the plane plot the field."
        raise GeometryError(message)
    origin, directions = camera.rays(*(frame or (lattice.low, lattice.high)))
    hits = trace(field, lattice, origin, directions)
    normals = _normals(hits, gradient)
    brightness = np.full(len(hits.rays), AMBIENT)
    for number, (azimuth, elevation, strength) in enumerate(LIGHTS):
        light = _towards(camera.azimuth + azimuth, elevation)
        received = strength * np.maximum(normals @ light, 0)
        if shadows and number == 0:
            received[_are_blocked(field, lattice, hits, normals, light)] = 0
        brightness += received
    brightness *= np.where(hits.sides > 0, WALL, 1.0)
    image = np.tile(np.array(BACKGROUND), (len(directions), 1))
    image[hits.rays] = np.clip(np.outer(brightness, color), 0, 1)
    width, height = camera.size
    return np.round(255 * image).astype(np.uint8).reshape(height, width, 3)


def _normals(hits: Hits, gradient: GradientField) -> Array:
    normals = np.zeros(hits.points.shape)
    on_level = hits.sides == 0
    normals[on_level] = gradient(hits.points[on_level])
    for side in range(1, 7):
        normals[hits.sides == side, (side - 1) // 2] = 1.0 if side % 2 == 0 else -1.0
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    return normals / np.where(lengths > 0, lengths, 1.0)


def _towards(azimuth: float, elevation: float) -> Array:
    a, e = azimuth * pi / 180, elevation * pi / 180
    return np.array([cos(e) * cos(a), cos(e) * sin(a), sin(e)])


def _are_blocked(field: Field, lattice: Lattice, hits: Hits, normals: Array, light: Array) -> NDArray[np.int64]:
    """Which points the light does not reach; asked from half a cell above the surface, or it would shade itself."""
    above = hits.points + normals * float(lattice.spacing.min()) / 2
    inside = ((above > lattice.low) & (above < lattice.high)).all(axis=1)
    lit = np.flatnonzero(inside & (normals @ light > 0))
    return lit[trace(field, lattice, above[lit], np.tile(light, (len(lit), 1))).rays]
