"""Linear layers and matrix products with constant matrices."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from pinr.derivatives.jet import AbstractJet, MissingRuleError, rule_for


@rule_for(functional.linear)
def linear(jet: Any, weight: Any, bias: Tensor | None = None) -> AbstractJet:
    if not isinstance(jet, AbstractJet) or isinstance(weight, AbstractJet):
        message = "jets have no rule for `linear` whose weights depend on the points"
        raise MissingRuleError(message)
    return jet.mapped(weight, bias)


@rule_for(torch.matmul, torch.mm, torch.Tensor.matmul, torch.Tensor.mm, torch.Tensor.__matmul__)
def product(jet: Any, matrix: Any) -> AbstractJet:
    if not isinstance(jet, AbstractJet) or not isinstance(matrix, Tensor) or matrix.dim() != 2:
        message = "jets have a rule for `jet @ matrix` with a constant matrix only"
        raise MissingRuleError(message)
    return jet.mapped(matrix.t(), None)


@rule_for(torch.addmm)
def affine_product(bias: Tensor, jet: Any, matrix: Tensor, *, beta: float = 1, alpha: float = 1) -> AbstractJet:
    if not isinstance(jet, AbstractJet) or beta != 1 or alpha != 1:
        message = "jets have a rule for plain `addmm(bias, jet, matrix)` only"
        raise MissingRuleError(message)
    return jet.mapped(matrix.t(), bias)
