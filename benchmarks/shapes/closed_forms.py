"""Sphere, box, torus and gyroid: fields against exact distances."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sympy import cos, sin, sqrt

from benchmarks.shapes.mesh import Mesh, Points
from pinr import Box, LevelSet, Solid, Solution, coordinates, grad, norm

BAND = 0.1
RESOLUTION = 192  # of the meshes: their chords are within 1e-4 of the surface
SAMPLES = 40_000
SIDE = 0.8  # half of the box that cuts the gyroid
HALF_EDGES = np.array([0.5, 0.6, 0.4])

x, y, z = coordinates("x y z")


@dataclass(frozen=True)
class ClosedForm:
    """A shape in [−1, 1]³ whose distance is known.

    Attributes:
        name: What it is called.
        mesh: Its surface.
        exact: The signed distance at points `(N, 3)`; None takes that to the mesh.
    """

    name: str
    make_mesh: Callable[[], Mesh]
    exact: Callable[[Points], Points] | None = None

    @cached_property
    def mesh(self) -> Mesh:
        return self.make_mesh()

    def distance(self, points: Points) -> Points:
        if self.exact is not None:
            return self.exact(points)
        solid = Solid(self.mesh.vertices, self.mesh.faces)
        return solid.distance(dict(zip("xyz", points.T, strict=True)))


@dataclass(frozen=True)
class Fidelity:
    """How near a field is to a signed distance.

    Attributes:
        error: Mean of `|φ − d|` where `|d| < 0.1`.
        slope: Median of `| ‖∇φ‖ − 1 |` there.
        slope_everywhere: The same in the whole cube.
    """

    error: float
    slope: float
    slope_everywhere: float

    @classmethod
    def of(cls, solution: Solution, form: ClosedForm) -> "Fidelity":
        points = np.random.default_rng(0).uniform(-1, 1, (SAMPLES, 3))
        places = dict(zip("xyz", points.T, strict=True))
        (phi,) = (u.expression for u in solution.problem.unknowns)
        distance = form.distance(points)
        is_near = np.abs(distance) < BAND
        slopes = np.abs(solution.evaluate(norm(grad(phi)), **places) - 1)
        errors = np.abs(solution.evaluate(phi, **places) - distance)
        return cls(float(errors[is_near].mean()), float(np.median(slopes[is_near])), float(np.median(slopes)))


def sphere(points: Points) -> Points:
    return np.linalg.norm(points, axis=1) - 0.7


def torus(points: Points) -> Points:
    return np.hypot(np.hypot(points[:, 0], points[:, 1]) - 0.6, points[:, 2]) - 0.25


def box(points: Points) -> Points:
    beyond = np.abs(points) - HALF_EDGES
    return np.linalg.norm(np.maximum(beyond, 0), axis=1) + np.minimum(beyond.max(axis=1), 0)


def box_mesh() -> Mesh:
    corners = np.array(list(itertools.product((-1, 1), repeat=3))) * HALF_EDGES
    sides = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = [triangle for a, b, c, d in sides for triangle in ((a, b, c), (a, c, d))]
    return Mesh(corners, np.array(faces))


def level_set_mesh(condition: object, half: float) -> Mesh:
    cube = Box(x=(-half, half), y=(-half, half), z=(-half, half))
    found = LevelSet(condition, cube, resolution=RESOLUTION).surface(resolution=RESOLUTION)
    return Mesh(found.points, found.cells[0].data.astype(np.int64))


CLOSED_FORMS = {
    form.name: form
    for form in (
        ClosedForm("sphere", lambda: level_set_mesh(sqrt(x**2 + y**2 + z**2) < 0.7, 1), sphere),
        ClosedForm("box", box_mesh, box),
        ClosedForm("torus", lambda: level_set_mesh(sqrt((sqrt(x**2 + y**2) - 0.6) ** 2 + z**2) < 0.25, 1), torus),
        ClosedForm(
            "gyroid",
            lambda: level_set_mesh(
                sin(4 * x) * cos(4 * y) + sin(4 * y) * cos(4 * z) + sin(4 * z) * cos(4 * x) < 0, SIDE
            ),
        ),
    )
}
