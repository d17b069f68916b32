"""What `solve` promises: budgets, history, resume to the bit, clear refusals."""

import io
import math
from dataclasses import replace

import pytest
import torch
from sympy import exp, log, sin

from pinr import (
    LBFGS,
    MLP,
    SOAP,
    Adam,
    Box,
    CompilationError,
    DeclarationError,
    Eq,
    FreshPoints,
    GaussNewton,
    GradientNorm,
    Problem,
    SelfScaledBroyden,
    Siren,
    TrainingError,
    coordinates,
    laplacian,
    on,
    parameter,
    solve,
    unknown,
)
from pinr.compiler.program import compile_problem
from pinr.optimizers import OPTIMIZERS
from pinr.training.balance import FixedWeights
from pinr.training.checkpoint import FILE, load_checkpoint
from pinr.training.progress import AbstractProgress, Lines, Silent
from pinr.training.trainer import Trainer, _StageRun

x, y = coordinates("x y")
u = unknown("u", x, y)
STAGES = (Adam(steps=12), LBFGS(steps=9))


def trainer(problem, *, folder=None, stages=STAGES, every=5, balance=None, mark="mark") -> Trainer:
    program = compile_problem(problem, Siren(8, 2), dtype="float64")
    return Trainer(
        program, stages, 0, None, balance or FixedWeights(), FreshPoints(every=every), Silent(), None, folder, mark, 0.0
    )


def weights(solution) -> torch.Tensor:
    return torch.cat([p.flatten() for p in solution.parameters.values()])


def test_training_lowers_the_error(poisson):
    options = {"progress": False, "seed": 1}
    rough = solve(poisson, Siren(12, 2), stages=[Adam(steps=1)], **options)
    better = solve(poisson, Siren(12, 2), stages=[Adam(steps=200), LBFGS(steps=100)], **options)
    assert better.errors()["u"] < 0.05 < rough.errors()["u"]


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(poisson):
    first, again, other = (solve(poisson, Siren(8, 2), stages=STAGES, progress=False, seed=seed) for seed in (3, 3, 4))
    assert torch.equal(weights(first), weights(again))
    assert not torch.equal(weights(first), weights(other))


@pytest.mark.parametrize("balance", [FixedWeights(), GradientNorm()])
@pytest.mark.parametrize("stop_after", [1, 5, 11, 13, 17, 20])
def test_a_run_that_is_interrupted_goes_on_to_equal_weights(poisson, tmp_path, stop_after, balance):
    whole = trainer(poisson, balance=balance)
    expected = whole.run(whole.start()).optimizer.theta
    cut = trainer(poisson, folder=tmp_path, balance=balance)
    with pytest.raises(KeyboardInterrupt):
        _interrupted(cut, stop_after)
    resumed = trainer(poisson, folder=tmp_path, balance=balance)
    state = load_checkpoint(tmp_path, "mark")
    assert state is not None
    assert torch.equal(resumed.run(state).optimizer.theta, expected)


@pytest.mark.parametrize("kind", OPTIMIZERS.values(), ids=OPTIMIZERS.keys())
@pytest.mark.parametrize("stop_after", [3, 7, 12])
def test_every_optimizer_goes_on_to_equal_weights(poisson, tmp_path, stop_after, kind):
    stages = (Adam(steps=4), kind(steps=12))
    whole = trainer(poisson, stages=stages)
    expected = whole.run(whole.start()).optimizer.theta
    with pytest.raises(KeyboardInterrupt):
        _interrupted(trainer(poisson, stages=stages, folder=tmp_path), stop_after)
    resumed = trainer(poisson, stages=stages, folder=tmp_path)
    state = load_checkpoint(tmp_path, "mark")
    assert torch.equal(resumed.run(state).optimizer.theta, expected)


def test_self_scaled_broyden_goes_on_with_the_matrix_of_more_steps_than_it_keeps_apart(poisson, tmp_path):
    stages = (SelfScaledBroyden(steps=60),)
    whole = trainer(poisson, stages=stages, every=25)
    expected = whole.run(whole.start()).optimizer
    assert expected.inverse_hessian.matrix is not None
    with pytest.raises(KeyboardInterrupt):
        _interrupted(trainer(poisson, stages=stages, every=25, folder=tmp_path), 45)
    state = load_checkpoint(tmp_path, "mark")
    resumed = trainer(poisson, stages=stages, every=25, folder=tmp_path).run(state).optimizer
    assert torch.equal(resumed.theta, expected.theta)
    assert torch.equal(resumed.inverse_hessian.matrix, expected.inverse_hessian.matrix)


@pytest.mark.parametrize("network", [None, Siren(4, 1)], ids=["none", "a network"])
def test_a_run_without_time_for_a_step_is_no_solution(poisson, network):
    with pytest.raises(TrainingError, match=r"poisson: the time was up after .* before the first step"):
        solve(poisson, network, seconds=1e-9, progress=False)


def test_a_later_stage_that_refuses_the_network_does_so_before_training(poisson):
    said = io.StringIO()
    stages = [Adam(steps=2), SelfScaledBroyden(steps=2, most_weights=50)]
    with pytest.raises(DeclarationError, match="105 weights"):
        solve(poisson, Siren(8, 2), stages=stages, progress=Lines(said))
    assert "Adam" not in said.getvalue()


def test_soap_knows_the_layers_of_the_network(poisson):
    run = trainer(poisson, stages=(SOAP(steps=3),))
    state = run.run(run.start()).optimizer
    assert [len(basis) for basis in state.bases] == [8, 3, 8, 9, 1, 9]


def test_gauss_newton_gets_three_rows_for_each_weight(poisson):
    run = trainer(poisson, stages=(GaussNewton(steps=1),))
    stage = _StageRun(run, run.start())
    rows = sum(points.count for points in stage.objective.batch.values())
    assert 3 * run.start().optimizer.theta.numel() <= rows < 3 * run.start().optimizer.theta.numel() + 10


@pytest.mark.parametrize("loss", ["l2", "l1", "huber"])
def test_half_the_gradient_is_what_gauss_newton_sees(poisson, loss):
    square = poisson.constraints[0].region
    problem = Problem(on(square, Eq(laplacian(u), 1), points=64, loss=loss, weight=2.5), on(square.boundary, Eq(u, 1)))
    run = trainer(problem, stages=(GaussNewton(steps=1),))
    objective, theta = _StageRun(run, run.start()).objective, run.start().optimizer.theta
    slope, gram = objective.normal_equations(theta)
    gram = torch.tril(gram) + torch.tril(gram, -1).t()
    exact, gradient = objective.value_and_gradient(theta)
    torch.testing.assert_close(2 * slope, gradient, rtol=1e-9, atol=1e-10)
    assert (torch.linalg.eigvalsh(gram) > -1e-9 * gram.diagonal().max()).all()
    assert float(objective.value(theta)) == pytest.approx(float(exact), rel=1e-12)
    in_single = objective.normal_equations(theta, is_coarse=True)
    torch.testing.assert_close(in_single[0].double(), slope, rtol=1e-3, atol=1e-4 * float(slope.abs().max()))
    assert in_single[1].dtype == torch.float32


def test_gauss_newton_finds_digits(poisson):
    options = {"progress": False, "seed": 1}
    solution = solve(poisson, Siren(10, 2), stages=[Adam(steps=100), GaussNewton(steps=60)], **options)
    assert solution.errors()["u"] < 1e-4


def _interrupted(run: Trainer, steps: int) -> None:
    done = 0

    def counted(self):
        nonlocal done
        if done == steps:
            raise KeyboardInterrupt
        done += 1
        return original(self)

    original = _StageRun._step
    _StageRun._step = counted
    try:
        run.run(run.start())
    finally:
        _StageRun._step = original


def test_the_same_call_on_a_finished_folder_gives_the_same_solution(poisson, tmp_path):
    call = {"stages": STAGES, "out": tmp_path, "progress": False}
    first, again = solve(poisson, Siren(8, 2), **call), solve(poisson, Siren(8, 2), **call)
    assert torch.equal(weights(first), weights(again))
    assert first.steps == again.steps == 21


def test_a_folder_of_another_run_is_refused(poisson, tmp_path):
    solve(poisson, Siren(8, 2), stages=STAGES, out=tmp_path, progress=False)
    with pytest.raises(TrainingError, match="another problem"):
        solve(poisson, Siren(9, 2), stages=STAGES, out=tmp_path, progress=False)


def test_a_damaged_checkpoint_is_reported(poisson, tmp_path):
    (tmp_path / FILE).write_bytes(b"not a checkpoint")
    with pytest.raises(Exception, match="cannot be read"):
        solve(poisson, Siren(8, 2), stages=STAGES, out=tmp_path, progress=False)


def test_an_output_folder_that_cannot_be_made_is_refused_before_training(poisson, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(TrainingError, match="cannot be written"):
        solve(poisson, Siren(8, 2), stages=STAGES, out=tmp_path / "file" / "below", progress=False)


def test_history_has_a_row_per_logged_step_with_every_constraint(poisson):
    solution = solve(poisson, Siren(8, 2), stages=STAGES, progress=False, exact=False)
    first, last = solution.history[0], solution.history[-1]
    assert {"step", "stage", "seconds", "loss", "loss interior", "loss boundary", "weight interior"} <= set(first)
    assert (last["step"], last["stage"]) == (21, "LBFGS")
    assert all(math.isfinite(row["loss"]) for row in solution.history)


def test_history_has_no_step_twice_and_every_row_has_every_constraint(poisson):
    stages = [Adam(steps=1), Adam(steps=3), LBFGS(steps=2)]
    history = solve(poisson, Siren(8, 2), stages=stages, progress=False, exact=False).history
    steps = [row["step"] for row in history]
    assert steps == sorted(set(steps))
    assert all("loss interior" in row and "loss boundary" in row for row in history)


def test_a_stage_without_time_leaves_the_loss_as_it_was(poisson):
    solution = solve(poisson, Siren(8, 2), stages=[Adam(steps=10**6), LBFGS(steps=5)], seconds=0.3, progress=False)
    assert solution.history[-1]["stage"] == "Adam"
    assert solution.loss == solution.history[-1]["loss"]


def test_another_start_of_a_parameter_is_another_run(tmp_path):
    def problem(start):
        return Problem(on(Box(x=(0, 1), y=(0, 1)), Eq(parameter("a", start) * u.diff(x), 1), Eq(u, x)))

    options = {"stages": [Adam(steps=1)], "out": tmp_path, "progress": False}
    solve(problem(1.0), Siren(8, 2), **options)
    with pytest.raises(TrainingError, match="another problem"):
        solve(problem(2.0), Siren(8, 2), **options)


def test_an_unknown_precision_is_refused_even_where_no_stage_uses_it(poisson):
    with pytest.raises(CompilationError, match="float16"):
        solve(poisson, Siren(8, 2), stages=[LBFGS(steps=1)], dtype="float16", progress=False)


def test_time_budgets_hold(poisson):
    solution = solve(poisson, Siren(8, 2), seconds=1.0, progress=False)
    assert 0.9 < solution.seconds < 3.0


def test_given_weights_stay_and_open_ones_are_balanced(poisson):
    boundary = replace(poisson.constraints[1], weight=7.0)
    run = trainer(Problem(poisson.constraints[0], boundary), balance=GradientNorm())
    state = _StageRun(run, run.start())
    assert state.objective.weights["boundary"] == 7.0
    assert state.objective.weights["interior"] != 1.0


def test_gradient_norm_makes_every_constraint_pull_equally(poisson):
    interior, boundary = poisson.constraints
    run = trainer(Problem(interior, replace(boundary, exact=False)), balance=GradientNorm())
    state = _StageRun(run, run.start())
    gradients = state.objective.gradients(state.state.optimizer.theta)
    pulls = [state.objective.weights[name] * float(g.norm()) for name, g in gradients.items()]
    assert pulls[0] == pytest.approx(pulls[1], rel=1e-6)


def test_parameters_are_identified(poisson):
    k = parameter("k", 0.5, positive=True)
    square = Box(x=(0, 1), y=(0, 1))
    problem = Problem(on(square, Eq(-k * laplacian(u), 2 * sin(x)), points=128), on(square, Eq(u, sin(x)), points=128))
    solution = solve(problem, MLP(16, 2), stages=[LBFGS(steps=150)], progress=False)
    assert float(solution.evaluate(k)) == pytest.approx(2.0, rel=0.02)


def test_a_loss_that_stops_being_finite_names_constraint_point_and_expression():
    interval = Box(x=(0, 1), y=(0, 1))
    problem = Problem(
        on(interval, Eq(log(u - 5) + laplacian(u), exp(x)), name="bad logarithm"),
        on(interval.boundary, Eq(u, 6), exact=False),
    )
    with pytest.raises(TrainingError, match=r"(?s)bad logarithm.*test_solve\.py:\d+.*at x = .*log"):
        solve(problem, Siren(8, 2), stages=[Adam(steps=5)], progress=False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"stages": []}, "no stage"),
        ({"stages": [Siren(8, 2)]}, "no stage"),
        ({"seconds": -1}, "positive"),
        ({"dtype": "float16", "stages": STAGES}, "float32, float64"),
    ],
)
def test_ill_formed_arguments(poisson, arguments, message):
    with pytest.raises(ValueError, match=message):
        solve(poisson, Siren(8, 2), progress=False, **arguments)


def test_arguments_that_there_are_not_are_refused_in_words(poisson):
    with pytest.raises(
        DeclarationError, match=r"`solve\(…, secs=5\)`: .*'secs'. Did you mean 'seconds'\? There are problem"
    ):
        solve(poisson, secs=5)
    with pytest.raises(
        DeclarationError, match=r"`solve\(…, …, 5\)`: 5 needs the name of its argument. There are stages"
    ):
        solve(poisson, Siren(8, 2), 5)
    with pytest.raises(DeclarationError, match="missing a required argument: 'problem'"):
        solve()


def test_something_else_than_a_problem_is_refused():
    with pytest.raises(DeclarationError, match="must be a Problem"):
        solve(u, Siren(8, 2))


@pytest.mark.parametrize(("start", "true"), [(100.0, 50.0), (-1e9, -2e9), (1e-6, 3e-6)])
def test_parameters_of_any_size_and_sign_move(start, true):
    k, interval = parameter("k", start), Box(x=(0, 1), y=(0, 1))
    problem = Problem(
        on(interval, Eq(k * laplacian(u), -2 * true * sin(x) * sin(y)), Eq(u, sin(x) * sin(y)), points=64)
    )
    solution = solve(problem, MLP(8, 2), stages=[LBFGS(steps=60)], progress=False)
    assert float(solution.evaluate(k)) == pytest.approx(true, rel=0.2)


def test_a_progress_sees_the_solution_so_far(poisson):
    class Watch(AbstractProgress):
        def __init__(self):
            self.seen = []

        def show(self, report):
            self.seen.append(report.solution())

        def say(self, text):
            pass

    watch = Watch()
    solution = solve(poisson, Siren(8, 2), stages=STAGES, progress=watch)
    assert watch.seen[0].steps < watch.seen[-1].steps == solution.steps
    points = {"x": [0.2, 0.7], "y": [0.4, 0.9]}
    assert (watch.seen[-1].evaluate(u, **points) == solution.evaluate(u, **points)).all()
    assert (watch.seen[0].evaluate(u, **points) != solution.evaluate(u, **points)).all()
