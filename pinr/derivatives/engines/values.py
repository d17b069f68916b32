"""Values alone: the plain network."""

from collections.abc import Sequence
from typing import ClassVar, final

from torch import Tensor

from pinr.derivatives.engines.interface import NetworkFunction
from pinr.derivatives.request import Request


@final
class Values:
    """No derivative is wanted: one ordinary evaluation."""

    name: ClassVar[str] = "values"

    def can_answer(self, request: Request) -> bool:
        return request.order == 0 and len(request.partials) == 1

    def derivatives(
        self,
        function: NetworkFunction,
        points: Tensor,
        request: Request,
        weights: Sequence[Tensor] = (),
    ) -> Tensor:
        return function(points)[None]
