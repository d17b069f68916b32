"""An affine map of a jet: one matrix product over all channels, the bias on the value alone."""

from typing import Any

import torch
from torch import Tensor


def affine(channels: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """`W y_c` for every channel, plus `b`, if given, for the first; channels `(k, N, in)` to `(k, N, out)`."""
    return _Affine.apply(channels, weight, bias)


class _Affine(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, channels: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        context.save_for_backward(channels, weight)
        out = torch.matmul(channels, weight.t())
        if bias is not None:
            out[0].add_(bias)
        return out

    @staticmethod
    def backward(context: Any, cotangent: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        channels, weight = context.saved_tensors
        for_channels, for_weight, for_bias = context.needs_input_grad
        rows = cotangent.reshape(-1, cotangent.shape[-1])
        return (
            torch.matmul(cotangent, weight) if for_channels else None,
            rows.t() @ channels.reshape(-1, channels.shape[-1]) if for_weight else None,
            cotangent[0].reshape(-1, cotangent.shape[-1]).sum(0) if for_bias else None,
        )
