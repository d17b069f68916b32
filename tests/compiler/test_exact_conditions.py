"""Conditions that an ansatz meets hold whatever the weights are, and nothing else about the unknown changes."""

import numpy as np
import pytest
import torch
from sympy import I, cos, exp, pi, sin, sqrt
from torch import nn

from pinr.compiler.program import compile_problem
from pinr.declaration.constraint import on
from pinr.declaration.problem import Problem
from pinr.errors import DeclarationError
from pinr.geometry import Ball, Box, Polygon
from pinr.geometry.sampling import Uniform
from pinr.language.coordinates import coordinates
from pinr.language.equations import Eq
from pinr.language.fields import unknown
from pinr.language.integrals import integral
from pinr.language.operators import dot, grad, laplacian
from pinr.language.parameters import parameter
from pinr.networks import Siren
from pinr.solution import Solution

x, y, z, t = coordinates("x y z", time="t")
u, w, h = unknown("u", x, y), unknown("w", x, t), unknown("h", x, y, t)
q, v, s = unknown("q", x, y, z), unknown("v", x, y, size=2), unknown("s", x, y, complex=True)
SMALL = Siren(width=8, depth=2)
ROUNDING = 1e-12

random = np.random.default_rng(5)
low, high = random.uniform(-2, 0, 3), random.uniform(0.1, 2, 3)
RECTANGLE = Box(x=(low[0], high[0]), y=(low[1], high[1]))
BRICK = Box(x=(low[0], high[0]), y=(low[1], high[1]), z=(low[2], high[2]))
STRIP = Box(x=(low[0], high[0])) * Box(t=(low[2], high[2]))
DISC, RING = Ball(x=0.3, y=-0.2, radius=0.7), Ball(x=0, y=0, radius=2) - Ball(x=0.1, y=0, radius=0.5, name="hole")
HEXAGON = Polygon(x=[1, 0.5, -0.5, -1, -0.5, 0.5], y=[0, 0.9, 0.9, 0, -0.9, -0.9])
PLATE = Box(x=(-1, 1), y=(-1, 1)) - Ball(x=0.3, y=0.1, radius=0.2, name="hole")
data = exp(x / 2) * cos(y) + x * y**2
moving = exp(-t) * sin(x) + x**2 * t


def along(region, part, coordinate):
    (place, _) = region.boundary.part(part).bounds[coordinate.name]
    return on(region.boundary.part(part), Eq(3 * u, 3 * data.subs(coordinate, place)))


CASES = {
    "a rectangle with data of its own on every side": Problem(
        on(RECTANGLE, Eq(laplacian(u), 1)),
        *(along(RECTANGLE, f"{c.name}{side}", c) for c in (x, y) for side in "-+"),
    ),
    "a brick": Problem(on(BRICK, Eq(laplacian(q), 1)), on(BRICK.boundary, Eq(q, sin(x) * y + exp(z) * x * y))),
    "values and velocities": Problem(
        on(STRIP, Eq(w.diff(t, 2), laplacian(w))),
        on(STRIP.boundary, Eq(w, moving)),
        on(STRIP.at(t=low[2]), Eq(w, moving.subs(t, low[2])), Eq(w.diff(t), moving.diff(t).subs(t, low[2]))),
    ),
    "clamped at one end, supported at the other": Problem(
        on(STRIP, Eq(w.diff(t) + w.diff(x, 4), 0)),
        on(STRIP.boundary.part("x-"), Eq(w, moving), Eq(w.diff(x), moving.diff(x))),
        on(STRIP.boundary.part("x+"), Eq(w, moving)),
        on(STRIP.at(t=low[2]), Eq(w, moving), exact=True),
    ),
    "both ends of time": Problem(
        on(STRIP, Eq(w.diff(t, 2) + laplacian(w), 0)),
        on(STRIP.at(t=low[2]), Eq(w, sin(x))),
        on(STRIP.at(t=high[2]), Eq(w, cos(x))),
    ),
    "a disc": Problem(on(DISC, Eq(laplacian(u), 1)), on(DISC.boundary, Eq(u, data))),
    "a ring with other values inside": Problem(
        on(RING, Eq(laplacian(u), 1)),
        on(RING.boundary.part("hole"), Eq(u, 1 + y)),
        on(RING.boundary.without("hole"), Eq(u, data)),
    ),
    "a hexagon": Problem(on(HEXAGON, Eq(laplacian(u), 1)), on(HEXAGON.boundary, Eq(u, data))),
    "a hole in a plate with data along the plate's sides": Problem(
        on(PLATE, Eq(laplacian(u), 1)),
        on(PLATE.boundary.part("x-"), Eq(u, 1 - y)),
        on(PLATE.boundary.part("x+"), Eq(u, 0)),
        on(PLATE.boundary.part("y-"), Eq(u, 1 - x)),
        on(PLATE.boundary.part("y+"), Eq(u, 0)),
        on(PLATE.boundary.part("hole"), Eq(u, 5)),
    ),
    "a disc in time": Problem(
        on(DISC * Box(t=(0, 2)), Eq(h.diff(t), laplacian(h))),
        on((DISC * Box(t=(0, 2))).boundary, Eq(h, data * cos(t))),
        on((DISC * Box(t=(0, 2))).at(t=0), Eq(h, data)),
    ),
    "a cylinder": Problem(
        on(DISC.extrude(z=(0, 1)), Eq(laplacian(q), 1)), on(DISC.extrude(z=(0, 1)).boundary, Eq(q, x + y * z))
    ),
    "one component of a vector": Problem(
        on(RECTANGLE, Eq(laplacian(v), (1, x))), on(RECTANGLE.boundary, Eq(v[1], data), name="exact")
    ),
    "fluxes across one axis beside values across the other": Problem(
        on(RECTANGLE, Eq(laplacian(u), 1)),
        on(RECTANGLE.boundary.part("x-", "x+"), Eq(dot(grad(u), RECTANGLE.boundary.normal) + 2 * u, 0), name="air"),
        on(RECTANGLE.boundary.part("y-", "y+"), Eq(u, 0)),
    ),
    "a value at one end and a flux at the other": Problem(
        on(RECTANGLE, Eq(laplacian(u), 1)),
        along(RECTANGLE, "x-", x),
        on(RECTANGLE.boundary.part("x+"), Eq(5 - 3 * u.diff(x), exp(y))),
    ),
    "fluxes on all sides": Problem(
        on(RECTANGLE, Eq(laplacian(u), 1)),
        on(
            RECTANGLE.boundary.part("x-"),
            Eq(dot(grad(u), RECTANGLE.boundary.normal), cos(pi * (y - low[1]) / (high[1] - low[1]))),
        ),
        on(RECTANGLE.boundary.without("x-"), Eq(dot(grad(u), RECTANGLE.boundary.normal), 0), name="insulated"),
    ),
    "an insulated bar with a start": Problem(
        on(STRIP, Eq(w.diff(t, 2), laplacian(w))),
        on(STRIP.boundary, Eq(dot(grad(w), STRIP.boundary.normal), 0)),
        on(STRIP.at(t=low[2]), Eq(w, 1), Eq(w.diff(t), 2)),
    ),
    "a complex unknown": Problem(
        on(RECTANGLE, Eq(laplacian(s) + I * s, 1)), on(RECTANGLE.boundary, Eq(s, data * exp(I * x)))
    ),
}


@pytest.fixture(params=CASES.values(), ids=CASES)
def problem(request):
    return request.param


def solution_of(problem, network=SMALL, seed=3, **options):
    program = compile_problem(problem, network, dtype="float64", **options)
    return Solution(program, program.initial(seed))


def test_conditions_hold_to_rounding_whatever_the_weights(problem):
    program = compile_problem(problem, SMALL, dtype="float64")
    conditions = [name for name in problem.named_constraints if name != "interior"]
    assert list(program.trained) == ["interior"]
    parameters = {name: 5 * value for name, value in program.initial(3).items()}
    for name, residual in program.residuals(parameters, program.batch(names=conditions)).items():
        assert residual.abs().max() < ROUNDING * 100, name
        assert torch.equal(program.scales[name], torch.ones_like(program.scales[name]))


def test_the_network_is_felt_everywhere_inside(problem):
    program = compile_problem(problem, SMALL, dtype="float64")
    inside = problem.constraints[0].region.sample(500, sampler=Uniform(), seed=1).points
    one, other = (Solution(program, program.initial(seed)) for seed in (1, 2))
    for unknown_ in problem.unknowns:
        difference = np.abs(one.evaluate(unknown_.expression, **inside) - other.evaluate(unknown_.expression, **inside))
        assert np.all(difference > 0)


@pytest.mark.parametrize("order", [(1, 0), (0, 1), (2, 0), (1, 1), (1, 3)], ids=str)
def test_derivatives_of_the_ansatz_are_those_of_its_values(order):
    solution = solution_of(CASES["a ring with other values inside"])
    at, step = {"x": 0.9, "y": 0.7}, 1e-4
    for name, symbol, count in zip("xy", (x, y), order, strict=True):
        if count:
            lower = u.diff(x, order[0] - (name == "x")).diff(y, order[1] - (name == "y"))
            lower = u if sum(order) == 1 else lower
            ends = solution.evaluate(lower, **{**at, name: np.array([at[name] - step, at[name] + step])})
            exact = solution.evaluate(lower.diff(symbol), **at)
            assert float(exact) == pytest.approx((ends[1] - ends[0]) / (2 * step), rel=1e-5, abs=1e-6)


def test_an_unknown_elsewhere_under_an_integral_and_under_a_root_is_that_of_the_ansatz():
    solution = solution_of(CASES["a rectangle with data of its own on every side"])
    ys = np.linspace(low[1], high[1], 7)
    assert solution.evaluate(u.subs(x, 0), y=ys) == pytest.approx(solution.evaluate(u, x=0, y=ys))
    assert solution.evaluate(u.diff(y).subs(x, y), y=[0.1]) == pytest.approx(
        solution.evaluate(u.diff(y), x=[0.1], y=[0.1])
    )
    nodes = RECTANGLE.quadrature(20)
    total = (solution.evaluate(u, **nodes.points) * nodes.columns["weight"]).sum()
    assert solution.evaluate(integral(u, RECTANGLE, order=20)) == pytest.approx(total)
    assert solution.evaluate(sqrt(1 + u**2), x=0, y=ys) == pytest.approx(
        np.sqrt(1 + solution.evaluate(u, x=0, y=ys) ** 2)
    )


def test_residuals_inside_are_those_of_the_ansatz(problem):
    solution = solution_of(problem)
    program = solution.program
    batch = program.batch(names=["interior"])
    residual = program.residuals(solution.parameters, batch)["interior"]
    written = problem.constraints[0].components
    points = batch["interior"].samples.points
    values = np.stack([solution.evaluate(c, **points) for c in written], axis=1)
    found = program.blocks["interior"].assembled(residual.numpy())
    np.testing.assert_allclose(found, values, rtol=1e-9, atol=1e-9 * np.abs(values).max())


def test_a_stored_solution_has_its_ansatz(problem, tmp_path):
    solution = solution_of(problem)
    solution.save(tmp_path / "solution.h5")
    loaded = Solution.load(tmp_path / "solution.h5")
    points = problem.constraints[0].region.sample(9, sampler=Uniform(), seed=1).points
    for unknown_ in problem.unknowns:
        expected = solution.evaluate(unknown_.expression, **points)
        assert np.array_equal(loaded.evaluate(unknown_.expression, **points), expected)
    assert loaded.program.exactness.met == solution.program.exactness.met
    assert list(loaded.program.trained) == list(solution.program.trained)


def test_the_network_is_scaled_for_its_part():
    box = Box(x=(0, 1), y=(0, 1))
    problem = Problem(on(box, Eq(laplacian(u), 1e4)), on(box.boundary, Eq(u, 1e6 * (1 + x))))
    assert compile_problem(problem, SMALL, exact=False).unknown_scales["u"] > 1e5
    assert compile_problem(problem, SMALL).unknown_scales["u"] < 1e5


def test_a_module_of_ones_own_is_the_unknown_as_it_is():
    problem = CASES["a disc"]
    module = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
    program = compile_problem(problem, module, dtype="float64")
    assert list(program.trained) == ["interior", "boundary"] and not program.exactness.ansaetze
    assert "module of your own" in program.explain()
    strict = Problem(problem.constraints[0], on(DISC.boundary, Eq(u, data), exact=True))
    with pytest.raises(DeclarationError, match="module of your own"):
        compile_problem(strict, module)


def test_a_switch_turns_everything_off(problem):
    program = compile_problem(problem, SMALL, exact=False)
    assert program.trained == problem.named_constraints and not program.exactness.ansaetze


def test_numbers_to_identify_stay_beside_an_ansatz():
    k = parameter("k", 2.0)
    problem = Problem(on(RECTANGLE, Eq(k * laplacian(u), u)), on(RECTANGLE.boundary, Eq(u, data)))
    program = compile_problem(problem, SMALL, dtype="float64")
    parameters = program.initial()
    program.loss(parameters, program.batch()).backward()
    assert parameters["parameter.k"].grad is not None


def test_explain_says_what_is_exact_and_what_is_not_and_why():
    text = compile_problem(
        Problem(
            on(RECTANGLE, Eq(laplacian(u), 1)),
            on(RECTANGLE.boundary.part("x-"), Eq(u, y)),
            on(RECTANGLE.boundary.part("x+"), Eq(u, y), weight=3),
            on(RECTANGLE.boundary.part("y-", "y+"), Eq(dot(grad(u), RECTANGLE.boundary.normal), 0)),
        ),
        SMALL,
    ).explain()
    for words in (
        "u = g + D n with g = y, D = ",
        "exact: boundary x-",
        "trained: boundary x+, because u: it has a weight",
    ):
        assert words in text
