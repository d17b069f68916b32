"""Joining, cutting and reshaping along the axes behind the points; the axis of points stays first."""

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn import functional

from pinr.derivatives.jet import AbstractJet, MissingRuleError, rule_for


@rule_for(torch.cat, torch.concat, torch.concatenate)
def concatenate(parts: Sequence[Any], dim: int = 0) -> AbstractJet:
    jet = next(p for p in parts if isinstance(p, AbstractJet))
    _check_axis(jet, dim)
    return jet.joined(parts, dim)


@rule_for(torch.stack)
def stack(parts: Sequence[Any], dim: int = 0) -> AbstractJet:
    jet = next(p for p in parts if isinstance(p, AbstractJet))
    return jet.with_channels(torch.stack([jet.lifted(p) for p in parts], dim=_axis(jet, dim)))


@rule_for(torch.Tensor.__getitem__)
def select(jet: AbstractJet, index: Any) -> AbstractJet:
    index = index if isinstance(index, tuple) else (index,)
    if any(isinstance(i, AbstractJet) for i in index):
        message = "jets cannot be indices"
        raise MissingRuleError(message)
    if index and index[0] is Ellipsis:
        if sum(i is not None for i in index) - 1 >= jet.ndim:
            message = "the axis of points of a jet cannot be indexed"
            raise MissingRuleError(message)
        return jet.with_channels(jet.channels[index])
    if not index or index[0] != slice(None):
        message = "the axis of points of a jet cannot be indexed"
        raise MissingRuleError(message)
    return jet.with_channels(jet.channels[(slice(None), *index)])


@rule_for(torch.split, torch.Tensor.split)
def split(jet: AbstractJet, sizes: Any, dim: int = 0) -> tuple[AbstractJet, ...]:
    return tuple(jet.with_channels(c) for c in torch.split(jet.channels, sizes, dim=_axis(jet, dim)))


@rule_for(torch.chunk, torch.Tensor.chunk)
def chunk(jet: AbstractJet, chunks: int, dim: int = 0) -> tuple[AbstractJet, ...]:
    return tuple(jet.with_channels(c) for c in torch.chunk(jet.channels, chunks, dim=_axis(jet, dim)))


@rule_for(torch.unbind, torch.Tensor.unbind)
def unbind(jet: AbstractJet, dim: int = 0) -> tuple[AbstractJet, ...]:
    return tuple(jet.with_channels(c) for c in torch.unbind(jet.channels, dim=_axis(jet, dim)))


@rule_for(torch.unsqueeze, torch.Tensor.unsqueeze)
def unsqueeze(jet: AbstractJet, dim: int) -> AbstractJet:
    return jet.with_channels(jet.channels.unsqueeze(_axis(jet, dim)))


@rule_for(torch.squeeze, torch.Tensor.squeeze)
def squeeze(jet: AbstractJet, dim: int | None = None) -> AbstractJet:
    if dim is None:
        message = "jets have a rule for `squeeze` with a named axis only"
        raise MissingRuleError(message)
    return jet.with_channels(jet.channels.squeeze(_axis(jet, dim)))


@rule_for(torch.reshape, torch.Tensor.reshape, torch.Tensor.view)
def reshape(jet: AbstractJet, *shape: Any) -> AbstractJet:
    wanted = tuple(shape[0]) if len(shape) == 1 and not isinstance(shape[0], int) else shape
    if not wanted or wanted[0] not in (-1, jet.shape[0]) or (wanted[0] == -1 and jet.shape[0] == 0):
        message = "the axis of points of a jet must stay first"
        raise MissingRuleError(message)
    return jet.with_channels(jet.channels.reshape(jet.channels.shape[0], jet.shape[0], *wanted[1:]))


@rule_for(torch.flatten, torch.Tensor.flatten)
def flatten(jet: AbstractJet, start_dim: int = 0, end_dim: int = -1) -> AbstractJet:
    return jet.with_channels(
        jet.channels.flatten(_axis(jet, start_dim), _axis(jet, end_dim) if end_dim >= 0 else end_dim)
    )


@rule_for(torch.permute, torch.Tensor.permute)
def permute(jet: AbstractJet, *dims: Any) -> AbstractJet:
    order = tuple(dims[0]) if len(dims) == 1 and not isinstance(dims[0], int) else dims
    order = tuple(d % jet.ndim for d in order)
    if order[0] != 0:
        message = "the axis of points of a jet must stay first"
        raise MissingRuleError(message)
    return jet.with_channels(jet.channels.permute(0, *(d + 1 for d in order)))


@rule_for(torch.transpose, torch.Tensor.transpose, torch.swapaxes, torch.Tensor.swapaxes)
def transpose(jet: AbstractJet, dim0: int, dim1: int) -> AbstractJet:
    return jet.with_channels(jet.channels.transpose(_axis(jet, dim0), _axis(jet, dim1)))


@rule_for(torch.sum, torch.Tensor.sum)
def total(jet: AbstractJet, dim: Any = None, keepdim: bool = False) -> AbstractJet:
    return jet.with_channels(jet.channels.sum(_axes(jet, dim), keepdim=keepdim))


@rule_for(torch.mean, torch.Tensor.mean)
def mean(jet: AbstractJet, dim: Any = None, keepdim: bool = False) -> AbstractJet:
    return jet.with_channels(jet.channels.mean(_axes(jet, dim), keepdim=keepdim))


@rule_for(functional.dropout)
def dropout(jet: AbstractJet, p: float = 0.5, training: bool = True, inplace: bool = False) -> AbstractJet:
    if training and p > 0:
        message = "dropout draws anew for every derivative; put the network in evaluation mode"
        raise MissingRuleError(message)
    return jet


@rule_for(torch.Tensor.contiguous, torch.Tensor.clone, torch.clone)
def unchanged(jet: AbstractJet, **options: Any) -> AbstractJet:
    return jet


def _axis(jet: AbstractJet, dim: int) -> int:
    """The axis of the channels that is the axis `dim` of the values."""
    _check_axis(jet, dim)
    return dim + 1 if dim >= 0 else dim


def _check_axis(jet: AbstractJet, dim: int) -> None:
    if dim in (0, -jet.ndim):
        message = "the axis of points of a jet must be left alone"
        raise MissingRuleError(message)


def _axes(jet: AbstractJet, dim: Any) -> tuple[int, ...]:
    if dim is None:
        message = "a sum over the points of a jet couples its rows"
        raise MissingRuleError(message)
    return tuple(_axis(jet, d) for d in (dim if isinstance(dim, tuple | list) else (dim,)))
