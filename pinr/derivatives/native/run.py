"""A schedule carried out on tensors, as one differentiable function."""

import ctypes
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import torch
from torch import Tensor

from pinr.derivatives.algebra import Algebra, Weights
from pinr.derivatives.native.library import blas, library
from pinr.derivatives.native.mathematics import Precision
from pinr.derivatives.native.replay import replayed
from pinr.derivatives.native.schedule import Instruction, integers, schedule_of
from pinr.derivatives.native.tape import Place, Tape

BLOCK_BYTES = 9 << 17  # of all that a thread works on, without what is kept: for a second-level cache of 2 MB
FEWEST_POINTS = 16
DTYPES: dict[torch.dtype, Precision] = {torch.float32: "float32", torch.float64: "float64"}


def carried_out(tape: Tape, root: Place, wanted: Sequence[int]) -> Tensor:
    """The wanted channels of an operation's result, `(channels, N, width)`."""
    inputs = tape.inputs
    is_trained = torch.is_grad_enabled() and any(t.requires_grad for t in inputs)
    schedule = schedule_of(tuple(tape.operations), root, tuple(wanted), tape.algebra, is_trained=is_trained)
    plan = (schedule, tuple(tape.operations), root, tape.algebra, tape.weights, len(tape.sources))
    result = _Execution.apply(plan, *inputs)
    if schedule.channels == tuple(wanted):
        return result
    return result[[schedule.channels.index(c) for c in wanted]]


@final
@dataclass(frozen=True)
class PointTarget:
    """Where the derivatives by a tensor of a tape are added up, point by point.

    Attributes:
        rows: `(N, numbers of the tensor)`, each row in one piece.
        scale: A factor.
    """

    rows: Tensor
    scale: float = 1.0


@final
class Pullback:
    """The wanted channels of an operation's result, and afterwards the derivatives at every point by every tensor."""

    def __init__(self, tape: Tape, root: Place, wanted: Sequence[int]) -> None:
        schedule = schedule_of(tuple(tape.operations), root, tuple(wanted), tape.algebra, is_trained=True)
        self.plan = (schedule, tuple(tape.operations), root, tape.algebra, tape.weights, len(tape.sources))
        self.inputs = tuple(t.detach().contiguous() for t in tape.inputs)
        self.places = [schedule.channels.index(c) for c in wanted]
        count = self.inputs[0].shape[0]
        self.saved = self.inputs[0].new_empty(schedule.saved * count)
        self.result = self.inputs[0].new_empty((len(schedule.channels), count, schedule.width))
        _execute(self.plan, schedule.forward, self.inputs, self.saved, self.result)

    @property
    def channels(self) -> Tensor:
        """`(channels, N, width)`."""
        return self.result[self.places]

    def add_rows(self, cotangent: Tensor, targets: Sequence[PointTarget | None]) -> None:
        """Add `Σ_c g_c ∂(channel c)/∂tensor` at every point.

        Args:
            cotangent: `g`, of the shape of the channels.
            targets: One for each tensor of the tape; None for those that do not matter.
        """
        whole = torch.zeros_like(self.result)
        whole[self.places] = cotangent
        _execute(self.plan, self.plan[0].backward, self.inputs, self.saved, whole, targets)


class _Execution(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, plan: Any, *inputs: Tensor) -> Tensor:
        schedule = plan[0]
        count = inputs[0].shape[0]
        result = inputs[0].new_empty((len(schedule.channels), count, schedule.width))
        saved = inputs[0].new_empty(schedule.saved * count)
        kept = tuple(t.contiguous() for t in inputs)
        _execute(plan, schedule.forward, kept, saved, result)
        context.save_for_backward(saved, *inputs)
        context.plan = plan
        return result

    @staticmethod
    def backward(context: Any, cotangent: Tensor) -> tuple[Tensor | None, ...]:
        saved, *inputs = context.saved_tensors
        plan = context.plan
        if torch.is_grad_enabled():  # somebody wants the gradient of this gradient
            return (None, *_differentiable(plan, inputs, cotangent))
        kept = tuple(t.contiguous() for t in inputs)
        return (None, *_execute(plan, plan[0].backward, kept, saved, cotangent.contiguous()))


def _differentiable(plan: Any, inputs: Sequence[Tensor], cotangent: Tensor) -> list[Tensor | None]:
    schedule, operations, root, algebra, weights, sources = plan
    with torch.enable_grad():
        inputs = [t.view_as(t) for t in inputs]  # one tensor may be two inputs, and each wants its own gradient
        result = replayed(operations, root, schedule.channels, algebra, weights, inputs, sources)
        wanted = [t for t in inputs if t.requires_grad]
        found = torch.autograd.grad(result, wanted, cotangent, create_graph=True, allow_unused=True)
    gradients = iter(found)
    return [next(gradients) if t.requires_grad else None for t in inputs]


class _PointRows(ctypes.Structure):
    """What `executor.c` calls PointRows."""

    _fields_ = [("start", ctypes.c_void_p), ("stride", ctypes.c_int64), ("scale", ctypes.c_double)]


class _Task(ctypes.Structure):
    """What `executor.c` calls Task."""

    _fields_ = [
        ("gemm", ctypes.c_void_p),
        *((name, ctypes.c_int64) for name in (
            "points", "block", "threads", "work", "operations", "weights", "sums", "tensor_count", "saved_count",
        )),
        *((name, ctypes.c_void_p) for name in (
            "program", "buffers", "values", "rows", "value_sums", "tensors", "point_weights", "sum_offsets", "saved",
            "output", "workspace", "partial_sums", "point_rows",
        )),
    ]  # fmt: skip


def _execute(
    plan: Any,
    program: Sequence[Instruction],
    inputs: Sequence[Tensor],
    saved: Tensor,
    outside: Tensor,
    targets: Sequence[PointTarget | None] = (),
) -> list[Tensor | None]:
    """Run a program; gives the gradients of all inputs after a backward program, None where the result has none.

    With targets, those of the tensors are written there, point by point.
    """
    schedule, _, _, algebra, weights, sources = plan
    values, rows, tensors = inputs[:sources], inputs[sources : 2 * sources], inputs[2 * sources :]
    like = inputs[0]
    count, size = max(1, like.shape[0]), like.element_size()
    block = min(count, max(FEWEST_POINTS, BLOCK_BYTES // (size * schedule.work) // 16 * 16))
    threads = max(1, min(torch.get_num_threads(), -(-count // block)))
    is_backward = program is schedule.backward
    lengths = [t.numel() for t in (*tensors, *rows)]
    offsets = [0, *itertools.accumulate(lengths)][: len(lengths)]
    total = sum(lengths) if is_backward else 0
    partial_sums = like.new_zeros((threads, total))
    value_sums = [torch.empty_like(v) if n in schedule.sources else None for n, v in enumerate(values)]
    workspace = like.new_empty(threads * schedule.work * block)
    point_weights = _point_weights(algebra, weights, like)
    held = [
        schedule.arrays[1 if is_backward else 0],
        schedule.arrays[2],
        _pointers(values),
        _pointers(rows),
        _pointers(value_sums),
        _pointers(tensors),
        _pointers(point_weights),
        integers(offsets),
        _point_rows(targets),
    ]
    precision = DTYPES[like.dtype]
    task = _Task(
        blas(precision), like.shape[0], block, threads, schedule.work, len(program), len(point_weights), total,
        len(tensors), saved.numel(),
        *(ctypes.cast(array, ctypes.c_void_p) for array in held[:-1]),
        saved.data_ptr(), outside.data_ptr(), workspace.data_ptr(), partial_sums.data_ptr(),
        ctypes.cast(held[-1], ctypes.c_void_p) if targets else None,
    )  # fmt: skip
    library(schedule.kernels, algebra, precision)(ctypes.addressof(task))
    if not is_backward:
        return []
    sums = partial_sums.sum(0) if threads > 1 else partial_sums[0]
    parts = [p.reshape(t.shape) for p, t in zip(sums.split(lengths), (*tensors, *rows), strict=True)]
    return [*value_sums, *parts[len(tensors) :], *parts[: len(tensors)]]


def _point_weights(algebra: Algebra, weights: Weights, like: Tensor) -> list[Tensor]:
    count = like.shape[0]
    found = (w for group in weights for w in group if isinstance(w, Tensor))
    return [w.detach().to(like).expand(count).contiguous() for w in found]


def _point_rows(targets: Sequence[PointTarget | None]) -> Any:
    found = (_PointRows * max(1, len(targets)))()
    for place, target in zip(found, targets, strict=False):
        if target is not None:
            place.start, place.stride = target.rows.data_ptr(), target.rows.stride(0)
            place.scale = target.scale
    return found


def _pointers(tensors: Sequence[Tensor | None]) -> Any:
    return (ctypes.c_void_p * max(1, len(tensors)))(*(None if t is None else t.data_ptr() for t in tensors))
