"""The minimum of a cubic from two values and two slopes."""

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pinr.optimizers.cubic_interpolation import cubic_minimum
from pinr.optimizers.trial import Trial

NOWHERE = torch.zeros(1)


def on_cubic(x, *, third, minimum, second, scale=1.0):
    """`f(x) = ½ a (x − m)² + ⅙ b (x − m)³`, which is least at `m` for positive `a`."""
    h = x - minimum
    return Trial(
        x,
        scale * (second * h**2 / 2 + third * h**3 / 6),
        scale * (second * h + third * h**2 / 2),
        NOWHERE,
        NOWHERE,
    )


@settings(deadline=None, max_examples=50)
@given(
    minimum=st.floats(-2, 2),
    second=st.floats(0.1, 10),
    third=st.floats(-5, 5),
    exponent=st.floats(-200, 200),
    reverse=st.booleans(),
)
def test_the_minimum_of_a_cubic_is_found_exactly(minimum, second, third, exponent, reverse):
    assume(abs(second) > 0.1 * abs(third))
    cubic = {"minimum": minimum, "second": second, "third": third, "scale": 10**exponent}
    a, b = on_cubic(0.0, **cubic), on_cubic(1.0, **cubic)
    x = cubic_minimum(b, a) if reverse else cubic_minimum(a, b)
    assert x == pytest.approx(minimum, rel=1e-5, abs=1e-5)


def test_a_straight_line_or_a_single_point_has_no_minimum():
    a, b = Trial(0.0, 1.0, -1.0, NOWHERE, NOWHERE), Trial(1.0, 0.0, -1.0, NOWHERE, NOWHERE)
    assert cubic_minimum(a, b) is None
    assert cubic_minimum(a, a) is None
