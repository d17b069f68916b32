"""Values alone: the plain network."""

from collections.abc import Sequence
from typing import ClassVar, final

import torch
from torch import Tensor

from pinr.derivatives.engines.interface import NetworkFunction
from pinr.derivatives.engines.jets import Jets, is_native
from pinr.derivatives.request import Request

# From here on compiled kernels beat torch, whose activations leave the cache. Milliseconds of a step in torch and
# compiled, one thread: width 64, depth 4 at 1,024 points 5.4 and 6.0, at 4,096 points 19 and 13; width 32, depth 3 at
# 4,096 points 12 and 12.5, at 65,536 points 108 and 51; width 256, depth 4 at 16,384 points 371 and 223.
FEWEST_POINTS = 4096


@final
class Values:
    """No derivative is wanted: an ordinary evaluation; at many points a jet of the value alone, in compiled kernels."""

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
        if len(points) >= FEWEST_POINTS and is_native(points) and not _is_transformed():
            try:
                return Jets().derivatives(function, points, request)
            except Exception:  # whatever a module of one's own makes of a jet: with tensors it tells the reason itself
                return function(points)[None]
        return function(points)[None]


def _is_transformed() -> bool:
    """Whether a transform of `torch.func` is at work, which cannot look into compiled kernels."""
    return torch._C._functorch.maybe_current_level() is not None  # type: ignore[attr-defined]
