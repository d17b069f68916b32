"""What training does at a new draw: the held-out loss, more points, weights of points; all of it to the bit again."""

from dataclasses import replace
from functools import cache
from io import StringIO

import pytest
import torch
from rich.console import Console
from sympy import pi, sin

from pinr import (
    LBFGS,
    R3,
    Adam,
    Box,
    Causal,
    Eq,
    FixedWeights,
    FreshPoints,
    GaussNewton,
    MorePoints,
    NeuralTangentKernel,
    Problem,
    ResidualDensity,
    SelfAdaptive,
    Siren,
    coordinates,
    laplacian,
    on,
    unknown,
)
from pinr.compiler.program import compile_problem
from pinr.training.checkpoint import load_checkpoint
from pinr.training.progress import Lines, Report, Silent, _picture, one_line
from pinr.training.trainer import Trainer, _StageRun

x, t = coordinates("x", time="t")
u = unknown("u", x, t)
rod = Box(x=(0, 1)) * Box(t=(0, 1))
HEAT = Problem(
    on(rod, Eq(u.diff(t), laplacian(u)), points=48, name="inside"),
    on(rod.boundary, Eq(u, 0), points=16, name="boundary"),
    on(rod.at(t=0), Eq(u, sin(pi * x)), points=16, name="start"),
)
GREEDY = MorePoints(above=1.0001, draws=1, by=1.2, most=2.0)  # nearly every draw counts as over-fitted


@cache
def compiled(problem):
    return compile_problem(problem, Siren(6, 2), dtype="float64", exact=False)


def trainer(problem=HEAT, *, stages, folder=None, progress=None, **rules) -> Trainer:
    return Trainer(
        compiled(problem),
        stages,
        seed=0,
        dtype=None,
        balance=rules.get("balance", FixedWeights()),
        sampling=rules.get("sampling", FreshPoints(every=4)),
        progress=progress or Silent(),
        folder=folder,
        mark="mark",
        checkpoint_every=0.0,
    )


RULES = {
    "r3": {"sampling": R3(every=4)},
    "density": {"sampling": ResidualDensity(every=4, density=1 + x)},
    "more": {"sampling": R3(every=2, more=GREEDY)},
    "attention": {"balance": SelfAdaptive(), "sampling": R3(every=4)},
    "causal": {"balance": Causal(between=NeuralTangentKernel())},
}


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
@pytest.mark.parametrize("stop_after", [3, 9, 14])
def test_every_rule_goes_on_to_equal_weights(rules, stop_after, tmp_path, monkeypatch):
    stages = (Adam(steps=8), GaussNewton(steps=8))
    whole = trainer(stages=stages, **rules)
    expected = whole.run(whole.start())
    cut = trainer(stages=stages, folder=tmp_path, **rules)
    start = cut.start()
    with monkeypatch.context() as patch:
        patch.setattr(_StageRun, "_step", _only(stop_after))
        with pytest.raises(KeyboardInterrupt):
            cut.run(start)
    found = load_checkpoint(tmp_path, "mark")
    resumed = trainer(stages=stages, **rules)
    after = resumed.run(found)
    assert torch.equal(after.optimizer.theta, expected.optimizer.theta)
    assert after.growth == expected.growth
    assert held_out(after.history[-1]) == held_out(expected.history[-1])


def held_out(row):
    return {name: value for name, value in row.items() if name.startswith("held out")}


def _only(steps):
    original, done = _StageRun._step, 0

    def counted(self):
        nonlocal done
        if done == steps:
            raise KeyboardInterrupt
        done += 1
        original(self)

    return counted


def test_the_history_has_the_held_out_loss_of_the_draw():
    run = trainer(stages=(Adam(steps=6),))
    state = run.run(run.start())
    first, last = state.history[0], state.history[-1]
    names = {"held out inside", "held out boundary", "held out start"}
    assert names <= set(first) and names <= set(last)
    # At the first step nothing is trained on: the loss at the points is that held out.
    assert first["held out inside"] == pytest.approx(first["loss inside"], rel=1e-5)
    assert last["held out inside"] != first["held out inside"]
    assert first["points"] == 80


def test_the_held_out_loss_is_of_the_parameters_before_they_see_the_points():
    run = trainer(stages=(GaussNewton(steps=4),))
    stage = _StageRun(run, run.start())
    for _ in range(4):
        stage._step()
    before = stage.state.optimizer.theta
    stage._draw()
    loss = stage.program.losses(run.layout.unflatten(before), stage.objective.batch)
    assert stage.state.held_out == pytest.approx({name: float(value) for name, value in loss.items()}, rel=1e-12)


def test_over_fitted_points_become_more(monkeypatch):
    """With fewer rows than weights Gauss–Newton brings the loss at its points to nothing, and that beside them up."""
    monkeypatch.setattr(GaussNewton, "rows_per_weight", 0.0)
    few = Problem(*(replace(c, points=n) for c, n in zip(HEAT.constraints, (16, 8, 8), strict=True)))
    said = StringIO()
    stages = (GaussNewton(steps=100),)
    run = trainer(few, stages=stages, sampling=FreshPoints(every=10), progress=Lines(said))
    state = run.run(run.start())
    assert state.growth > 1.5 and state.history[-1]["points"] == pytest.approx(32 * state.growth, abs=3)
    assert "times as many points from here" in said.getvalue()
    alone = trainer(few, stages=stages, sampling=FreshPoints(every=10, more=None))
    left = alone.run(alone.start())
    assert left.growth == 1.0 and left.history[-1]["points"] == 32
    held = [sum(held_out(s.history[-1]).values()) for s in (state, left)]
    assert held[0] < 0.3 * held[1]


def test_points_that_are_enough_stay_as_many():
    run = trainer(stages=(Adam(steps=40),), sampling=FreshPoints(every=4))
    state = run.run(run.start())
    assert state.growth == 1.0


def test_growth_stays_below_its_most():
    run = trainer(stages=(GaussNewton(steps=40),), sampling=FreshPoints(every=2, more=GREEDY))
    assert run.run(run.start()).growth == 2.0


def test_a_secant_pair_spans_one_objective():
    """L-BFGS begins anew at a new draw: it first steps down the gradient of the new objective."""
    run = trainer(stages=(LBFGS(steps=20),), sampling=FreshPoints(every=8))
    stage = _StageRun(run, run.start())
    for _ in range(8):
        stage._step()
    theta = stage.state.optimizer.theta.clone()
    stage._step()  # which draws first
    _, gradient = stage.objective.value_and_gradient(theta)
    step = stage.state.optimizer.theta - theta
    assert float(step @ gradient) == pytest.approx(-float(step.norm() * gradient.norm()), rel=1e-10)


def test_weights_of_points_reach_the_objective():
    run = trainer(stages=(Adam(steps=8),), balance=SelfAdaptive())
    stage = _StageRun(run, run.start())
    for _ in range(6):
        stage._step()
    for name, points in stage.objective.batch.items():
        assert torch.equal(points.factors, stage.state.factors[name])
        assert float(points.factors.std()) > 0


def test_the_progress_shows_the_loss_at_new_points():
    report = Report(
        title="heat",
        solution=lambda: pytest.fail("nobody asked for the solution"),
        stage="Adam",
        step=1,
        fraction=0.5,
        seconds=1.0,
        seconds_left=None,
        rate=10.0,
        loss=0.5,
        losses={"inside": 0.5},
        weights={"inside": 2.0},
        held_out={"inside": 0.25},
    )
    assert "5.00e-01 at new points" in one_line(report)
    assert "at new points" not in one_line(replace(report, held_out={}))
    console = Console(width=100, file=StringIO())
    console.print(_picture(report))
    assert "2.50e-01" in console.file.getvalue()
