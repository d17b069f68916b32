"""Rules for weights: their definitions, what they are invariant under; the properties run through all rules."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sympy import pi, sin

from pinr import (
    Box,
    Causal,
    DeclarationError,
    Eq,
    FixedWeights,
    FreshPoints,
    GradientNorm,
    NeuralTangentKernel,
    Problem,
    SelfAdaptive,
    Siren,
    coordinates,
    laplacian,
    on,
    unknown,
)
from pinr.compiler.jacobian import linearized
from pinr.compiler.program import compile_problem
from pinr.training.balance.causal import causal_weights, slab_means
from pinr.training.layout import Layout
from pinr.training.objective import ProgramObjective
from pinr.training.sampling import fresh_losses

x, t = coordinates("x", time="t")
u = unknown("u", x, t)
rod = Box(x=(0, 1)) * Box(t=(0, 2))
HEAT = Problem(
    on(rod, Eq(u.diff(t), laplacian(u)), points=256, name="inside"),
    on(rod.boundary, Eq(u, 0), points=64, name="boundary"),
    on(rod.at(t=0), Eq(u, sin(pi * x)), points=32, name="start"),
)
RULES = [FixedWeights(), GradientNorm(), NeuralTangentKernel(), SelfAdaptive(), Causal()]
every_rule = pytest.mark.parametrize("rule", RULES, ids=[type(rule).__name__ for rule in RULES])


def objective_of(problem=HEAT, *, draw=0, factors=None, memory=1 << 30):
    program = compile_problem(problem, Siren(8, 2), dtype="float64", exact=False)
    parameters = program.initial(0)
    layout = Layout.of(parameters)
    batch = FreshPoints().draw(program, parameters, seed=0, number=draw).batch
    batch = {name: replace(points, factors=(factors or {}).get(name)) for name, points in batch.items()}
    return ProgramObjective(program, layout, batch, {}, memory=memory), layout.flatten(parameters)


@every_rule
def test_weights_are_positive_and_factors_fit_the_points(rule):
    objective, theta = objective_of()
    weights = rule.weights(objective, theta, {})
    assert weights.keys() == objective.batch.keys()
    assert all(0 < weight < np.inf for weight in weights.values())
    for name, factors in rule.factors(objective, theta, None).items():
        assert factors.shape == (objective.batch[name].count,) and factors.dtype == torch.float64
        assert (factors >= 0).all() and torch.isfinite(factors).all()


@every_rule
def test_a_rule_is_a_function_of_its_arguments(rule):
    objective, theta = objective_of()
    assert rule.weights(objective, theta, {}) == rule.weights(objective, theta, {})
    once, again = (rule.factors(objective, theta, None) for _ in range(2))
    assert all(torch.equal(once[name], again[name]) for name in once)


@pytest.mark.parametrize("rule", [GradientNorm(memory=0.75), NeuralTangentKernel(memory=0.75)], ids=["norm", "kernel"])
def test_smoothed_weights_are_between_the_old_and_the_new_ones(rule):
    objective, theta = objective_of()
    fresh = rule.weights(objective, theta, {})
    after = rule.weights(objective, theta, dict.fromkeys(fresh, 2.0))
    assert after == pytest.approx({name: 0.75 * 2.0 + 0.25 * weight for name, weight in fresh.items()})


@every_rule
def test_units_of_an_equation_change_nothing(rule):
    """`1000 E = 0` is the same equation as `E = 0`: residuals are divided by the size of their terms."""
    equations = HEAT.constraints
    milli = Problem(
        on(rod, Eq(1000 * u.diff(t), 1000 * laplacian(u)), points=256, name="inside"), equations[1], equations[2]
    )
    (objective, theta), (other, _) = objective_of(), objective_of(milli)
    assert rule.weights(other, theta, {}) == pytest.approx(rule.weights(objective, theta, {}), rel=1e-9)
    for ours, theirs in zip(
        rule.factors(objective, theta, None).values(), rule.factors(other, theta, None).values(), strict=True
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-8, atol=1e-12)


def test_probes_estimate_the_trace_of_the_kernel():
    objective, theta = objective_of()
    weights = NeuralTangentKernel(probes=400).weights(objective, theta, {})
    program = objective.program
    parameters = {n: p.requires_grad_(True) for n, p in objective.layout.unflatten(theta).items()}
    traces = {}
    for name, points in objective.batch.items():
        linearization = linearized(program.blocks[name], program.networks, parameters, points)
        scaled = linearization.jacobian((1 / program.scales[name]).expand_as(linearization.residuals))
        traces[name] = float(scaled.square().sum()) / points.count
    mean = sum(traces.values()) / len(traces)
    assert weights == pytest.approx({name: mean / trace for name, trace in traces.items()}, rel=0.2)


def test_weights_by_the_kernel_give_every_constraint_one_rate():
    objective, theta = objective_of()
    generator = torch.Generator().manual_seed(0)
    pulls = objective.pulls(theta, generator)
    rule = NeuralTangentKernel(probes=1)
    weights = rule.weights(objective, theta, {})
    rates = [weights[n] * float(pull.square().sum()) / objective.batch[n].count for n, pull in pulls.items()]
    assert max(rates) == pytest.approx(min(rates), rel=1e-12)


def test_pulls_of_parts_add_up(monkeypatch):
    monkeypatch.setattr(torch, "randint", lambda low, high, shape, generator: torch.ones(shape))  # one sign for all
    (whole, theta), (parts, _) = objective_of(), objective_of(memory=20_000)
    assert len(parts.parts) > 1
    once, again = whole.pulls(theta, torch.Generator()), parts.pulls(theta, torch.Generator())
    for name in whole.batch:
        torch.testing.assert_close(once[name], again[name], rtol=1e-10, atol=1e-10)


# Factors of points


def test_factors_multiply_the_losses_of_their_points():
    objective, theta = objective_of()
    losses = objective.point_losses(theta)
    factors = {
        name: torch.rand(loss.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
        for name, loss in losses.items()
    }
    weighted, _ = objective_of(factors=factors)
    expected = {name: float((factors[name] * loss).mean()) for name, loss in losses.items()}
    assert float(weighted.value(theta)) == pytest.approx(sum(expected.values()), rel=1e-12)
    assert weighted.latest() == pytest.approx(expected, rel=1e-12)
    # The losses of points are those without factors.
    assert all(torch.equal(loss, losses[name]) for name, loss in weighted.point_losses(theta).items())


@pytest.mark.parametrize("memory", [20_000, 1 << 30], ids=["parts", "whole"])
def test_half_the_gradient_is_what_gauss_newton_sees_with_factors(memory):
    rows = {"inside": 256, "start": 32}
    factors = {name: torch.linspace(0.0, 3.0, count, dtype=torch.float64) for name, count in rows.items()}
    objective, theta = objective_of(factors=factors, memory=memory)
    slope, _ = objective.normal_equations(theta)
    _, gradient = objective.value_and_gradient(theta)
    torch.testing.assert_close(2 * slope, gradient, rtol=1e-9, atol=1e-12)


def test_factors_of_two_are_a_weight_of_two():
    doubled, theta = objective_of(factors={"inside": torch.full((256,), 2.0, dtype=torch.float64)})
    plain, _ = objective_of()
    weighted = ProgramObjective(plain.program, plain.layout, plain.batch, {"inside": 2.0})
    for ours, theirs in zip(doubled.value_and_gradient(theta), weighted.value_and_gradient(theta), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-14)


def test_held_out_losses_know_no_factors():
    rule = FreshPoints()
    objective, theta = objective_of()
    draw = rule.draw(objective.program, objective.layout.unflatten(theta), seed=0, number=0)
    zeros = {name: replace(points, factors=torch.zeros_like(points.like)) for name, points in draw.batch.items()}
    plain = fresh_losses(objective.program, objective.layout, theta, draw)
    assert fresh_losses(objective.program, objective.layout, theta, replace(draw, batch=zeros)) == plain
    assert all(loss > 0 for loss in plain.values())


# Residual-based attention


def test_attention_without_memory_is_the_size_of_the_residual():
    objective, theta = objective_of()
    for name, factors in SelfAdaptive(memory=0.0).factors(objective, theta, None).items():
        size = objective.point_losses(theta)[name].sqrt()
        torch.testing.assert_close(factors, size / size.mean())


def test_attention_has_the_mean_one_and_grows_with_the_residual():
    objective, theta = objective_of()
    for name, factors in SelfAdaptive().factors(objective, theta, None).items():
        assert float(factors.mean()) == pytest.approx(1.0)
        by_loss = factors[torch.argsort(objective.point_losses(theta)[name])]
        assert (by_loss.diff() >= 0).all()


def test_attention_at_the_same_points_follows_its_recursion():
    objective, theta = objective_of()
    rule = SelfAdaptive(memory=0.8)
    before = {n: torch.linspace(0.5, 1.5, p.count, dtype=torch.float64) for n, p in objective.batch.items()}
    old, _ = objective_of(factors=before)
    for name, factors in rule.factors(objective, theta, old.batch).items():
        size = objective.point_losses(theta)[name].sqrt()
        torch.testing.assert_close(factors, 0.8 * before[name] + 0.2 * size / size.mean())


def test_attention_belongs_to_places():
    """Where the old points near t = 0 counted most, the new ones do."""
    objective, theta = objective_of(draw=1)
    old, _ = objective_of(draw=0)
    early = {n: torch.as_tensor(np.exp(-3 * p.samples.points["t"])) for n, p in old.batch.items()}
    old, _ = objective_of(draw=0, factors=early)
    factors = SelfAdaptive(memory=0.99).factors(objective, theta, old.batch)["inside"]
    times = objective.batch["inside"].samples.points["t"]
    assert np.corrcoef(factors, np.exp(-3 * times))[0, 1] > 0.98


# Causality


def test_causal_weights_begin_at_one_and_fall_in_time():
    objective, theta = objective_of()
    factors = Causal(epsilon=5.0).factors(objective, theta, None)
    assert list(factors) == ["inside"]  # conditions keep their weights
    times = objective.batch["inside"].samples.points["t"]
    in_time = factors["inside"].numpy()[np.argsort(times)]
    assert (np.diff(in_time) <= 0).all() and 0 < in_time[-1] < 0.9 < in_time[0] <= 1


def test_causal_weights_of_a_constant_loss_are_an_exponential():
    edges = np.linspace(0, 2, 9)
    times = np.linspace(0, 2, 21)
    found = causal_weights(times, np.full(8, 0.3), edges, epsilon=4.0)
    np.testing.assert_allclose(found, np.exp(-4.0 * 0.3 * times / 2), rtol=1e-12)


@pytest.mark.parametrize("slabs", [4, 16, 64])
def test_the_number_of_slabs_hardly_matters(slabs):
    edges, times = np.linspace(0, 1, slabs + 1), np.linspace(0, 1, 11)
    middles = (edges[1:] + edges[:-1]) / 2
    found = causal_weights(times, 3 * middles**2, edges, epsilon=2.0)
    np.testing.assert_allclose(found, np.exp(-2 * times**3), atol=0.05)


def test_what_is_learnt_counts_everywhere():
    assert causal_weights(np.array([0.0, 1.0]), np.full(8, 1e-6), np.linspace(0, 1, 9), 100.0) == pytest.approx(
        1, abs=1e-3
    )


def test_means_of_slabs():
    means = slab_means(np.array([0.0, 0.1, 0.9, 1.0]), np.array([1.0, 3.0, 5.0, 7.0]), np.linspace(0, 1, 4))
    np.testing.assert_allclose(means, [2.0, 0.0, 6.0])


def test_causal_weights_need_time():
    z, y = coordinates("z y")
    v, square = unknown("v", z, y), Box(z=(0, 1), y=(0, 1))
    objective, theta = objective_of(Problem(on(square, Eq(laplacian(v), 1)), on(square.boundary, Eq(v, 0))))
    with pytest.raises(DeclarationError, match="has no time"):
        Causal().factors(objective, theta, None)


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (Causal, {"epsilon": 0}),
        (Causal, {"slabs": 1}),
        (SelfAdaptive, {"memory": 1.0}),
        (NeuralTangentKernel, {"memory": -0.1}),
        (NeuralTangentKernel, {"probes": 0}),
    ],
)
def test_ill_formed_rules_are_refused(make, options):
    with pytest.raises(DeclarationError, match=next(iter(options))):
        make(**options)
