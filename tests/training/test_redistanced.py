"""A field with the right zero set, and the distance to it."""

import numpy as np
import pytest
from sympy import sqrt
from torch import nn

from pinr import (
    Box,
    Eq,
    LevelSet,
    Problem,
    Siren,
    Solution,
    compile_problem,
    coordinates,
    grad,
    norm,
    on,
    redistanced,
    unknown,
)
from pinr.errors import DeclarationError, GeometryError
from pinr.training.redistanced import distance_problem

x, y, z = coordinates("x y z")
phi, psi = unknown("phi", x, y, z), unknown("psi", x, y, z)
flat = unknown("flat", x, y)
CUBE = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))
RADIUS = 0.6
PLACES = np.random.default_rng(0).uniform(-0.9, 0.9, (3, 2000))
EXACT = np.linalg.norm(PLACES, axis=0) - RADIUS


class Squares(nn.Module):
    """`4 (x² + y² + z² − R²)`: zero on the sphere, and far from its distance."""

    def __init__(self, radius: float = RADIUS) -> None:
        super().__init__()
        self.radius = radius

    def forward(self, points):
        return 4 * (points.square().sum(dim=1, keepdim=True) - self.radius**2)


def solved(network, *fields):
    problem = Problem(*(on(CUBE, Eq(norm(grad(field)), 1), name=field.label.name) for field in fields), name="ball")
    program = compile_problem(problem, network, dtype="float64")
    return Solution(program, program.initial(seed=0))


def at(solution, expression):
    return solution.evaluate(expression, **dict(zip("xyz", PLACES, strict=True)))


def test_the_distances_that_are_learned_are_those_to_the_zero_set():
    ball = LevelSet(sqrt(x**2 + y**2 + z**2) < RADIUS, CUBE, resolution=48)
    problem = distance_problem(phi, ball, name="ball")
    for constraint in problem.constraints[:2]:
        (distance,) = (f for f in constraint.fields if f != phi)
        # Triangles in cells of h = 1/24 lie within the sphere by (√3 h)²/8R at most.
        np.testing.assert_allclose(distance(dict(zip("xyz", PLACES, strict=True))), EXACT, atol=3 / 24**2 / 8 / RADIUS)
    near = problem.constraints[1].region.points
    assert (np.abs(near) <= 1).all()
    assert np.std(np.linalg.norm(near, axis=1) - RADIUS) == pytest.approx(2 / 40, rel=0.05)


def test_a_field_becomes_the_distance_to_its_zero_set():
    squares = solved(Squares(), phi)
    near = np.abs(EXACT) < 0.1
    before = np.abs(at(squares, phi) - EXACT)[near].mean()
    found = redistanced(
        squares, phi, network=Siren(width=16, depth=2, omega=4, sphere=0.4), steps=100, rate=1e-2, progress=False
    )
    error = np.abs(at(found, phi) - EXACT)[near].mean()
    slope = np.median(np.abs(at(found, norm(grad(phi))) - 1)[near])
    assert before > 0.1 and error < 0.01 and slope < 0.05
    assert found.problem.name == "ball, redistanced" and found.unknowns == squares.unknowns


def test_the_network_is_that_of_the_field_unless_another_is_given():
    solution = solved(Siren(width=5, depth=2, sphere=0.5), phi)
    (assignment,) = redistanced(solution, resolution=16, steps=1, progress=False).program.assignments
    assert assignment.choice == Siren(width=5, depth=2, sphere=0.5)


@pytest.mark.parametrize(
    ("solution", "given", "kind", "message"),
    [
        (lambda: solved(Squares(), phi), psi, DeclarationError, "psi.* is no unknown of the solution, which has phi"),
        (lambda: solved(Squares(), phi), phi, DeclarationError, "module of your own.*Give a recipe"),
        (lambda: solved(Siren(4, 1), phi, psi), None, DeclarationError, "there are phi, psi. Say which one"),
        (lambda: solved(Siren(4, 1), flat), None, DeclarationError, "real function of three coordinates of space"),
    ],
    ids=["no unknown", "no recipe", "several", "in the plane"],
)
def test_what_has_no_distance_is_refused(solution, given, kind, message):
    with pytest.raises(kind, match=message):
        redistanced(solution(), given, progress=False)


def test_a_field_that_is_negative_nowhere_is_refused():
    solution = solved(Squares(radius=0.0), phi)
    with pytest.raises(GeometryError, match="is empty"):
        redistanced(solution, phi, network=Siren(4, 1), progress=False)
