"""Forward jets: all derivatives in one sweep through the network."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor

from pinr.derivatives import rules as _rules  # noqa: F401  (fills the table of rules)
from pinr.derivatives.affine_jet import AffineJet
from pinr.derivatives.algebra import Weight, Weights, algebra_of, channels_of, weighted_sum, weights_of
from pinr.derivatives.differentiable import rows_of
from pinr.derivatives.engines.interface import NetworkFunction
from pinr.derivatives.fused import library as fused
from pinr.derivatives.jet import AbstractJet, Jet, MissingRuleError
from pinr.derivatives.native.jet import SourceJet
from pinr.derivatives.native.library import why_not
from pinr.derivatives.native.run import DTYPES
from pinr.derivatives.native.tape import Tape
from pinr.derivatives.request import Group, MultiIndex, Request, order_of


@final
@dataclass(frozen=True)
class Jets:
    """Taylor-mode forward propagation, see `algebra`; `MissingRuleError` if the network has no rule.

    Args:
        compiled: Whether compiled kernels are used where they can be; False stays with plain torch.
    """

    compiled: bool = True
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
        grouped = weights_of(request.groups, weights)
        try:
            result = function(_jet_of_points(points, request, grouped, compiled=self.compiled))  # type: ignore[arg-type]
        except (
            AttributeError,
            TypeError,
        ) as error:  # code that asks whether it has a tensor, or what only tensors have
            message = f"jets do not pass through it ({error})"
            raise MissingRuleError(message) from error
        if isinstance(result, Tensor):  # the network ignores its input
            return torch.cat([result[None], result.new_zeros((_wanted(request) - 1, *result.shape))])
        if not isinstance(result, AbstractJet):
            message = f"the network returns a {type(result).__name__}, not a tensor"
            raise MissingRuleError(message)
        wanted = channels_of(request)
        ascending = sorted(set(wanted))
        found = result.selected(ascending)
        return found if wanted == ascending else rows_of(found, [ascending.index(channel) for channel in wanted])


def _wanted(request: Request) -> int:
    return len(request.partials) + len(request.groups)


def _jet_of_points(points: Tensor, request: Request, weights: Weights, *, compiled: bool) -> AbstractJet:
    """The jet of the points themselves: first derivatives are unit vectors, higher ones vanish."""
    algebra = algebra_of(request)
    rows = unit_rows(points, request, weights)
    if all(row.dim() == 1 for row in rows):  # the same at every point
        stacked = torch.stack(rows) if rows else points[:0]
        if compiled and is_native(points, weights):
            return SourceJet(points, stacked, Tape(algebra, weights))
        if all(isinstance(w, float) for group in weights for w in group):
            return AffineJet(points, stacked, algebra, weights)
    return Jet(torch.stack([points, *(row.expand_as(points) for row in rows)]), algebra, weights)


def unit_rows(points: Tensor, request: Request, weights: Weights) -> list[Tensor]:
    """The channels of the points beyond their value: unit vectors, zeros, and for groups the sums of these.

    A row `(inputs,)` where it is the same at every point, else one for every point.
    """
    units = [_unit_row(points, index) for index in request.channels[1:]]
    sums = [_unit_sum(points, group, members) for group, members in zip(request.groups, weights, strict=True)]
    return units + sums


def _unit_sum(points: Tensor, group: Group, members: Sequence[Weight]) -> Tensor:
    """What a group makes of the points: the weighted sum of its first derivatives, a row or one for every point."""
    first = [(w, _unit_row(points, i)) for w, i in zip(members, group.indices, strict=True) if order_of(i) == 1]
    if not first:
        return points.new_zeros(points.shape[1])
    return weighted_sum([w for w, _ in first], (row for _, row in first))


def is_native(points: Tensor, weights: Weights = ()) -> bool:
    """Whether compiled kernels apply: on a CPU with a C compiler, with group weights that are not trained."""
    trained = any(isinstance(w, Tensor) and w.requires_grad for group in weights for w in group)
    return points.dtype in DTYPES and not trained and has_compiled_kernels(points.device)


def has_compiled_kernels(device: torch.device) -> bool:
    """Whether whole networks run in compiled kernels there."""
    return device.type == "cpu" and why_not() is None


def tier_of(device: torch.device) -> str:
    """What jets and reverse mode run in on a device, in words."""
    if device.type != "cpu":
        reason = fused.why_not(device)
        if reason is None:
            return "plain torch, with the elementwise functions of jets in fused Triton kernels"
        return f"plain torch: {reason}"
    reason = why_not()
    return "compiled kernels" if reason is None else f"plain torch: {reason}"


def _unit_row(points: Tensor, index: MultiIndex) -> Tensor:
    """The derivative of the points by a multi-index: a unit vector, or zero."""
    row = points.new_zeros(points.shape[1])
    if order_of(index) == 1:
        row[index.index(1)].fill_(1.0)  # assigning it would copy from the host, which a CUDA graph cannot
    return row
