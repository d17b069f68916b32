"""Gauss–Newton: quadratic convergence, damping, and what it refuses."""

import itertools
import math

import pytest
import torch

from pinr.errors import DeclarationError
from pinr.optimizers import AutogradObjective, GaussNewton, RowsObjective
from pinr.optimizers.damped_equations import KernelEquations, NormalEquations


def test_a_linear_problem_is_solved_in_a_few_steps(quadratic, minimise):
    state = minimise(GaussNewton(steps=12), quadratic(20, condition=1e6), torch.ones(20, dtype=torch.float64))
    assert state.loss < 1e-25


def test_a_problem_without_residual_converges_quadratically(rosenbrock, rosenbrock_start, minimise):
    optimizer, state = GaussNewton(steps=200), None
    state, distances = optimizer.initial(rosenbrock_start), []
    while state.stopped is None and state.steps < 200 and not (distances and distances[-1] < 1e-13):
        state = optimizer.step(state, rosenbrock, 0.0)
        distances.append(float((state.theta - 1).norm()))
    assert distances[-1] < 1e-10
    last = [d for d in distances if d < 1e-1][:4]
    assert any(b < 10 * a**1.7 for a, b in itertools.pairwise(last))


def test_the_loss_falls_in_every_step_and_damping_with_it(network_fit):
    objective, theta = network_fit
    optimizer = GaussNewton(steps=60)
    state = optimizer.initial(theta)
    losses = []
    for _ in range(60):
        state = optimizer.step(state, objective, 0.0)
        losses.append(state.loss)
    assert all(b < a for a, b in itertools.pairwise(losses))
    assert losses[-1] < 1e-3 * losses[0]
    assert state.damping < 1e-3


def test_directions_that_nothing_feels_do_not_run_away(minimise):
    objective = RowsObjective(lambda theta: theta[:2] - torch.tensor([1.0, 2.0], dtype=torch.float64))
    state = minimise(GaussNewton(steps=5), objective, torch.zeros(4, dtype=torch.float64))
    torch.testing.assert_close(state.theta, torch.tensor([1.0, 2, 0, 0], dtype=torch.float64))


def test_damping_is_kept_when_the_points_change(network_fit):
    objective, theta = network_fit
    optimizer = GaussNewton(steps=10)
    state = optimizer.step(optimizer.initial(theta), objective, 0.0)
    assert optimizer.reset(state).damping == state.damping and not optimizer.reset(state).is_evaluated


def test_what_is_no_sum_of_squares_is_refused():
    objective = AutogradObjective(lambda theta: theta.cosh().sum())
    optimizer = GaussNewton(steps=1)
    with pytest.raises(DeclarationError, match="sums of squares"):
        optimizer.step(optimizer.initial(torch.ones(2)), objective, 0.0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [({"damping": 0.0}, "damping"), ({"trials": 0}, "trials"), ({"acceleration": 1}, "acceleration")],
)
def test_bad_options_are_refused(arguments, words):
    with pytest.raises(DeclarationError, match=words):
        GaussNewton(steps=1, **arguments)
    assert math.isfinite(GaussNewton(steps=1).damping)


@pytest.fixture
def wide_rows():
    """Nonlinear rows, fewer than weights, of which no weight feels the last two."""
    generator = torch.Generator().manual_seed(1)
    A = torch.randn(7, 20, generator=generator, dtype=torch.float64) * torch.logspace(-3, 1, 20, dtype=torch.float64)
    A[:, -2:] = 0
    objective = RowsObjective(lambda theta: torch.sin(A @ theta) + 0.1 * (A @ theta) ** 2 - 0.3)
    return objective, torch.randn(20, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("damping", [1e-1, 1e-3, 1e-5])
def test_the_space_of_rows_and_that_of_weights_have_one_step_and_one_acceleration(damping, wide_rows):
    objective, theta = wide_rows
    by_rows = KernelEquations(*objective.linearized(theta))
    by_weights = NormalEquations(*objective.normal_equations(theta))
    torch.testing.assert_close(by_rows.scale, by_weights.scale)
    d, same = by_rows.step(damping, 0), by_weights.step(damping, 0)
    torch.testing.assert_close(d, same, rtol=1e-9, atol=1e-9 * float(same.norm()))
    assert by_rows.promised(d, damping) == pytest.approx(by_weights.promised(same, damping), rel=1e-9)
    products = objective.products(theta)
    a, alike = (equations.acceleration(d, damping, products) for equations in (by_rows, by_weights))
    torch.testing.assert_close(a, alike, rtol=1e-6, atol=1e-6 * float(alike.norm()))


def test_with_fewer_rows_than_weights_the_gram_matrix_is_never_formed(wide_rows, monkeypatch, minimise):
    objective, theta = wide_rows
    monkeypatch.setattr(RowsObjective, "normal_equations", lambda *arguments, **options: None)
    assert minimise(GaussNewton(steps=30), objective, 0 * theta).loss < 1e-20


def test_the_acceleration_is_the_second_derivative_of_the_path_of_steps(wide_rows):
    """`r_vv` of quadratic rows is exact, and the acceleration solves the damped equations with it."""
    objective, theta = wide_rows
    damping, (rows, J) = 1e-2, objective.linearized(theta)
    equations = NormalEquations(*objective.normal_equations(theta))
    d = equations.step(damping, 0)
    quadratic = RowsObjective(lambda at: rows + J @ (at - theta) + (J @ (at - theta)) ** 2)
    a = equations.acceleration(d, damping, quadratic.products(theta))
    wanted = -torch.linalg.solve(J.T @ J + damping * torch.diag(equations.scale), J.T @ (2 * (J @ d) ** 2))
    torch.testing.assert_close(a, wanted, rtol=1e-7, atol=1e-7 * float(wanted.norm()))


def test_a_narrow_curved_valley_takes_fewer_steps_with_acceleration():
    valley = RowsObjective(lambda theta: torch.stack([100 * (theta[1] - theta[0] ** 2), 1 - theta[0]]))

    def steps(acceleration):
        optimizer = GaussNewton(steps=500, acceleration=acceleration)
        state = optimizer.initial(torch.tensor([-1.2, 1.0], dtype=torch.float64))
        while state.stopped is None and state.steps < 500 and not state.loss < 1e-16:
            state = optimizer.step(state, valley, 0.0)
        assert state.loss < 1e-16
        return state.steps

    assert steps(True) < 0.5 * steps(False)  # 21 for 78
