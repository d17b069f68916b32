"""Hessians by one reverse sweep over first derivatives."""

from collections.abc import Sequence
from typing import ClassVar, final

import torch
from torch import Tensor

from pinr.derivatives.algebra import algebra_of, weighted_sum, weights_of
from pinr.derivatives.engines.interface import NetworkFunction
from pinr.derivatives.engines.jets import Jets, is_native
from pinr.derivatives.jet import MissingRuleError
from pinr.derivatives.native.adjoint import CannotReverseError, hessian_tape
from pinr.derivatives.native.jet import SourceJet, TapeJet
from pinr.derivatives.native.run import carried_out
from pinr.derivatives.native.tape import Tape
from pinr.derivatives.request import MultiIndex, Request, order_of


@final
class AdjointHessians:
    """Second derivatives from the cotangents of all layers, `H = Σ h̄ f''(z) ∇z ∇zᵀ`; first ones come along.

    Jets carry one channel for each second derivative, this engine one reverse sweep for each component: cheaper where
    many second derivatives are needed one by one. Networks of linear layers and elementwise functions in compiled
    kernels; all others are differentiated by jets.
    """

    name: ClassVar[str] = "adjoint Hessians"

    def can_answer(self, request: Request) -> bool:
        return request.order == 2

    def derivatives(
        self,
        function: NetworkFunction,
        points: Tensor,
        request: Request,
        weights: Sequence[Tensor] = (),
    ) -> Tensor:
        found = _compiled(function, points, request) if is_native(points) else None
        if found is None:
            return Jets().derivatives(function, points, request, weights)
        members = weights_of(request.groups, weights)
        groups = [
            weighted_sum(own, (found[index] for index in group.indices))
            for group, own in zip(request.groups, members, strict=True)
        ]
        return torch.stack([*(found[index] for index in request.partials), *groups])


def _compiled(function: NetworkFunction, points: Tensor, request: Request) -> dict[MultiIndex, Tensor] | None:
    """All derivatives asked for, or None where the network has an operation that kernels cannot follow backwards."""
    inputs = request.inputs
    units = tuple(tuple(int(i == axis) for i in range(inputs)) for axis in range(inputs))
    algebra = algebra_of(Request(inputs, ((0,) * inputs, *units)))
    asked = dict.fromkeys(request.partials + tuple(i for group in request.groups for i in group.indices))
    pairs = {index: _pair(index) for index in asked if order_of(index) == 2}
    try:
        result = function(SourceJet(points, torch.eye(inputs, dtype=points.dtype), Tape(algebra, ())))  # type: ignore[arg-type]
        if not isinstance(result, TapeJet):
            return None
        tape, root = hessian_tape(result.tape, result.place, inputs, tuple(pairs.values()))
    except (AttributeError, TypeError, MissingRuleError, CannotReverseError):
        return None
    (joined,) = carried_out(tape, root, (0,))
    outputs = result.shape[1]
    value, gradients, hessians = joined.split([outputs, outputs * inputs, outputs * len(pairs)], dim=1)
    by_pair = dict(zip(pairs, hessians.unflatten(1, (outputs, len(pairs))).unbind(-1), strict=True))
    by_unit = dict(zip(units, gradients.unflatten(1, (outputs, inputs)).unbind(-1), strict=True))
    return {(0,) * inputs: value} | by_unit | by_pair


def _pair(index: MultiIndex) -> tuple[int, int]:
    """The inputs by which a second derivative is taken."""
    first, *second = (axis for axis, order in enumerate(index) if order)
    return (first, second[0] if second else first)
