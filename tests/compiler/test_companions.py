"""Constraints in one region: equal points, one evaluation of each network, and the residuals of every one alone."""

import pytest
import torch
from sympy import Abs, exp, sin

from pinr import (
    LBFGS,
    R3,
    Adam,
    Box,
    Eq,
    FreshPoints,
    Problem,
    ResidualDensity,
    Siren,
    compile_problem,
    coordinates,
    div,
    grad,
    laplacian,
    norm,
    on,
    solve,
    unknown,
)
from pinr.compiler.chunks import parts_of
from pinr.derivatives.engines.jets import Jets
from pinr.derivatives.engines.reverse import Reverse

x, y = coordinates("x y")
v = unknown("v", x, y, size=2)
p = unknown("p", x, y)
SQUARE = Box(x=(0, 1), y=(0, 1))
FLOW = Problem(
    on(SQUARE, Eq(grad(v) * v + grad(p), laplacian(v)), name="momentum"),
    on(SQUARE.boundary, Eq(v, 0), name="walls"),
    on(SQUARE, Eq(div(v), 0), name="mass"),
    on(SQUARE, Eq(sin(x) * p.diff(x, 2) + p.diff(y, 2), 1), name="pressure"),
    on(SQUARE, Eq(p, 0), points=7, name="few"),
)
DISTANCE = Problem(
    on(SQUARE, Eq(norm(grad(p)), 1), loss="l1", name="eikonal"),
    on(SQUARE, exp(-100 * Abs(p)), loss="l1", name="off"),
    on(SQUARE.boundary, Eq(p, 0), name="on"),
)
RULES = {"fresh": FreshPoints(), "density": ResidualDensity(), "r3": R3()}


@pytest.fixture(scope="module")
def program():
    return compile_problem(FLOW, Siren(8, 2), dtype="float64", exact=False)


def test_equal_regions_have_equal_points_where_they_want_equally_many(program):
    batch = program.batch(seed=3)
    assert batch["momentum"].samples is batch["mass"].samples is batch["pressure"].samples
    assert batch["few"].samples.count == 7
    assert program.companions == (("momentum", "mass", "pressure", "few"), ("walls",))


def test_residuals_together_are_those_of_each_alone(program):
    parameters, batch = program.initial(1), program.batch(seed=3)
    together = program.residuals(parameters, batch)
    assert list(together) == list(batch)
    for name, points in batch.items():
        alone = program.residuals(parameters, {name: points})[name]
        torch.testing.assert_close(together[name], alone, rtol=1e-13, atol=1e-13)


def test_gradients_together_are_those_of_each_alone(program):
    parameters, batch = program.initial(1), program.batch(seed=3)
    found = torch.autograd.grad(program.loss(parameters, batch), list(parameters.values()))
    alone = [
        torch.autograd.grad(program.loss(parameters, {n: some}), list(parameters.values()), allow_unused=True)
        for n, some in batch.items()
    ]
    for k, gradient in enumerate(found):
        expected = sum(one[k] for one in alone if one[k] is not None)
        torch.testing.assert_close(gradient, expected, rtol=1e-11, atol=1e-12)


def test_each_network_is_evaluated_once_for_all(monkeypatch):
    program = compile_problem(DISTANCE, Siren(8, 2), exact=False)
    calls = []
    for engine in (Jets, Reverse):
        derivatives = engine.derivatives

        def counted(self, function, inputs, request, weights, derivatives=derivatives):
            calls.append(len(inputs))
            return derivatives(self, function, inputs, request, weights)

        monkeypatch.setattr(engine, "derivatives", counted)
    batch = program.batch(names=["eikonal", "off"])
    program.residuals(program.initial(), batch)
    assert calls == [batch["eikonal"].count]


def test_parts_keep_points_in_common(program):
    batch = program.batch(seed=0)
    parts = parts_of(program, batch, memory=1 << 20)
    assert len(parts) > 1
    for part in parts:
        if "momentum" in part:
            assert part["momentum"][0].samples is part["mass"][0].samples


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_rule_draws_points_in_common(program, rule):
    parameters = program.initial(0)
    batch = rule.draw(program, parameters, seed=0, number=0).batch
    kept = rule.kept(program, parameters, batch)
    after = rule.draw(program, parameters, seed=0, number=1, kept=kept).batch
    for drawn in (batch, after):
        assert drawn["momentum"].samples is drawn["mass"].samples
        assert drawn["walls"].samples is not drawn["mass"].samples


def test_it_is_explained(program):
    text = program.explain()
    assert "same points as mass, pressure: each network is evaluated once for all" in text


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_it_trains(rule):
    solution = solve(
        DISTANCE, Siren(8, 2), stages=[Adam(steps=5), LBFGS(steps=5)], sampling=rule, exact=False, progress=False
    )
    assert solution.loss < 10
