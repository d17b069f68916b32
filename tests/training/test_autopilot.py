"""What `solve` chooses by itself: networks, growth, the estimate of the error, the end."""

import itertools
import math
import sys
from dataclasses import replace

import pytest
import torch
from sympy import cos, exp, pi, sin

import pinr.training.solve  # noqa: F401
from pinr import (
    MLP,
    Box,
    DeclarationError,
    Eq,
    LevelSet,
    Measurements,
    Problem,
    Siren,
    compile_problem,
    coordinates,
    grad,
    laplacian,
    norm,
    on,
    parameter,
    solve,
    unknown,
)
from pinr.networks.catalogue import recipe_from_record
from pinr.optimizers import Adam, GaussNewton
from pinr.training.autopilot.candidates import candidates, is_linear
from pinr.training.autopilot.growth import grown_parameters, widened
from pinr.training.autopilot.suitability import has_least_squares
from pinr.training.autopilot.watch import Watch

flight = sys.modules["pinr.training.autopilot.fly"]
x, y = coordinates("x y")
u, w = unknown("u", x, y), unknown("w", x, y)
k, nu = unknown("k", x), parameter("nu", 0.3)
psi = unknown("psi", x, y, complex=True)
square = Box(x=(0, 1), y=(0, 1))


@pytest.mark.parametrize(
    ("equation", "expected"),
    [
        (Eq(-laplacian(u), sin(x)), True),
        (Eq(sin(x) * u.diff(x) + w, exp(y)), True),
        (Eq(u.subs(x, 0), u.subs(x, 1)), True),
        (Eq(nu * u.diff(x), 1), True),
        (Eq(u * u.diff(x), 0), False),
        (Eq(u * w, 1), False),
        (Eq(norm(grad(u)), 1), False),
        (Eq(k * laplacian(u), 1), False),
        (Eq(laplacian(psi) + psi, 0), True),
        (Eq(psi * psi, 1), False),
    ],
    ids=str,
)
def test_linear_equations_are_told_from_others(equation, expected):
    assert is_linear(Problem(on(square, equation))) is expected


def test_networks_have_about_the_weights_that_the_time_allows():
    for seconds, most in ((10, 500), (30, 700), (60, 900)):
        problem = Problem(on(square, Eq(u * laplacian(u), 1)))
        found = candidates(problem, seconds)
        assert len(found) == 2
        for recipe in found:
            count = sum(p.numel() for p in compile_problem(problem, recipe).initial().values())
            assert 0.85 * most < count < 1.15 * most


def test_many_measurements_get_a_network_with_room():
    points = torch.rand(4000, 2, generator=torch.Generator().manual_seed(0)).numpy()
    data = Measurements(x=points[:, 0], y=points[:, 1], u=points[:, 0])
    (recipe,) = candidates(Problem(on(data, Eq(u, data["u"]))), 60)
    assert recipe == Siren(width=64, depth=4)


@pytest.mark.parametrize("recipe", [Siren(6, 3), MLP(5, 4)], ids=str)
def test_a_grown_network_is_the_same_function_and_all_of_it_can_be_trained(recipe):
    problem = Problem(on(square, Eq(laplacian(u) * u, sin(x)), points=50))
    small, large = (compile_problem(problem, r, dtype="float64") for r in (recipe, widened(recipe)))
    before = small.initial(3)
    grown = grown_parameters(before, large.initial(4))
    grown = {name: p.requires_grad_(True) for name, p in grown.items()}
    batch = small.batch()
    ours, theirs = (p.residuals(q, p.batch())["interior"] for p, q in ((large, grown), (small, before)))
    torch.testing.assert_close(ours * 1.0, theirs * 1.0, rtol=1e-9, atol=1e-10)
    large.loss(grown, large.batch()).backward()
    old = {name: p.shape for name, p in before.items()}
    last = list(grown)[-2]
    assert (grown[last].grad[:, old[last][1] :].abs() > 0).all()
    assert sum(p.numel() for p in grown.values()) > 1.5 * sum(p.numel() for p in before.values())
    assert len(batch) == 1


def test_the_estimate_is_the_error_where_it_is_the_root_of_the_loss_times_a_constant():
    exact = torch.linspace(1, 2, 100, dtype=torch.float64)[None]
    wrong = torch.sin(7 * exact)
    watch = Watch()
    for number in range(30):
        error = 0.3 * 0.7**number
        watch.reason(float(number), error**2, exact + error * wrong)
    true = float((error * wrong).norm() / exact.norm())
    assert watch.estimate == pytest.approx(true, rel=1e-3)


def test_the_run_stops_within_the_tolerance_and_not_before_there_is_an_estimate():
    watch, values = Watch(tolerance=1e-2), torch.ones(1, 10, dtype=torch.float64)
    assert watch.reason(0.0, 1.0, values * 2) is None and math.isnan(watch.estimate)
    reasons = [watch.reason(1.0 + n, 4.0**-n, values * (1 + 2.0**-n)) for n in range(12)]
    first = next(n for n, reason in enumerate(reasons) if reason)
    assert 2.0**-first <= 1e-2 < 2.0 ** -(first - 3)


@pytest.mark.parametrize(("fall", "stalls"), [(0.98, True), (0.8, False)])
def test_a_loss_that_falls_too_slowly_has_stalled(fall, stalls):
    watch = Watch(grows=True)
    values = torch.ones(1, 3)
    reasons = [watch.reason(float(t), 1e-3 * fall**t, values) for t in range(25)]
    assert any(reasons) is stalls


def test_rounding_is_no_reason_to_grow():
    watch = Watch(grows=True)
    assert not any(watch.reason(float(t), 1e-17, torch.ones(1, 3)) for t in range(60))


def few(seconds, *, has_least_squares, weights):
    del seconds, weights
    return (Adam(steps=20), GaussNewton(steps=25)) if has_least_squares else (Adam(steps=20),)


@pytest.fixture
def poisson():
    exact = sin(pi * x) * sin(pi * y)
    return Problem(
        on(square, Eq(-laplacian(u), 2 * pi**2 * exact), points=400),
        on(square.boundary, Eq(u, 0)),
        reference={u: exact},
    )


def test_solve_needs_only_a_problem(poisson, monkeypatch):
    monkeypatch.setattr(flight, "default_stages", few)
    solution = solve(poisson, seconds=20, progress=False)
    assert solution.errors()["u"] < 1e-5
    assert any("network: Siren" in note for note in solution.program.notes)


def test_a_tolerance_ends_the_run(poisson):
    solution = solve(poisson, tolerance=1e-2, seconds=60, progress=False)
    assert solution.errors()["u"] < 1e-2 and solution.seconds < 50
    assert any("estimated relative error" in note for note in solution.program.notes)


def test_a_run_that_ends_in_a_bad_moment_gives_the_best_that_it_had(poisson, monkeypatch, tmp_path):
    monkeypatch.setattr(flight, "default_stages", few)
    steps = itertools.count(1)
    inside = GaussNewton.step

    def stumbling(self, state, objective, progress):
        after = inside(self, state, objective, progress)
        return replace(after, theta=1.5 * after.theta) if next(steps) == 25 else after

    monkeypatch.setattr(GaussNewton, "step", stumbling)
    solution = solve(poisson, seconds=20, progress=False, out=tmp_path, seed=1)
    assert solution.errors()["u"] < 1e-3
    assert "that is taken" in solution.program.notes[-1]
    again = solve(poisson, seconds=20, progress=False, out=tmp_path, seed=1)
    assert again.errors() == solution.errors()


def test_both_kinds_are_tried_where_equations_are_not_linear(monkeypatch):
    monkeypatch.setattr(flight, "TRYING", (0.02,))
    monkeypatch.setattr(flight, "default_stages", few)
    problem = Problem(on(square, Eq(-laplacian(u) + u**3, cos(x)), points=200), on(square.boundary, Eq(u, 0)))
    solution = solve(problem, seconds=20, progress=False)
    (note,) = [n for n in solution.program.notes if n.startswith("network: ")]
    assert "MLP" in note and "Siren" in note


@pytest.mark.parametrize(
    ("losses", "winner", "share"),
    [
        ((1e-6, 2e-5), "MLP", 0.04),  # far behind one that is settled: out after the first round
        ((1e-3, 2e-2, 1e-3, 2e-6), "Siren", 0.12),  # nothing is settled at first
        ((1e-6, 5e-6, 3e-7, 2e-7), "Siren", 0.12),
    ],
    ids=str,
)
def test_a_trial_ends_when_it_is_hopeless_and_not_before_that_can_be_known(monkeypatch, losses, winner, share):
    given = itertools.chain(losses, itertools.repeat(1e-6))
    monkeypatch.setattr(flight, "_judged", lambda *arguments: next(given))
    monkeypatch.setattr(flight, "default_stages", few)
    problem = Problem(on(square, Eq(-laplacian(u) + u**3, cos(x)), points=50), on(square.boundary, Eq(u, 0)))
    solution = solve(problem, seconds=20, progress=False)
    (note,) = [n for n in solution.program.notes if n.startswith("network: ")]
    assert note.startswith(f"network: {winner}") and f"after {share * 20:.1f} s" in note


def test_a_run_that_chose_its_network_goes_on_with_it(poisson, monkeypatch, tmp_path):
    monkeypatch.setattr(flight, "default_stages", few)
    options = {"seconds": 20, "progress": False, "out": tmp_path, "checkpoint_every": 1e-9}
    steps = itertools.count()
    inside = GaussNewton.step

    def interrupted(self, state, objective, progress):
        if next(steps) == 12:
            raise KeyboardInterrupt
        return inside(self, state, objective, progress)

    monkeypatch.setattr(GaussNewton, "step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        solve(poisson, **options)
    resumed = solve(poisson, **options)
    monkeypatch.setattr(GaussNewton, "step", inside)
    whole = solve(poisson, seconds=20, progress=False)
    assert resumed.steps == whole.steps
    for name, value in whole.parameters.items():
        assert torch.equal(resumed.parameters[name], value)


def test_what_gauss_newton_cannot_train_gets_other_stages():
    problem = Problem(on(square, Eq(norm(grad(u)), 1), loss="l1"))
    assert not has_least_squares(compile_problem(problem, Siren(8, 2)))
    smooth = Problem(on(square, Eq(laplacian(u), 1)))
    assert has_least_squares(compile_problem(smooth, Siren(8, 2)))
    assert not has_least_squares(compile_problem(smooth, Siren(64, 4)))


@pytest.mark.parametrize("tolerance", [0.0, 1.5, "small", math.nan])
def test_tolerances_that_are_none(poisson, tolerance):
    with pytest.raises(DeclarationError, match="relative error"):
        solve(poisson, tolerance=tolerance)


def test_a_tolerance_beside_stages_is_refused(poisson):
    with pytest.raises(DeclarationError, match="Leave one of the two out"):
        solve(poisson, tolerance=1e-3, stages=[Adam(steps=3)])


def test_records_of_recipes_are_read_back():
    for recipe in candidates(Problem(on(square, Eq(u**2, 1))), 30):
        assert recipe_from_record(recipe.record()) == recipe


def test_a_thin_region_gets_a_layer_more_and_no_more_weights():
    edge = Box(x=(-2, 2), y=(-2, 2))
    cross = LevelSet((x**2 < 1) & (y**2 < 0.01), edge) | LevelSet((y**2 < 1) & (x**2 < 0.01), edge)
    for region, depth in ((square, 2), (cross, 3)):
        problem = Problem(on(region, Eq(-laplacian(u), 1)), on(region.boundary, Eq(u, 0)))
        (recipe,) = candidates(problem, 60)
        assert isinstance(recipe, Siren) and recipe.depth == depth
        assert 765 < sum(p.numel() for p in compile_problem(problem, recipe, exact=False).initial().values()) < 1035
