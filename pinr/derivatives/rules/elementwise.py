"""Elementwise functions: one tower of derivatives each."""

from typing import Any

import torch
from torch.nn import functional

from pinr.derivatives import towers
from pinr.derivatives.jet import AbstractJet, MissingRuleError, rule_for
from pinr.derivatives.rules.arithmetic import negative
from pinr.derivatives.towers import Tower

# λ and α of Klambauer et al., Self-Normalizing Neural Networks, NIPS 2017, with torch's digits
SELU_SCALE = 1.0507009873554804934193349852946
SELU_ALPHA = 1.6732632423543772848170429916717

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
    (torch.rsqrt, torch.Tensor.rsqrt): towers.power(-0.5),
    (torch.sinh, torch.Tensor.sinh): towers.hyperbolic_sine,
    (torch.cosh, torch.Tensor.cosh): towers.hyperbolic_cosine,
    (torch.tan, torch.Tensor.tan): towers.tangent,
    (torch.atan, torch.arctan, torch.Tensor.atan, torch.Tensor.arctan): towers.arctangent,
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
def silu(jet: Any, inplace: bool = False) -> AbstractJet:
    return jet * torch.sigmoid(jet)


@rule_for(functional.mish)
def mish(jet: Any, inplace: bool = False) -> AbstractJet:
    return jet * torch.tanh(functional.softplus(jet))


@rule_for(functional.softsign)
def softsign(jet: Any) -> AbstractJet:
    return jet / (torch.abs(jet) + 1.0)


@rule_for(functional.logsigmoid)
def logarithm_of_sigmoid(jet: AbstractJet) -> AbstractJet:
    return negative(softplus(negative(jet)))


@rule_for(functional.leaky_relu)
def leaky_relu(jet: AbstractJet, negative_slope: float = 0.01, inplace: bool = False) -> AbstractJet:
    return jet.composed(towers.leaky_rectifier(float(negative_slope)))


@rule_for(functional.elu)
def elu(jet: AbstractJet, alpha: float = 1.0, inplace: bool = False) -> AbstractJet:
    return jet.composed(towers.exponential_unit(float(alpha), 1.0, 1.0))


@rule_for(functional.celu, torch.celu)
def celu(jet: AbstractJet, alpha: float = 1.0, inplace: bool = False) -> AbstractJet:
    return jet.composed(towers.exponential_unit(float(alpha), 1.0 / float(alpha), 1.0))


@rule_for(functional.selu, torch.selu)
def selu(jet: AbstractJet, inplace: bool = False) -> AbstractJet:
    return jet.composed(towers.exponential_unit(SELU_SCALE * SELU_ALPHA, 1.0, SELU_SCALE))


@rule_for(torch.clamp, torch.clip, torch.Tensor.clamp, torch.Tensor.clip)
def clamp(jet: AbstractJet, min: Any = None, max: Any = None) -> AbstractJet:
    if not all(bound is None or isinstance(bound, int | float) for bound in (min, max)):
        message = "jets have a rule for `clamp` between numbers only"
        raise MissingRuleError(message)
    return jet.composed(towers.clamped(min, max))


@rule_for(torch.pow, torch.Tensor.pow, torch.Tensor.__pow__)
def power(jet: Any, exponent: Any) -> AbstractJet:
    if not isinstance(jet, AbstractJet) or not isinstance(exponent, int | float):
        message = "jets have a rule for powers with a constant exponent only"
        raise MissingRuleError(message)
    return jet.composed(towers.power(float(exponent)))
