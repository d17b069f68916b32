"""pinr's engines: one training step each."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.derivatives.works import Work
from pinr.derivatives.engines.hessians import AdjointHessians
from pinr.derivatives.engines.interface import Engine
from pinr.derivatives.engines.jets import Jets, is_native
from pinr.derivatives.engines.nested import NestedAutograd
from pinr.derivatives.engines.reverse import Reverse

Step = Callable[[], Sequence[Any]]
"""Residual, mean square and gradient of all weights, in the order of the module's parameters."""
Method = Callable[[Work, nn.Module, Tensor], Step]

NESTED, PLAIN = "nested autograd", "jets in torch"
COMPILED, REVERSE, HESSIANS = "compiled jets", "compiled reverse", "adjoint Hessians"
ENGINES: dict[str, Engine] = {
    NESTED: NestedAutograd(),
    PLAIN: Jets(compiled=False),
    COMPILED: Jets(),
    REVERSE: Reverse(),
    HESSIANS: AdjointHessians(),
}


def engines_for(work: Work) -> dict[str, Method]:
    """The engines that are of use: compiled ones where there is a compiler, reverse sweeps where they save channels."""
    is_swept = work.channels_of_floor < work.request.size
    sweeping = REVERSE if work.request.order == 1 else HESSIANS
    compiled = (COMPILED, sweeping) if is_swept else (COMPILED,)
    names = (NESTED, PLAIN, *(compiled if is_native(torch.empty(0)) else ()))
    return {name: _method(ENGINES[name]) for name in names}


def gradient(loss: Tensor, module: nn.Module) -> Sequence[Tensor]:
    return torch.autograd.grad(loss, list(module.parameters()), allow_unused=True, materialize_grads=True)


def _method(engine: Engine) -> Method:
    def build(work: Work, module: nn.Module, points: Tensor) -> Step:
        def step() -> Sequence[Tensor]:
            answer = engine.derivatives(module, points, work.request)
            values = [channel.unbind(1) for channel in answer.unbind(0)]
            return gradient(work.loss(lambda channel, component: values[channel][component]), module)

        return step

    return build
