"""Forward jets: all derivatives in one sweep through the network."""

from collections.abc import Sequence
from typing import ClassVar, final

import torch
from torch import Tensor

from pinr.derivatives import rules as _rules  # noqa: F401  (fills the table of rules)
from pinr.derivatives.algebra import Weights, algebra_of, weights_of
from pinr.derivatives.engines.interface import NetworkFunction
from pinr.derivatives.jet import Jet, MissingRuleError
from pinr.derivatives.request import Request, order_of


@final
class Jets:
    """Taylor-mode forward propagation, see `algebra`; `MissingRuleError` if the network has no rule."""

    name: ClassVar[str] = "jets"

    def can_answer(self, request: Request) -> bool:
        return True

    def derivatives(
        self,
        function: NetworkFunction,
        points: Tensor,
        request: Request,
        weights: Sequence[Tensor] = (),
    ) -> Tensor:
        algebra = algebra_of(request)
        grouped = weights_of(request.groups, weights)
        result = function(Jet(_independent(points, request, grouped), algebra, grouped))  # type: ignore[arg-type]
        if isinstance(result, Tensor):  # the network ignores its input
            return torch.cat([result[None], result.new_zeros((_wanted(request) - 1, *result.shape))])
        if not isinstance(result, Jet):
            message = f"the network returns a {type(result).__name__}, not a tensor"
            raise MissingRuleError(message)
        wanted = [algebra.number[index] for index in request.partials]
        wanted += range(len(algebra.channels), algebra.size)
        if wanted == list(range(algebra.size)):
            return result.channels
        return result.channels[wanted]


def _wanted(request: Request) -> int:
    return len(request.partials) + len(request.groups)


def _independent(points: Tensor, request: Request, weights: Weights) -> Tensor:
    """The jet of the points themselves: first derivatives are unit vectors, higher ones vanish."""
    channels = points.new_zeros((request.size, *points.shape))
    channels[0] = points
    for number, index in enumerate(request.channels):
        if order_of(index) == 1:
            channels[number, :, index.index(1)] = 1.0
    parts = [channels]
    for number, (group, members) in enumerate(
        zip(request.groups, weights, strict=True), start=len(request.channels)
    ):
        for index, weight in zip(group.indices, members, strict=True):
            if order_of(index) == 1:
                column = channels.new_zeros(points.shape[1])
                column[index.index(1)] = 1.0
                scale = weight.reshape(-1, 1) if isinstance(weight, Tensor) else weight
                if isinstance(scale, Tensor) and scale.requires_grad:
                    parts.append(_one_channel(scale * column, number, channels))
                else:
                    channels[number] += scale * column
    return sum(parts[1:], start=channels)


def _one_channel(values: Tensor, number: int, like: Tensor) -> Tensor:
    selector = like.new_zeros((like.shape[0], 1, 1))
    selector[number] = 1.0
    return selector * values
