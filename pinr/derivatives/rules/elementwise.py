"""Elementwise functions: one tower of derivatives each."""

from functools import partial
from typing import Any

import torch
from torch.nn import functional

from pinr.derivatives import towers
from pinr.derivatives.composition import compose
from pinr.derivatives.jet import Jet, MissingRuleError, rule_for
from pinr.derivatives.towers import Tower

TOWERS: dict[tuple[Any, ...], Tower] = {
    (torch.sin, torch.Tensor.sin): towers.sine,
    (torch.cos, torch.Tensor.cos): towers.cosine,
    (torch.tanh, torch.Tensor.tanh, functional.tanh): towers.hyperbolic_tangent,
    (torch.sigmoid, torch.Tensor.sigmoid, functional.sigmoid): towers.logistic,
    (torch.exp, torch.Tensor.exp): towers.exponential,
    (torch.log, torch.Tensor.log): towers.logarithm,
    (torch.sqrt, torch.Tensor.sqrt): towers.square_root,
    (torch.square, torch.Tensor.square): towers.square,
    (torch.reciprocal, torch.Tensor.reciprocal): towers.reciprocal,
    (torch.erf, torch.Tensor.erf, torch.special.erf): towers.error_function,
    (torch.abs, torch.Tensor.abs): towers.absolute,
}


def _register(functions: tuple[Any, ...], tower: Tower) -> None:
    @rule_for(*functions)
    def rule(jet: Jet) -> Jet:
        return apply(tower, jet)


def apply(tower: Tower, jet: Jet) -> Jet:
    """The elementwise function of a jet."""
    return jet.with_channels(compose(tower, jet.channels, jet.algebra, jet.weights))


for _functions, _tower in TOWERS.items():
    _register(_functions, _tower)


@rule_for(functional.relu, torch.relu, torch.Tensor.relu)
def relu(jet: Jet, inplace: bool = False) -> Jet:
    return apply(towers.rectifier, jet)


@rule_for(functional.gelu)
def gelu(jet: Jet, approximate: str = "none") -> Jet:
    if approximate != "none":
        message = "jets have no rule for the approximate GELU"
        raise MissingRuleError(message)
    return apply(towers.gelu, jet)


@rule_for(functional.softplus)
def softplus(jet: Jet, beta: float = 1.0, threshold: float = 20.0) -> Jet:
    return apply(_softplus(float(beta)), jet)


@rule_for(functional.silu)
def silu(jet: Jet, inplace: bool = False) -> Jet:
    return jet * torch.sigmoid(jet)


@rule_for(torch.pow, torch.Tensor.pow, torch.Tensor.__pow__)
def power(jet: Any, exponent: Any) -> Jet:
    if not isinstance(jet, Jet) or not isinstance(exponent, int | float):
        message = "jets have a rule for powers with a constant exponent only"
        raise MissingRuleError(message)
    return apply(_power(float(exponent)), jet)


def _softplus(sharpness: float) -> Tower:
    return partial(towers.softplus, sharpness=sharpness)


def _power(exponent: float) -> Tower:
    return partial(towers.power, exponent=exponent)
