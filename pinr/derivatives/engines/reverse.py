"""Reverse mode: gradients alone, one backward sweep per component."""

from collections.abc import Sequence
from typing import ClassVar, final

from torch import Tensor

from pinr.derivatives.engines.interface import NetworkFunction
from pinr.derivatives.engines.nested import NestedAutograd
from pinr.derivatives.request import Request


@final
class Reverse:
    """One reverse sweep per component; cheaper than jets when there are fewer components than inputs."""

    name: ClassVar[str] = "reverse mode"

    def can_answer(self, request: Request) -> bool:
        return request.order <= 1

    def derivatives(
        self,
        function: NetworkFunction,
        points: Tensor,
        request: Request,
        weights: Sequence[Tensor] = (),
    ) -> Tensor:
        return NestedAutograd().derivatives(function, points, request, weights)
