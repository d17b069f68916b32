"""Elementwise functions: one tower of derivatives each."""

from typing import Any

import torch
from torch.nn import functional

from pinr.derivatives import towers
from pinr.derivatives.jet import AbstractJet, MissingRuleError, rule_for
from pinr.derivatives.towers import Tower

TOWERS: dict[tuple[Any, ...], Tower] = {
    (torch.sin, torch.Tensor.sin): towers.sine,
    (torch.cos, torch.Tensor.cos): towers.cosine,
    (torch.tanh, torch.Tensor.tanh, functional.tanh): towers.hyperbolic_tangent,
    (torch.sigmoid, torch.Tensor.sigmoid, functional.sigmoid): towers.logistic,
    (torch.exp, torch.Tensor.exp): towers.exponential,
    (torch.log, torch.Tensor.log): towers.logarithm,
    (torch.sqrt, torch.Tensor.sqrt): towers.power(0.5),
    (torch.square, torch.Tensor.square): towers.power(2.0),
    (torch.reciprocal, torch.Tensor.reciprocal): towers.power(-1.0),
    (torch.erf, torch.Tensor.erf, torch.special.erf): towers.error_function,
    (torch.abs, torch.Tensor.abs): towers.absolute,
}


def _register(functions: tuple[Any, ...], tower: Tower) -> None:
    @rule_for(*functions)
    def rule(jet: AbstractJet) -> AbstractJet:
        return jet.composed(tower)


for _functions, _tower in TOWERS.items():
    _register(_functions, _tower)


@rule_for(functional.relu, torch.relu, torch.Tensor.relu)
def relu(jet: AbstractJet, inplace: bool = False) -> AbstractJet:
    return jet.composed(towers.rectifier)


@rule_for(functional.gelu)
def gelu(jet: AbstractJet, approximate: str = "none") -> AbstractJet:
    if approximate != "none":
        message = "jets have no rule for the approximate GELU"
        raise MissingRuleError(message)
    return jet.composed(towers.gelu)


@rule_for(functional.softplus)
def softplus(jet: AbstractJet, beta: float = 1.0, threshold: float = 20.0) -> AbstractJet:
    return jet.composed(towers.softplus(float(beta)))


@rule_for(functional.silu)
def silu(jet: AbstractJet, inplace: bool = False) -> AbstractJet:
    return jet * torch.sigmoid(jet)


@rule_for(torch.pow, torch.Tensor.pow, torch.Tensor.__pow__)
def power(jet: Any, exponent: Any) -> AbstractJet:
    if not isinstance(jet, AbstractJet) or not isinstance(exponent, int | float):
        message = "jets have a rule for powers with a constant exponent only"
        raise MissingRuleError(message)
    return jet.composed(towers.power(float(exponent)))
