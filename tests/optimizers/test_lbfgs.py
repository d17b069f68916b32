"""Properties of L-BFGS."""

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pinr.errors import DeclarationError
from pinr.optimizers import LBFGS, AutogradObjective
from pinr.optimizers.objective import evaluate


def path(optimizer, objective, theta):
    """All states until the stage ends."""
    states = [optimizer.initial(theta)]
    while states[-1].stopped is None and states[-1].steps < optimizer.steps:
        states.append(optimizer.step(states[-1], objective, 0.0))
    return states


class Scaled:
    """An objective in other units."""

    def __init__(self, objective, factor):
        self.objective, self.factor = objective, factor

    def value_and_gradient(self, theta):
        loss, gradient = self.objective.value_and_gradient(theta)
        return loss * self.factor, gradient * self.factor


@pytest.mark.parametrize("history", [5, 50])
def test_it_solves_rosenbrock(history, rosenbrock, rosenbrock_start, minimise):
    state = minimise(LBFGS(steps=150, history=history), rosenbrock, rosenbrock_start)
    assert state.loss < 1e-10
    torch.testing.assert_close(state.theta, torch.ones_like(state.theta), rtol=0, atol=1e-5)


@pytest.mark.parametrize("n", [3, 10, 30])
@pytest.mark.parametrize("history", [1, 50])
def test_with_exact_line_searches_a_quadratic_ends_after_as_many_steps_as_dimensions(n, history, quadratic, minimise):
    # It then is the method of conjugate gradients, whatever the history (Nazareth 1979).
    optimizer = LBFGS(steps=n + 2, history=history, curvature=1e-3, gradient_tolerance=1e-6)
    state = minimise(optimizer, quadratic(n, condition=100), torch.ones(n, dtype=torch.float64))
    assert "gradient" in state.stopped
    assert state.evaluations <= 3 * state.steps


def test_a_step_costs_one_evaluation_as_a_rule(network_fit, minimise):
    state = minimise(LBFGS(steps=200), *network_fit)
    assert state.evaluations < 1.25 * state.steps


@pytest.mark.parametrize("curvature", [0.9, 0.1])
def test_every_accepted_step_meets_both_wolfe_conditions(curvature, network_fit):
    objective, theta = network_fit
    optimizer = LBFGS(steps=60, curvature=curvature)
    for before, after in pairwise(path(optimizer, objective, theta)):
        moved = after.theta - before.theta
        loss, gradient = evaluate(objective, before.theta)
        slope = float(gradient @ moved)
        assert slope < 0
        assert after.loss <= loss + optimizer.decrease * slope
        assert abs(float(after.gradient @ moved)) <= curvature * abs(slope) * (1 + 1e-9)


def test_the_state_carries_the_loss_and_gradient_of_its_parameters(network_fit):
    objective, theta = network_fit
    for state in path(LBFGS(steps=30), objective, theta)[1:]:
        loss, gradient = evaluate(objective, state.theta)
        assert state.loss == loss
        assert torch.equal(state.gradient, gradient)


def test_it_needs_no_more_evaluations_than_torch_lbfgs(network_fit):
    objective, start = network_fit
    goal = 1e-4
    ours = next(state for state in path(LBFGS(steps=3000), objective, start) if state.loss < goal)

    theta, evaluations, reached = start.clone().requires_grad_(), 0, math.inf
    peer = torch.optim.LBFGS(
        [theta],
        max_iter=5,
        history_size=50,
        line_search_fn="strong_wolfe",
        tolerance_grad=0,
        tolerance_change=0,
    )

    def closure():
        nonlocal evaluations, reached
        evaluations += 1
        peer.zero_grad()
        loss = objective.function(theta)
        loss.backward()
        reached = min(reached, float(loss.detach()))
        return loss

    while reached >= goal and evaluations < 10_000:
        peer.step(closure)
    assert ours.evaluations <= 1.5 * evaluations


@pytest.mark.parametrize("power", [-40, 40])
def test_the_path_does_not_depend_on_the_units_of_the_loss(power, network_fit):
    # Multiplication by a power of two is exact, so that not a single bit may differ.
    objective, theta = network_fit
    optimizer = LBFGS(steps=200)
    ours = path(optimizer, objective, theta)
    scaled = path(optimizer, Scaled(objective, 2.0**power), theta)
    assert len(ours) == len(scaled)
    assert torch.equal(ours[-1].theta, scaled[-1].theta)


def test_a_loss_times_a_trillion_takes_the_same_path_up_to_rounding(rosenbrock, rosenbrock_start):
    optimizer = LBFGS(steps=30)
    ours, scaled = (path(optimizer, Scaled(rosenbrock, factor), rosenbrock_start) for factor in (1.0, 1e12))
    torch.testing.assert_close(ours[-1].theta, scaled[-1].theta, rtol=1e-6, atol=1e-6)


def test_the_loss_falls_in_every_step(rosenbrock, rosenbrock_start):
    losses = [state.loss for state in path(LBFGS(steps=60), rosenbrock, rosenbrock_start)[1:]]
    assert all(after < before for before, after in pairwise(losses))


def test_a_trial_outside_the_domain_is_stepped_back_from(minimise):
    # ∑ θ − log θ is least at θ = 1 and not a number for θ < 0.
    objective = AutogradObjective(lambda theta: (theta - theta.log()).sum())
    state = minimise(LBFGS(steps=50), objective, torch.tensor([1e-3, 5.0, 40.0], dtype=torch.float64))
    torch.testing.assert_close(state.theta, torch.ones(3, dtype=torch.float64), rtol=1e-6, atol=0)


def test_it_stops_at_a_vanishing_gradient_without_a_step(quadratic, minimise):
    state = minimise(LBFGS(steps=10), quadratic(4, condition=2), torch.zeros(4, dtype=torch.float64))
    assert "gradient is below" in state.stopped
    assert (state.steps, state.evaluations) == (0, 1)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_it_stops_when_what_is_left_is_rounding(dtype, minimise):
    objective = AutogradObjective(lambda theta: 1 + (theta**2).sum() + (theta**4).sum())
    state = minimise(LBFGS(steps=1000, gradient_tolerance=0), objective, torch.ones(5, dtype=dtype))
    assert "rounding" in state.stopped or "gradient" in state.stopped
    assert state.steps < 50
    assert state.evaluations < 100
    assert state.theta.abs().max() < 10 * math.sqrt(torch.finfo(dtype).eps)


def test_a_wrong_gradient_stops_it(minimise):
    class Uphill:
        def value_and_gradient(self, theta):
            return theta @ theta, -2 * theta

    state = minimise(LBFGS(steps=10), Uphill(), torch.ones(4, dtype=torch.float64))
    assert "no step lowers the loss" in state.stopped
    assert state.evaluations <= 26
    assert torch.equal(state.theta, torch.ones(4, dtype=torch.float64))


def test_useless_pairs_give_way_to_steepest_descent(rosenbrock, rosenbrock_start):
    optimizer = LBFGS(steps=100)
    state = path(LBFGS(steps=10), rosenbrock, rosenbrock_start)[-1]
    kept = LBFGS.state_type.from_record(state.to_record())
    kept.pairs.products.fill_(math.nan)
    after = optimizer.step(kept, rosenbrock, 0.0)
    assert after.stopped is None
    assert after.loss < state.loss
    assert len(after.pairs.rows) == 1


def test_reset_forgets_the_pairs_and_evaluates_anew(quadratic, network_fit):
    objective, theta = network_fit
    optimizer = LBFGS(steps=20)
    state = path(optimizer, objective, theta)[-1]
    assert len(state.pairs.rows) == 20
    other = quadratic(theta.numel(), condition=10)
    after = optimizer.step(optimizer.reset(state), other, 0.0)
    assert len(after.pairs.rows) == 1
    assert after.loss < float(other.function(state.theta))
    assert after.steps == 21


@settings(deadline=None, max_examples=50)
@given(magnitude=st.floats(-150, 150), seed=st.integers(0, 100))
def test_a_quadratic_of_any_units_is_solved(magnitude, seed):
    generator = torch.Generator().manual_seed(seed)
    curvatures = 10**magnitude * (0.1 + torch.rand(4, generator=generator, dtype=torch.float64))
    optimizer = LBFGS(steps=40, gradient_tolerance=1e-6)
    objective = AutogradObjective(lambda theta: (curvatures * theta**2).sum())
    assert "gradient" in path(optimizer, objective, torch.ones(4, dtype=torch.float64))[-1].stopped


@pytest.mark.parametrize(
    "written",
    [
        {"history": 0},
        {"history": 2.0},
        {"gradient_tolerance": -1e-8},
        {"gradient_tolerance": 1},
        {"decrease": 0.7},
        {"curvature": 1.5},
        {"curvature": 1e-5},
        {"trials": 1},
    ],
    ids=str,
)
def test_a_bad_argument_is_named(written):
    ((name, value),) = written.items()
    with pytest.raises(DeclarationError) as error:
        LBFGS(steps=10, **written)
    assert f"LBFGS({name}={value!r})`: `{name}` must be" in str(error.value)
