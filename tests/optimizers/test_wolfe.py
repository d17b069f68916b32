"""The line search, on functions of one number that are known to be hard."""

import math

import pytest
import torch

from pinr.optimizers.trial import Trial
from pinr.optimizers.wolfe import WolfeConditions, strong_wolfe


def line_of(function):
    """A line search's line from `f(t)`, with its slope by autograd."""

    def line(length):
        t = torch.tensor(length, dtype=torch.float64, requires_grad=True)
        loss = function(t)
        (slope,) = torch.autograd.grad(loss, t)
        return Trial(length, float(loss.detach()), float(slope), t.detach()[None], slope[None])

    return line


def rational(t):
    """`−t / (t² + 2)`: falls, then rises slowly for ever (Moré and Thuente 1994, eq. 5.1)."""
    return -t / (t**2 + 2)


def steep_valley(t):
    """`(t + β)⁵ − 2 (t + β)⁴` with `β = 0.05`: nearly flat at the start (Moré and Thuente 1994, eq. 5.2)."""
    return (t + 0.05) ** 5 - 2 * (t + 0.05) ** 4


def wavy(t):
    """A parabola with waves, and slopes of both signs everywhere."""
    return (t - 2) ** 2 - 0.1 * torch.sin(20 * t)


def wall(t):
    """`−log(1 − t) − 3 t`: not a number beyond 1."""
    return -torch.log(1 - t) - 3 * t


@pytest.mark.parametrize("function", [rational, steep_valley, wavy, wall])
@pytest.mark.parametrize("first_length", [1e-3, 1e-1, 1.0, 1e1, 1e3])
@pytest.mark.parametrize("curvature", [0.9, 0.1])
def test_both_conditions_hold_from_any_first_length(function, first_length, curvature):
    conditions = WolfeConditions(decrease=1e-4, curvature=curvature, trials=25, resolution=2.2e-16)
    line = line_of(function)
    start = line(0.0)
    assert start.slope < 0
    search = strong_wolfe(line, start, first_length, conditions)
    assert conditions.has_decrease(start, search.accepted)
    assert conditions.has_curvature(start, search.accepted)
    assert search.evaluations <= 15


@pytest.mark.parametrize("trials", [2, 7, 25])
def test_a_line_without_a_minimum_is_followed_to_the_last_trial(trials):
    conditions = WolfeConditions(decrease=1e-4, curvature=0.9, trials=trials, resolution=2.2e-16)
    line = line_of(lambda t: -t)
    search = strong_wolfe(line, line(0.0), 1.0, conditions)
    assert search.evaluations == trials
    assert search.accepted.length > 1.0


def test_no_step_is_accepted_where_the_slope_is_a_lie():
    conditions = WolfeConditions(decrease=1e-4, curvature=0.9, trials=25, resolution=2.2e-16)

    def line(t):
        return Trial(t, 1 + t, -1.0, torch.zeros(1), torch.zeros(1))

    search = strong_wolfe(line, line(0.0), 1.0, conditions)
    assert search.accepted is None
    assert search.evaluations <= 25


def test_only_non_finite_trials_are_reported():
    conditions = WolfeConditions(decrease=1e-4, curvature=0.9, trials=25, resolution=2.2e-16)

    def line(t):
        return Trial(t, 1.0 if t == 0 else math.nan, -1.0, torch.zeros(1), torch.zeros(1))

    search = strong_wolfe(line, line(0.0), 1.0, conditions)
    assert search.accepted is None
    assert search.met_non_finite
