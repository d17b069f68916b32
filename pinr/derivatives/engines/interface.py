"""What an engine is."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

from torch import Tensor

from pinr.derivatives.request import Request

NetworkFunction = Callable[[Tensor], Tensor]
"""A network with its parameters bound: points `(N, inputs)` to values `(N, components)`."""


class Engine(Protocol):
    """Computes what a request asks for, differentiably in parameters and weights."""

    name: ClassVar[str]

    def can_answer(self, request: Request) -> bool:
        """Whether this engine is made for such requests."""
        ...

    def derivatives(
        self,
        function: NetworkFunction,
        points: Tensor,
        request: Request,
        weights: Sequence[Tensor] = (),
    ) -> Tensor:
        """The requested channels, `(partials + groups, N, components)`."""
        ...
