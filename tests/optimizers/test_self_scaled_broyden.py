"""Properties of the dense quasi-Newton method."""

from itertools import pairwise

import pytest
import scipy.optimize
import torch

from pinr.errors import DeclarationError
from pinr.optimizers import LBFGS, AutogradObjective, SelfScaledBroyden
from pinr.optimizers.inverse_hessian import InverseHessian
from pinr.optimizers.objective import evaluate
from pinr.optimizers.self_scaled_broyden import SHORTEST, first_length
from pinr.optimizers.self_scaling import RULES

every_update = pytest.mark.parametrize("update", RULES)


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


@every_update
@pytest.mark.parametrize("n", [1, 3, 10, 30])
def test_with_exact_line_searches_a_quadratic_ends_after_as_many_steps_as_dimensions(update, n, quadratic, minimise):
    # Then all members of the family search the directions of conjugate gradients, however they are scaled
    # (Dixon 1972; Oren and Luenberger 1974).
    optimizer = SelfScaledBroyden(steps=n + 2, update=update, curvature=1e-3, gradient_tolerance=1e-6)
    state = minimise(optimizer, quadratic(n, condition=100), torch.ones(n, dtype=torch.float64))
    assert "gradient" in state.stopped
    assert state.evaluations <= 3 * state.steps + 1


def test_unscaled_it_keeps_the_matrix_of_scipys_bfgs(network_fit):
    objective, theta = network_fit
    states = path(SelfScaledBroyden(steps=60, update="bfgs"), objective, theta)
    peer = scipy.optimize.BFGS()
    peer.initialize(theta.numel(), "inv_hess")
    for before, after in pairwise(states[1:]):
        if before.steps == 1:  # the first pair starts at the first parameters
            peer.update((before.theta - theta).numpy(), (before.gradient - evaluate(objective, theta)[1]).numpy())
        peer.update((after.theta - before.theta).numpy(), (after.gradient - before.gradient).numpy())
        expected = torch.from_numpy(-peer.dot(after.gradient.numpy()))
        torch.testing.assert_close(after.direction, expected, rtol=1e-6, atol=1e-6 * float(expected.abs().max()))


@every_update
def test_it_solves_rosenbrock(update, rosenbrock, rosenbrock_start, minimise):
    state = minimise(SelfScaledBroyden(steps=150, update=update), rosenbrock, rosenbrock_start)
    assert state.loss < 1e-18
    torch.testing.assert_close(state.theta, torch.ones_like(state.theta), rtol=0, atol=1e-8)


def test_it_converges_faster_than_any_linear_rate(rosenbrock, rosenbrock_start):
    states = path(SelfScaledBroyden(steps=150), rosenbrock, rosenbrock_start)
    distances = [float((state.theta - 1).norm()) for state in states]
    near = next(k for k, distance in enumerate(distances) if distance < 0.5)
    there = next(k for k, distance in enumerate(distances) if distance < 1e-9)
    first, last = ((distances[k + 6] / distances[k]) ** (1 / 6) for k in (near, there - 6))
    assert last < 0.25 < 0.6 < first


def test_scaling_gains_digits_over_bfgs_and_over_a_short_memory(network_fit, minimise):
    objective, theta = network_fit
    scaled = minimise(SelfScaledBroyden(steps=400), objective, theta)
    plain = minimise(SelfScaledBroyden(steps=400, update="bfgs"), objective, theta)
    short = minimise(LBFGS(steps=400), objective, theta)
    assert 10 * scaled.loss < plain.loss
    assert 3 * scaled.loss < short.loss


def test_a_step_costs_one_evaluation_as_a_rule(network_fit, minimise):
    state = minimise(SelfScaledBroyden(steps=200), *network_fit)
    assert state.evaluations < 1.25 * state.steps


def test_the_first_length_promises_the_last_decrease_again_and_becomes_one():
    assert first_length(None, -1.0) == 1.0
    assert first_length(0.5 * 0.25, -1.0) == pytest.approx(
        0.25, rel=0.011
    )  # a parabola falls by half of slope × length
    assert first_length(0.5, -1.0) == 1.0
    assert first_length(1e-30, -1.0) == SHORTEST


def test_the_loss_falls_in_every_step_and_belongs_to_its_parameters(network_fit):
    objective, theta = network_fit
    states = path(SelfScaledBroyden(steps=60), objective, theta)[1:]
    assert all(after.loss < before.loss for before, after in pairwise(states))
    for state in states:
        loss, gradient = evaluate(objective, state.theta)
        assert state.loss == loss
        assert torch.equal(state.gradient, gradient)
        expected = -state.inverse_hessian.times(gradient)
        torch.testing.assert_close(state.direction, expected, rtol=1e-7, atol=1e-9 * float(expected.abs().max()))


@pytest.mark.parametrize("power", [-40, 40])
def test_the_path_does_not_depend_on_the_units_of_the_loss(power, network_fit):
    # Multiplication by a power of two is exact, so that not a single bit may differ.
    objective, theta = network_fit
    optimizer = SelfScaledBroyden(steps=100)
    ours = path(optimizer, objective, theta)
    scaled = path(optimizer, Scaled(objective, 2.0**power), theta)
    assert len(ours) == len(scaled)
    assert torch.equal(ours[-1].theta, scaled[-1].theta)


def test_new_points_keep_the_matrix_and_no_pair_spans_two_objectives(quadratic, network_fit):
    objective, theta = network_fit
    optimizer = SelfScaledBroyden(steps=50)
    state = path(optimizer, objective, theta)[-1]
    other = quadratic(theta.numel(), condition=10)
    reset = optimizer.reset(state)
    assert reset.inverse_hessian is state.inverse_hessian
    after = optimizer.step(reset, other, 0.0)
    first, second = (evaluate(other, t)[1] for t in (state.theta, after.theta))
    moved = after.theta - state.theta
    torch.testing.assert_close(after.inverse_hessian.times(second - first), moved, rtol=1e-6, atol=1e-9)
    assert reset.decrease is None
    searched = -state.inverse_hessian.times(first)
    assert float(moved @ searched) == pytest.approx(float(moved.norm() * searched.norm()), rel=1e-9)


def test_a_useless_matrix_gives_way_to_steepest_descent(rosenbrock, rosenbrock_start):
    optimizer = SelfScaledBroyden(steps=100)
    state = path(SelfScaledBroyden(steps=10), rosenbrock, rosenbrock_start)[-1]
    kept = SelfScaledBroyden.state_type.from_record(state.to_record())
    kept.direction.neg_()
    after = optimizer.step(kept, rosenbrock, 0.0)
    assert after.stopped is None
    assert after.loss < state.loss
    assert after.inverse_hessian.used == 1


def test_it_stops_when_what_is_left_is_rounding(minimise):
    objective = AutogradObjective(lambda theta: 1 + (theta**2).sum() + (theta**4).sum())
    optimizer = SelfScaledBroyden(steps=1000, gradient_tolerance=0)
    state = minimise(optimizer, objective, torch.ones(5, dtype=torch.float64))
    assert "rounding" in state.stopped or "gradient" in state.stopped
    assert state.steps < 50


@pytest.mark.parametrize("magnitude", [-100, 100])
def test_a_quadratic_of_any_units_is_solved(magnitude, minimise):
    curvatures = 10.0**magnitude * torch.tensor([0.1, 0.3, 0.5, 1.0], dtype=torch.float64)
    objective = AutogradObjective(lambda theta: (curvatures * theta**2).sum())
    optimizer = SelfScaledBroyden(steps=40, gradient_tolerance=1e-6)
    assert "gradient" in minimise(optimizer, objective, torch.ones(4, dtype=torch.float64)).stopped


def test_a_matrix_that_would_not_fit_is_refused_with_its_size():
    with pytest.raises(DeclarationError, match=r"50,000 weights .* 10 GB.*LBFGS.*most_weights=50000"):
        SelfScaledBroyden(steps=1).initial(torch.zeros(50_000))
    assert SelfScaledBroyden(steps=1, most_weights=50_000).initial(torch.zeros(50_000)).inverse_hessian.matrix is None


def test_a_step_that_teaches_nothing_leaves_the_matrix(minimise):
    # A plane has no curvature: y = 0.
    objective = AutogradObjective(lambda theta: theta.sum())
    state = minimise(SelfScaledBroyden(steps=1), objective, torch.ones(3, dtype=torch.float64))
    assert state.steps == 1
    assert state.inverse_hessian.factor is None
    assert isinstance(state.inverse_hessian, InverseHessian)


@pytest.mark.parametrize(
    "written",
    [{"update": "dfp"}, {"update": 1}, {"most_weights": 0}, {"curvature": 1.5}, {"decrease": 0.7}, {"trials": 1}],
    ids=str,
)
def test_a_bad_argument_is_named(written):
    ((name, value),) = written.items()
    with pytest.raises(DeclarationError) as error:
        SelfScaledBroyden(steps=10, **written)
    assert f"SelfScaledBroyden({name}={value!r})`: `{name}` must be" in str(error.value)
