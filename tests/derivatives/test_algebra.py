"""The tables of the algebra against closed forms."""

import math

import pytest
import torch

from pinr.derivatives.algebra import algebra_of, bell_polynomial
from pinr.derivatives.engines.jets import Jets
from pinr.derivatives.jet import MissingRuleError
from pinr.derivatives.request import Group, Request
from pinr.errors import CompilationError


@pytest.mark.parametrize("order", range(1, 7))
def test_bell_polynomials_sum_to_bell_numbers(order):
    bell = [1, 1, 2, 5, 15, 52, 203]
    total = sum(sum(bell_polynomial((order,), r).values()) for r in range(order + 1))
    assert total == bell[order]


@pytest.mark.parametrize("order", range(1, 7))
def test_derivatives_of_a_composition_up_to_order_six(order):
    """exp(x²) has derivatives H(x) exp(x²) with Hermite-like polynomials."""
    points = torch.tensor([[0.3], [-1.1]], dtype=torch.float64)
    found = Jets().derivatives(lambda p: torch.exp(p * p), points, Request(1, ((order,),)))[0, :, 0]
    x = points[:, 0]
    terms = sum(
        math.factorial(order) / (math.factorial(m) * math.factorial(order - 2 * m)) * (2 * x) ** (order - 2 * m)
        for m in range(order // 2 + 1)
    )
    assert torch.allclose(found, terms * torch.exp(x * x), rtol=1e-12)


def test_a_group_costs_one_channel_and_needs_only_the_derivatives_below_it():
    laplacian = Group(tuple(tuple(2 * (i == j) for i in range(10)) for j in range(10)), (1.0,) * 10)
    assert Request(10, ((0,) * 10,), (laplacian,)).size == 1 + 10 + 1
    heat = Group(((2, 0), (0, 1)), (-1.0, 1.0))
    assert Request(2, ((0, 0),), (heat,)).channels == ((0, 0), (1, 0))


def test_the_algebra_is_made_once_per_request():
    request = Request(2, ((1, 1),))
    assert algebra_of(request) is algebra_of(Request(2, ((1, 1),)))


@pytest.mark.parametrize(
    "function",
    [lambda p: p.cumsum(1), lambda p: p[0], lambda p: torch.linalg.norm(p, dim=1, keepdim=True), lambda p: p.sum(0)],
)
def test_a_function_without_a_rule_is_reported(function):
    with pytest.raises(MissingRuleError):
        Jets().derivatives(function, torch.ones(3, 2), Request(2, ((1, 0),)))


def test_ill_formed_requests_are_refused():
    with pytest.raises(CompilationError, match="2 inputs"):
        Request(2, ((1, 0, 0),))
    with pytest.raises(CompilationError, match="value itself"):
        Group(((0, 0),), (1.0,))
