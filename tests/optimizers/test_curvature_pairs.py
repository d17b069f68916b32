"""The limited-memory inverse Hessian."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pinr.optimizers.curvature_pairs import CurvaturePairs

N = 7


def random_pairs(count, seed):
    """Steps and gradient changes of a random convex quadratic."""
    generator = torch.Generator().manual_seed(seed)
    root = torch.randn(N, N, generator=generator, dtype=torch.float64)
    steps = torch.randn(count, N, generator=generator, dtype=torch.float64)
    return [(s, root @ (root.T @ s) + s) for s in steps]


def two_loops(pairs, g):
    """`H g` as in Nocedal and Wright, algorithm 7.4, line by line."""
    q, alphas = g.clone(), []
    for s, y in reversed(pairs):
        alphas.append((s @ q) / (s @ y))
        q -= alphas[-1] * y
    s, y = pairs[-1]
    r = (s @ y) / (y @ y) * q
    for (s, y), alpha in zip(pairs, reversed(alphas), strict=True):
        r += s * (alpha - (y @ r) / (s @ y))
    return r


@settings(deadline=None, max_examples=50)
@given(history=st.integers(1, 6), count=st.integers(1, 15), dropped=st.integers(0, 14), seed=st.integers(0, 1000))
def test_the_product_is_that_of_the_two_loop_recursion(history, count, dropped, seed):
    pairs, all_pairs = CurvaturePairs.empty(torch.zeros(N, dtype=torch.float64), history), random_pairs(count, seed)
    kept = []
    for i, (s, y) in enumerate(all_pairs):
        pairs, kept = pairs.with_pair(s, y), [*kept, (s, y)][-history:]
        if i == dropped < count - 1:
            pairs, kept = pairs.without_pairs(), []
    g = torch.ones(N, dtype=torch.float64)
    torch.testing.assert_close(pairs.inverse_hessian_times(g), two_loops(kept, g), rtol=1e-7, atol=1e-9)


@settings(deadline=None, max_examples=50)
@given(history=st.integers(1, 6), count=st.integers(1, 9), seed=st.integers(0, 1000))
def test_the_newest_pair_is_reproduced(history, count, seed):
    pairs = CurvaturePairs.empty(torch.zeros(N, dtype=torch.float64), history)
    for s, y in random_pairs(count, seed):
        pairs = pairs.with_pair(s, y)
        torch.testing.assert_close(pairs.inverse_hessian_times(y), s, rtol=1e-6, atol=1e-8)


@settings(deadline=None, max_examples=50)
@given(history=st.integers(1, 4), seed=st.integers(0, 1000))
def test_adding_a_pair_leaves_its_predecessor_valid(history, seed):
    g = torch.ones(N, dtype=torch.float64)
    pairs = CurvaturePairs.empty(g, history)
    for i, (s, y) in enumerate(random_pairs(10, seed)):
        before = pairs.inverse_hessian_times(g)
        after = (pairs.without_pairs() if i == 5 else pairs).with_pair(s, y)
        assert torch.equal(pairs.inverse_hessian_times(g), before)
        pairs = after


def test_a_pair_without_positive_curvature_is_left_out():
    s = torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64)
    pairs = CurvaturePairs.empty(s, 5)
    for y in ([-1.0, 2.0, 0.0], [0.0, 1.0, 0.0], [1e-17, 1.0, 0.0], [0.0, 0.0, 0.0]):
        assert pairs.with_pair(s, torch.tensor(y, dtype=torch.float64)) is pairs
    assert pairs.with_pair(s, s).rows == (0,)
