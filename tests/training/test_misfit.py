"""What is left of measurements is told from noise."""

import numpy as np
import pytest
import torch

from pinr import Box, Eq, Measurements, Problem, Siren, compile_problem, coordinates, laplacian, on, unknown
from pinr.training.autopilot.misfit import Misfit
from pinr.training.autopilot.watch import Watch

x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box(x=(0, 1), y=(0, 1))


def misfit_of(values, places):
    """The misfit of `u = 0` against values at places, with its arguments."""
    probes = Measurements(x=places[0], y=places[1], u=values, name="probes")
    problem = Problem(on(square, Eq(laplacian(u), 0), points=50), on(probes, Eq(u, probes["u"]), name="probes"))
    program = compile_problem(problem, Siren(4, 2), dtype="float64")
    zero = {name: torch.zeros_like(p) for name, p in program.initial(0).items()}
    return Misfit(program), zero, {"probes": 2.0}


@pytest.mark.parametrize("seed", range(5))
def test_independent_values_are_noise_and_those_of_a_function_are_not(seed):
    random = np.random.default_rng(seed)
    places, noise = random.uniform(0, 1, (2, 200)), random.standard_normal(200)
    misfit, zero, weights = misfit_of(noise, places)
    assert misfit.is_noise(zero, weights, 0.0)
    for lacking in (places[0] - 0.5, np.sin(8 * places[0]) * np.cos(5 * places[1]), 0.7 * noise + places[1]):
        misfit, zero, weights = misfit_of(lacking, places)
        assert not misfit.is_noise(zero, weights, 0.0)


def test_values_that_go_against_their_neighbours_are_noise_that_is_being_fitted():
    places = np.meshgrid(np.arange(12.0), np.arange(12.0))
    alternating = (-1.0) ** sum(places)
    misfit, zero, weights = misfit_of(alternating.ravel(), [axis.ravel() for axis in places])
    assert misfit.is_noise(zero, weights, 0.0)


def test_measurements_that_are_not_what_makes_the_loss_say_nothing():
    random = np.random.default_rng(1)
    misfit, zero, weights = misfit_of(random.standard_normal(100), random.uniform(0, 1, (2, 100)))
    scale = misfit.program.scales["probes"]
    points, _ = misfit.sets["probes"]
    loss = 2.0 * float((points.columns[0] / scale).square().mean())
    assert misfit.is_noise(zero, weights, 0.99 * loss) and not misfit.is_noise(zero, weights, 1.01 * loss)


@pytest.mark.parametrize("count", [20, 4000])
def test_few_measurements_tell_nothing_and_many_are_a_signal(count):
    random = np.random.default_rng(1)
    misfit, zero, weights = misfit_of(random.standard_normal(count), random.uniform(0, 1, (2, count)))
    assert not misfit.sets and not misfit.is_noise(zero, weights, 0.0)


@pytest.mark.parametrize(("fall", "ends"), [(0.98, True), (0.8, False)])
@pytest.mark.parametrize("grows", [True, False])
def test_a_run_that_has_stalled_over_noise_is_done(fall, ends, grows):
    watch = Watch(grows=grows)
    reasons = [watch.reason(float(t), 1e-3 * fall**t, torch.ones(1, 3), lambda: True) for t in range(25)]
    assert any(reasons) is ends and (watch.end is not None) is ends
    if ends:
        assert "noise" in watch.end
