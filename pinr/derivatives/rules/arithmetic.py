"""Sums, differences, products and quotients of jets and constants."""

from typing import Any

import torch
from torch import Tensor

from pinr.derivatives import towers
from pinr.derivatives.jet import AbstractJet, MissingRuleError, rule_for


@rule_for(torch.add, torch.Tensor.add, torch.Tensor.__add__, torch.Tensor.__radd__)
def add(first: Any, second: Any, *, alpha: float = 1.0) -> AbstractJet:
    if isinstance(first, AbstractJet) and isinstance(second, AbstractJet):
        _check_ranks(first, second)
        return first.plus(second, alpha)
    if isinstance(first, AbstractJet):
        return _shift(first, second * alpha if alpha != 1.0 else second)
    return _shift(second * alpha if alpha != 1.0 else second, first)


@rule_for(torch.sub, torch.subtract, torch.Tensor.sub, torch.Tensor.__sub__)
def subtract(first: Any, second: Any, *, alpha: float = 1.0) -> AbstractJet:
    return add(first, second, alpha=-alpha)


@rule_for(torch.rsub, torch.Tensor.__rsub__)
def reversed_subtract(first: Any, second: Any) -> AbstractJet:
    return add(second, first, alpha=-1.0)


@rule_for(torch.neg, torch.Tensor.neg, torch.Tensor.__neg__, torch.negative)
def negative(jet: AbstractJet) -> AbstractJet:
    return jet.scaled(-1.0)


@rule_for(torch.mul, torch.multiply, torch.Tensor.mul, torch.Tensor.__mul__, torch.Tensor.__rmul__)
def times(first: Any, second: Any) -> AbstractJet:
    if isinstance(first, AbstractJet) and isinstance(second, AbstractJet):
        _check_ranks(first, second)
        return first.times(second)
    jet, factor = (first, second) if isinstance(first, AbstractJet) else (second, first)
    _check_constant(jet, factor)
    return jet.scaled(factor)


@rule_for(torch.div, torch.divide, torch.true_divide, torch.Tensor.div, torch.Tensor.__truediv__)
def divide(first: Any, second: Any) -> AbstractJet:
    if isinstance(second, AbstractJet):
        return times(first, second.composed(towers.power(-1.0)))
    return times(first, 1.0 / second)


@rule_for(torch.Tensor.__rtruediv__)
def reversed_divide(first: Any, second: Any) -> AbstractJet:
    return divide(second, first)


def _shift(jet: AbstractJet, constant: Any) -> AbstractJet:
    """A constant is added to the value alone."""
    _check_constant(jet, constant)
    return jet.shifted(constant)


def _check_ranks(first: AbstractJet, second: AbstractJet) -> None:
    if first.ndim != second.ndim:
        message = f"jets of {first.ndim} and {second.ndim} axes cannot be combined"
        raise MissingRuleError(message)


def _check_constant(jet: AbstractJet, constant: Any) -> None:
    if isinstance(constant, Tensor) and constant.dim() > jet.ndim:
        message = "a tensor of more axes than the jet cannot be combined with it"
        raise MissingRuleError(message)
