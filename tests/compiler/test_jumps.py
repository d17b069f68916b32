"""Prescribed values that jump where sides meet: met exactly, with residuals that are relieved there."""

import numpy as np
import pytest
import torch
from sympy import pi, sin

from pinr import (
    Adam,
    Box,
    Eq,
    GaussNewton,
    Problem,
    Siren,
    Solution,
    compile_problem,
    coordinates,
    laplacian,
    on,
    solve,
    unknown,
)
from pinr.declaration.ansatz.exactness import RELIEF

x, y, z = coordinates("x y z")
t = coordinates(time="t")
u = unknown("u", x, y)
SQUARE = Box(x=(0, 1), y=(0, 2))
BRICK = Box(x=(0, 1), y=(0, 2), z=(-1, 1))
w = unknown("w", x, y, z)
WALL = SQUARE.boundary
CASES = {
    "a hot side": (
        Problem(on(SQUARE, Eq(laplacian(u), 0)), on(WALL.part("y+"), Eq(u, 1)), on(WALL.without("y+"), Eq(u, 0))),
        2,
    ),
    "a jump at one end": (
        Problem(on(SQUARE, Eq(laplacian(u), 1)), on(WALL.part("y+"), Eq(u, x)), on(WALL.without("y+"), Eq(u, 0))),
        1,
    ),
    "three temperatures": (
        Problem(
            on(SQUARE, Eq(laplacian(u), 0)),
            on(WALL.part("y+"), Eq(u, 3)),
            on(WALL.part("y-"), Eq(u, sin(pi * x) - 1)),
            on(WALL.part("x-", "x+"), Eq(u, 0)),
        ),
        4,
    ),
    "a hot face of a brick": (
        Problem(
            on(BRICK, Eq(laplacian(w), 0)),
            on(BRICK.boundary.part("z+"), Eq(w, 1)),
            on(BRICK.boundary.without("z+"), Eq(w, 0)),
        ),
        4,
    ),
}


@pytest.mark.parametrize(("problem", "edges"), CASES.values(), ids=CASES)
def test_values_hold_whatever_the_network_gives(problem, edges):
    program = compile_problem(problem, Siren(8, 2), dtype="float64")
    assert list(program.trained) == ["interior"]
    parameters = {name: 3 * value for name, value in program.initial(1).items()}
    conditions = [name for name in problem.named_constraints if name != "interior"]
    for name, residual in program.residuals(parameters, program.batch(names=conditions)).items():
        assert residual.abs().max() < 1e-6, name
    assert len(program.exactness.jumps["interior"]) == edges


@pytest.mark.parametrize(("problem", "edges"), CASES.values(), ids=CASES)
def test_unknowns_are_finite_in_the_corners(problem, edges):
    del edges
    program = compile_problem(problem, Siren(8, 2), dtype="float64")
    solution = Solution(program, program.initial(0))
    field = problem.unknowns[0]
    ends = {c.name: np.array(problem.bounds[c.name]) for c in field.coordinates}
    corners = dict(zip(ends, map(np.ravel, np.meshgrid(*ends.values())), strict=True))
    assert np.isfinite(solution.evaluate(field.expression, **corners)).all()


def test_residuals_are_relieved_as_said():
    problem = CASES["a hot side"][0]
    program = compile_problem(problem, Siren(8, 2), dtype="float64")
    parameters, batch = program.initial(0), program.batch(names=["interior"])
    points = batch["interior"].samples.points
    plain = Solution(program, parameters).evaluate(laplacian(u), **points)
    relief = 1.0
    for corner in (0.0, 1.0):
        r2 = ((points["x"] - corner) ** 2 + (points["y"] - 2) ** 2) / 4
        relief = relief * r2 / (r2 + float(RELIEF) ** 2)  # of second order
    found = program.residuals(parameters, batch)["interior"][:, 0].detach().numpy()
    np.testing.assert_allclose(found, relief * plain, rtol=1e-3, atol=1e-6 * np.abs(found).max())


def test_relief_is_stored_and_explained(tmp_path):
    problem = CASES["a hot side"][0]
    program = compile_problem(problem, Siren(8, 2), dtype="float64")
    assert "relieved: interior, for each order" in program.explain()
    solution = Solution(program, program.initial(0))
    solution.save(tmp_path / "jump.h5")
    loaded = Solution.load(tmp_path / "jump.h5")
    assert loaded.program.exactness.jumps == program.exactness.jumps
    at = {"x": [0.2, 0.5], "y": [1.9, 0.3]}
    np.testing.assert_array_equal(loaded.evaluate(u, **at), solution.evaluate(u, **at))


def test_what_evolves_keeps_clashing_values_in_the_loss():
    rod = Box(x=(0, 1)) * Box(t=(0, 1))
    v = unknown("v", x, t)
    problem = Problem(
        on(rod, Eq(v.diff(t), laplacian(v))), on(rod.boundary, Eq(v, 0)), on(rod.at(t=0), Eq(v, 1), name="start")
    )
    program = compile_problem(problem, Siren(8, 2))
    assert len(program.trained) > 1 and not program.exactness.jumps


@pytest.mark.filterwarnings("ignore::pinr.ProblemWarning")
def test_laplace_with_a_hot_side():
    problem = Problem(
        on(Box(x=(0, 1), y=(0, 1)), Eq(laplacian(u), 0)),
        on(Box(x=(0, 1), y=(0, 1)).boundary.part("y+"), Eq(u, 1)),
        on(Box(x=(0, 1), y=(0, 1)).boundary.without("y+"), Eq(u, 0)),
    )
    stages = [Adam(steps=100), GaussNewton(steps=40)]
    solution = solve(problem, Siren(16, 2), stages=stages, progress=False)
    at = (np.arange(30) + 0.5) / 30
    across, up = np.meshgrid(at, at, indexing="ij")
    odd = np.arange(1, 200, 2)[:, None, None]
    exact = (4 / (np.pi * odd) * np.sin(odd * np.pi * across) * np.sinh(odd * np.pi * up) / np.sinh(odd * np.pi)).sum(0)
    error = np.linalg.norm(solution.evaluate(u, x=across, y=up) - exact) / np.linalg.norm(exact)
    assert error < 4e-3  # 1e-3 here, and 2e-2 with conditions in the loss
    assert torch.isfinite(torch.tensor(solution.loss))
