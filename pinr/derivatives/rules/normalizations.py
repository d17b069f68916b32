"""Normalisations along the axes behind the points: they do not couple points.

Exact at every order, where autograd through torch's own kernel is wrong from the third derivative on, the gradient of a
Laplacian included (https://github.com/pytorch/pytorch/issues/175754).
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from pinr.derivatives.jet import AbstractJet, MissingRuleError, rule_for


@rule_for(functional.layer_norm, torch.layer_norm)
def layer_norm(
    jet: Any,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    *options: Any,
) -> AbstractJet:
    axes = _last_axes(jet, normalized_shape)
    centered = jet - jet.mean(axes, keepdim=True)
    variance = torch.square(centered).mean(axes, keepdim=True)
    return _affine(centered * torch.rsqrt(variance + eps), weight, bias)


@rule_for(functional.rms_norm, torch.rms_norm)
def rms_norm(
    jet: Any, normalized_shape: Sequence[int], weight: Tensor | None = None, eps: float | None = None
) -> AbstractJet:
    mean_square = torch.square(jet).mean(_last_axes(jet, normalized_shape), keepdim=True)
    return _affine(jet * torch.rsqrt(mean_square + (torch.finfo(jet.dtype).eps if eps is None else eps)), weight, None)


@rule_for(functional.softmax, torch.softmax, torch.Tensor.softmax)
def softmax(jet: Any, dim: int | None = None, _stacklevel: int = 3, dtype: torch.dtype | None = None) -> AbstractJet:
    if dim is None or dtype is not None:
        message = "jets have a rule for `softmax` along a named axis, in the type of its argument, only"
        raise MissingRuleError(message)
    largest = jet.channels[0].detach().amax(dim, keepdim=True)  # a constant, which cancels; keeps exp from overflowing
    powers: Any = torch.exp(jet - largest)
    return powers / powers.sum(dim, keepdim=True)


def _last_axes(jet: Any, normalized_shape: Sequence[int]) -> tuple[int, ...]:
    if not isinstance(jet, AbstractJet):
        message = "jets have no rule for a normalisation whose weights depend on the points"
        raise MissingRuleError(message)
    return tuple(range(-len(normalized_shape), 0))


def _affine(jet: AbstractJet, weight: Tensor | None, bias: Tensor | None) -> AbstractJet:
    jet = jet if weight is None else jet * weight
    return jet if bias is None else jet + bias
