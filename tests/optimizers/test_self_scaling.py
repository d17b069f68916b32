"""Members of Broyden's family, as matrices."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinr.optimizers.self_scaling import RULES, Member, bfgs, self_scaled_bfgs, self_scaled_broyden

every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
powers = st.floats(-6, 6)


def updated(H, s, y, member):
    """`H⁺` as the module defines it."""
    p, curvature = H @ y, s @ y
    v = s / curvature - p / (y @ p)
    kept = H - np.outer(p, p) / (y @ p) + member.mixing * (y @ p) * np.outer(v, v)
    return kept / member.scaling + np.outer(s, s) / curvature


def problem(seed, n, power):
    """A positive definite `H`, a step, and a change of the gradient that is positive along it."""
    rng = np.random.default_rng(seed)
    half, s, y = rng.normal(size=(n, n)), rng.normal(size=n), rng.normal(size=n)
    return half @ half.T + 0.1 * np.eye(n), s, (y if s @ y > 0 else -y) * 10.0**power


@every_rule
@given(seed=st.integers(0, 1000), n=st.integers(1, 8), power=powers)
def test_a_positive_definite_matrix_stays_so_and_meets_the_secant_equation(rule, seed, n, power):
    H, s, y = problem(seed, n, power)
    b, h = s @ np.linalg.solve(H, s) / (s @ y), y @ H @ y / (s @ y)
    member = rule(b, h, n)
    after = updated(H, s, y, member)
    terms = np.linalg.norm(after) + np.linalg.norm(H) / member.scaling  # what rounding is relative to
    assert np.linalg.norm(after @ y - s) < 1e-12 * terms * np.linalg.norm(y)
    assert np.linalg.eigvalsh(after).min() > -1e-9 * np.linalg.eigvalsh(after).max()


@every_rule
@given(b=powers, excess=powers, n=st.integers(2, 10_000))
def test_a_matrix_is_never_made_smaller_and_always_made_a_number(rule, b, excess, n):
    b = 10.0**b
    member = rule(b, (1 + 10.0**excess) / b, n)
    assert 0 < member.scaling <= 1
    assert math.isfinite(member.mixing)


@given(n=st.integers(2, 10_000), h=powers)
def test_a_matrix_that_is_right_along_the_step_is_not_scaled(n, h):
    # b = 1: the curvature that B predicts is the one found. θ = 0 is then BFGS.
    assert self_scaled_broyden(1.0, 1 + 10.0**h, n) == Member(scaling=1.0, mixing=1.0)


@given(b=powers, excess=powers, n=st.integers(2, 100))
def test_only_what_is_too_large_along_the_step_is_scaled_down_by_bfgs(b, excess, n):
    b = 10.0**b
    h = (1 + 10.0**excess) / b
    assert self_scaled_bfgs(b, h, n) == Member(scaling=min(1.0, 1 / b))
    assert bfgs(b, h, n) == Member()


def test_it_lies_between_bfgs_and_dfp_where_the_hessian_is_too_large():
    # 0 < θ < 1 for b in (1/2, 1): the convex class. Here 1/ρ > (1 − b)/b = 1/4 = θ, a = 7, φ = (3/4) / (1 + 7/4).
    member = self_scaled_broyden(0.8, 10.0, 3)
    assert member.mixing == pytest.approx(0.75 / 2.75)
    assert member.scaling == pytest.approx(2.75**-0.5)


def test_in_one_dimension_all_members_are_one():
    assert self_scaled_broyden(3.0, 1 / 3, 1) == Member()
