"""Gauss–Newton: quadratic convergence, damping, and what it refuses."""

import itertools
import math

import pytest
import torch

from pinr.errors import DeclarationError
from pinr.optimizers import AutogradObjective, GaussNewton, RowsObjective


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


@pytest.mark.parametrize(("arguments", "words"), [({"damping": 0.0}, "damping"), ({"trials": 0}, "trials")])
def test_bad_options_are_refused(arguments, words):
    with pytest.raises(DeclarationError, match=words):
        GaussNewton(steps=1, **arguments)
    assert math.isfinite(GaussNewton(steps=1).damping)
