"""Nested autograd: slow, right for any differentiable network, and the reference for the other engines."""

from collections.abc import Sequence
from typing import ClassVar, final

import torch
from torch import Tensor

from pinr.derivatives.algebra import weighted_sum, weights_of
from pinr.derivatives.engines.interface import NetworkFunction
from pinr.derivatives.request import MultiIndex, Request


@final
class NestedAutograd:
    """Reverse mode over reverse mode, one sweep per order, direction and component."""

    name: ClassVar[str] = "nested autograd"

    def can_answer(self, request: Request) -> bool:
        return True

    def derivatives(
        self,
        function: NetworkFunction,
        points: Tensor,
        request: Request,
        weights: Sequence[Tensor] = (),
    ) -> Tensor:
        if not points.requires_grad:  # arguments that depend on trained fields keep their history
            points = points.detach().requires_grad_(True)
        with torch.enable_grad():
            values = function(points)
            memory: dict[tuple[int, MultiIndex], Tensor] = {}
            wanted = dict.fromkeys(request.partials + tuple(i for g in request.groups for i in g.indices))
            found = {
                index: torch.stack([_partial(values, points, o, index, memory) for o in range(values.shape[1])], dim=1)
                for index in wanted
            }
        channels = [found[index] for index in request.partials]
        for group, members in zip(request.groups, weights_of(request.groups, weights), strict=True):
            channels.append(weighted_sum(members, (found[index] for index in group.indices)))
        return torch.stack(channels)


def _partial(
    values: Tensor,
    points: Tensor,
    component: int,
    index: MultiIndex,
    memory: dict[tuple[int, MultiIndex], Tensor],
) -> Tensor:
    """∂^index of one component, by differentiating the next lower derivative."""
    if not any(index):
        return values[:, component]
    if (component, index) not in memory:
        axis = max(range(len(index)), key=lambda i: (index[i] > 0, i))
        lower = tuple(a - (i == axis) for i, a in enumerate(index))
        before = _partial(values, points, component, lower, memory)
        gradient = _gradient(before, points)
        memory[component, index] = gradient[:, axis]
        for other in range(len(index)):  # the same sweep gives the neighbours as well
            neighbour = tuple(a + (i == other) for i, a in enumerate(lower))
            memory.setdefault((component, neighbour), gradient[:, other])
    return memory[component, index]


def _gradient(values: Tensor, points: Tensor) -> Tensor:
    if not values.requires_grad:
        return torch.zeros_like(points)
    (gradient,) = torch.autograd.grad(values, points, torch.ones_like(values), create_graph=True, allow_unused=True)
    return torch.zeros_like(points) if gradient is None else gradient
