"""How budgets turn into progress, and progress into rates."""

import pytest

from pinr.optimizers import Adam, elapsed_fraction
from pinr.optimizers.schedule import FINAL_FRACTION, SCHEDULES, warmup_factor


@pytest.mark.parametrize(
    ("budget", "fraction"),
    [({"steps": 100}, 0.25), ({"seconds": 20}, 0.5), ({"steps": 100, "seconds": 20}, 0.5), ({"steps": 10}, 1.0)],
)
def test_the_elapsed_fraction_is_that_of_the_budget_spent_most(budget, fraction):
    assert elapsed_fraction(Adam(**budget), steps=25, seconds=10.0) == fraction


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES.keys())
def test_schedules_begin_at_the_full_rate_and_never_rise(schedule):
    factors = [schedule(i / 50) for i in range(51)]
    assert factors[0] == 1.0
    assert factors == sorted(factors, reverse=True)
    assert factors[-1] > 0


def test_the_cosine_ends_at_the_final_fraction():
    assert SCHEDULES["cosine"](1.0) == pytest.approx(FINAL_FRACTION)


def test_warmup_ends_after_its_length():
    assert [warmup_factor(step, length=4) for step in range(6)] == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    assert warmup_factor(0, length=0) == 1.0
