"""Reverse mode: gradients alone, one backward sweep per component."""

from collections.abc import Sequence
from typing import ClassVar, final

import torch
from torch import Tensor

from pinr.derivatives.algebra import algebra_of
from pinr.derivatives.engines.interface import NetworkFunction
from pinr.derivatives.engines.jets import is_native
from pinr.derivatives.engines.nested import NestedAutograd
from pinr.derivatives.jet import MissingRuleError
from pinr.derivatives.native.adjoint import CannotReverseError, gradient_tape
from pinr.derivatives.native.jet import SourceJet, TapeJet
from pinr.derivatives.native.run import carried_out
from pinr.derivatives.native.tape import Tape
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
        if is_native(points) and not request.groups:
            found = _compiled(function, points, request)
            if found is not None:
                return found
        return NestedAutograd().derivatives(function, points, request, weights)


def _compiled(function: NetworkFunction, points: Tensor, request: Request) -> Tensor | None:
    """The answer of compiled kernels, or None where the network has an operation that they cannot follow."""
    inputs = request.inputs
    units = tuple(tuple(int(i == axis) for i in range(inputs)) for axis in range(inputs))
    algebra = algebra_of(Request(inputs, ((0,) * inputs, *units)))
    rows = torch.eye(inputs, dtype=points.dtype)
    try:
        result = function(SourceJet(points, rows, Tape(algebra, ())))  # type: ignore[arg-type]
        if not isinstance(result, TapeJet):
            return None
        tape, root = gradient_tape(result.tape, result.place, inputs)
    except (AttributeError, TypeError, MissingRuleError, CannotReverseError):
        return None
    (joined,) = carried_out(tape, root, (0,))
    outputs = result.shape[1]
    value, gradients = joined[:, :outputs], joined[:, outputs:].unflatten(1, (outputs, inputs))
    return torch.stack([gradients[..., i.index(1)] if any(i) else value for i in request.partials])
