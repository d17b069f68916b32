"""From a tape to instructions for the executor: the buffers, the values kept for the backward pass, the order.

Kept is what nonlinear operations start from; elementwise results are computed again. A linear layer's weights wait
for their gradient until the activation before it is computed again in its own backward step, in one loop over the data.
"""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, final

from pinr.derivatives.algebra import Algebra
from pinr.derivatives.native.kernels import Bilinear, Channels, Composition, Factor, Kernel, Product
from pinr.derivatives.native.tape import (
    Activation,
    Combination,
    Curvature,
    Expansion,
    Join,
    Linear,
    Mapped,
    Multiplication,
    Operation,
    Place,
    Scaling,
    Slope,
)

KINDS = (
    "ACTIVATE", "LINEAR", "COMBINE", "SCALE", "MULTIPLY", "INSERT", "STORE",
    "FETCH", "LINEAR_INPUT", "LINEAR_WEIGHT", "ACTIVATE_BACK", "SCALE_BACK", "MULTIPLY_BACK", "EXTRACT",
    "EXPAND", "EXPAND_BACK", "SLOPE", "SLOPE_BACK",
    "CURVE", "CURVE_BACK",
)  # fmt: skip
ADDS, BIAS, FIRST_NEGATIVE, SECOND_NEGATIVE, PER_UNIT, TRANSPOSED = 1, 2, 4, 8, 16, 32
WORK, SAVED = 0, 1
ELEMENTWISE = Activation | Slope
COMPUTED_AGAIN = Mapped | ELEMENTWISE
"""What the backward pass makes anew in place of keeping it: it takes little more than reading it would."""
NOT_LINEAR = COMPUTED_AGAIN | Curvature | Multiplication | Expansion


@final
@dataclass(frozen=True)
class Instruction:
    """One row of the executor's program; numbers of buffers, kernels and tensors, −1 for none."""

    kind: str
    a: int = -1
    b: int = -1
    c: int = -1
    g: int = -1
    h: int = -1
    kernel: int = -1
    tensor: int = -1
    rows: int = 0
    inputs: int = 0
    outputs: int = 0
    offset: int = -1
    flags: int = 0

    @property
    def numbers(self) -> tuple[int, ...]:
        kind = KINDS.index(self.kind)
        rest = (self.a, self.b, self.c, self.g, self.h, self.kernel, self.tensor, self.rows, self.inputs, self.outputs)
        return (kind, *rest, self.offset, self.flags)


@final
@dataclass(frozen=True)
class Schedule:
    """Both passes.

    Attributes:
        kernels: What must be compiled; instruction numbers count forward and backward functions, `2 n` and `2 n + 1`.
        buffers: Place, offset in numbers per point, width, channels.
        work: Numbers per point that a thread works on.
        saved: Numbers per point kept for the backward pass.
        channels: The channels of the result.
        width: Units of the result.
    """

    kernels: tuple[Kernel, ...]
    buffers: tuple[tuple[int, int, int, int], ...]
    forward: tuple[Instruction, ...]
    backward: tuple[Instruction, ...]
    work: int
    saved: int
    channels: Channels
    width: int

    @cached_property
    def sources(self) -> frozenset[int]:
        """Those whose values get a gradient from the backward program."""
        return frozenset(
            i.offset for i in self.backward if i.kind == "EXPAND_BACK" or (i.kind == "ACTIVATE_BACK" and i.a < 0)
        )

    @cached_property
    def arrays(self) -> tuple[Any, Any, Any]:
        """Both programs and the buffers as the executor reads them."""
        return (
            integers([n for instruction in self.forward for n in instruction.numbers]),
            integers([n for instruction in self.backward for n in instruction.numbers]),
            integers([n for buffer in self.buffers for n in buffer]),
        )


def integers(numbers: Sequence[int]) -> Any:
    """An array of 64-bit integers; of one where there are none."""
    return (ctypes.c_int64 * max(1, len(numbers)))(*numbers)


@lru_cache(maxsize=256)
def schedule_of(
    operations: tuple[Operation, ...], root: Place, wanted: Channels, algebra: Algebra, *, is_trained: bool
) -> Schedule:
    """Plan the operations that lead to a result, for some of its channels.

    Args:
        operations: The tape.
        root: The operation whose result is wanted.
        wanted: Which channels of it; the schedule has them in ascending order.
        algebra: Of the jets.
        is_trained: Whether there will be a backward pass.
    """
    return _Planner(operations, root, tuple(sorted(set(wanted))), algebra, is_trained).plan()


@final
@dataclass
class _Memory:
    """Offsets of buffers that are used for a while, reused when they are free."""

    size: int = 0
    free: list[tuple[int, int]] = field(default_factory=list)

    def take(self, length: int) -> int:
        fitting = sorted((size, offset) for offset, size in self.free if size >= length)
        if fitting:
            size, offset = fitting[0]
            self.free.remove((offset, size))
            if size > length:
                self.free.append((offset + length, size - length))
            return offset
        self.size += length
        return self.size - length

    def give(self, offset: int, length: int) -> None:
        self.free.append((offset, length))


@final
class _Planner:
    def __init__(
        self, operations: tuple[Operation, ...], root: Place, wanted: Channels, algebra: Algebra, is_trained: bool
    ) -> None:
        self.operations, self.root, self.is_trained = operations, root, is_trained
        self.every = tuple(range(algebra.size))
        self.channels = _demanded(operations, root, wanted, self.every)
        self.order = sorted(self.channels)
        self.kernels: dict[Kernel, int] = {}
        self.buffers: list[tuple[int, int, int, int]] = []
        self.memory, self.saved = _Memory(), 0
        self.program: list[Instruction] = []
        self.value: dict[Place, int] = {}
        self.cotangent: dict[Place, int] = {}
        self.waiting: dict[Place, list[tuple[Linear, int]]] = {}

    def plan(self) -> Schedule:
        kept = self._kept() if self.is_trained else set()
        uses = {place: self._consumers(place) for place in self.order}
        for place in self.order:
            self.value[place] = self._buffer(place, is_saved=place in kept)
            self._forward(place)
            for operand in self.operations[place].operands:
                uses[operand].remove(place)
                if not uses[operand] and operand not in kept:
                    self._release(self.value.pop(operand))
        self._emit("STORE", a=self.value[self.root], rows=len(self.channels[self.root]), outputs=self._width(self.root))
        forward, self.program = tuple(self.program), []
        if self.root not in kept:
            self._release(self.value.pop(self.root))
        if self.is_trained:
            self._backward()
        return Schedule(
            tuple(self.kernels),
            tuple(self.buffers),
            forward,
            tuple(self.program),
            self.memory.size,
            self.saved,
            self.channels[self.root],
            self._width(self.root),
        )

    def _kept(self) -> set[Place]:
        """Results from which the backward pass starts; those of activations are computed again."""
        needed: set[Place] = set()
        for place in self.order:
            match self.operations[place]:
                case Activation() | Slope() | Curvature() | Multiplication() | Linear() | Scaling() as operation:
                    needed.update(operation.operands)
        return {place for place in needed if not isinstance(self.operations[place], COMPUTED_AGAIN)}

    def _consumers(self, place: Place) -> list[Place]:
        return [p for p in self.order for operand in self.operations[p].operands if operand == place]

    def _width(self, place: Place) -> int:
        return self.operations[place].width

    def _buffer(self, place: Place, *, is_saved: bool = False, channels: int | None = None) -> int:
        width, channels = self._width(place), channels or len(self.channels[place])
        length = width * channels
        if is_saved:
            self.buffers.append((SAVED, self.saved, width, channels))
            self.saved += length
        else:
            self.buffers.append((WORK, self.memory.take(length), width, channels))
        return len(self.buffers) - 1

    def _release(self, buffer: int) -> None:
        place, offset, width, channels = self.buffers[buffer]
        if place == WORK:
            self.memory.give(offset, width * channels)

    def _kernel(self, kernel: Kernel, *, backward: bool = False) -> int:
        return 2 * self.kernels.setdefault(kernel, len(self.kernels)) + backward

    def _emit(self, kind: str, **numbers: int) -> None:
        self.program.append(Instruction(kind, **numbers))

    def _forward(self, place: Place) -> None:
        target, rows = self.value[place], len(self.channels[place])
        match self.operations[place]:
            case Mapped(source, tensor, has_bias, inputs, width):
                self._emit(
                    "LINEAR",
                    c=target,
                    tensor=tensor,
                    rows=1,
                    inputs=inputs,
                    outputs=width,
                    offset=source,
                    flags=BIAS * has_bias,
                )
            case Activation(operand, function, width, source, derivative):
                self._emit(
                    "ACTIVATE",
                    a=-1 if operand is None else self.value[operand],
                    c=target,
                    kernel=self._kernel(Composition(function, self.channels[place], source is not None, derivative)),
                    outputs=width,
                    offset=-1 if source is None else source,
                )
            case Slope(operand, factor, function, width, derivative, tensor):
                self._emit(
                    "SLOPE",
                    a=self.value[operand],
                    b=-1 if factor is None else self.value[factor],
                    c=target,
                    kernel=self._kernel(Factor(function, derivative, factor is None)),
                    tensor=tensor,
                    outputs=width,
                )
            case Curvature(operand, factor, _, _, _, source, tensor) as curvature:
                self._emit(
                    "CURVE",
                    a=self.value[operand],
                    b=-1 if factor is None else self.value[factor],
                    c=target,
                    kernel=self._kernel(_bilinear(curvature)),
                    tensor=tensor,
                    outputs=self._width(operand),
                    offset=-1 if source is None else source,
                )
            case Expansion(source, width, _):
                self._emit("EXPAND", c=target, rows=rows, outputs=width, offset=source)
            case Linear(operand, tensor, has_bias, inputs, width, is_transposed):
                adds_bias = has_bias and self.channels[place][0] == 0
                self._emit(
                    "LINEAR",
                    a=self.value[operand],
                    c=target,
                    tensor=tensor,
                    rows=rows,
                    inputs=inputs,
                    outputs=width,
                    flags=BIAS * adds_bias + TRANSPOSED * is_transposed,
                )
            case Combination(first, second, is_difference, width):
                self._emit(
                    "COMBINE",
                    a=self.value[first],
                    b=self.value[second],
                    c=target,
                    rows=rows,
                    outputs=width,
                    flags=SECOND_NEGATIVE * is_difference,
                )
            case Scaling(operand, tensor, is_per_unit, width):
                self._emit(
                    "SCALE",
                    a=self.value[operand],
                    c=target,
                    tensor=tensor,
                    rows=rows,
                    outputs=width,
                    flags=PER_UNIT * is_per_unit,
                )
            case Multiplication(first, second, width):
                self._emit(
                    "MULTIPLY",
                    a=self.value[first],
                    b=self.value[second],
                    c=target,
                    kernel=self._kernel(Product(self.channels[place])),
                    outputs=width,
                )
            case Join(operands, width):
                offset = 0
                for operand in operands:
                    inputs = self._width(operand)
                    self._emit(
                        "INSERT",
                        a=self.value[operand],
                        c=target,
                        rows=rows,
                        inputs=inputs,
                        outputs=width,
                        offset=offset,
                    )
                    offset += inputs

    def _backward(self) -> None:
        root = self.root
        self.cotangent[root] = self._buffer(root)
        self._emit("FETCH", a=self.cotangent[root], rows=len(self.channels[root]), outputs=self._width(root))
        for place in reversed(self.order):
            self._backward_of(place, self.cotangent.pop(place))
            if place in self.value:
                self._release(self.value.pop(place))

    def _backward_of(self, place: Place, cotangent: int) -> None:
        rows = len(self.channels[place])
        match self.operations[place]:
            case Activation():
                self._backward_of_activation(place, cotangent)
                return
            case Slope():
                self._backward_of_slope(place, cotangent)
                return
            case Curvature() as curvature:
                self._backward_of_curvature(curvature, cotangent)
            case Mapped(source, tensor, has_bias, inputs, width):
                self._emit(
                    "LINEAR_WEIGHT",
                    c=cotangent,
                    tensor=tensor,
                    rows=1,
                    inputs=inputs,
                    outputs=width,
                    offset=source,
                    flags=BIAS * has_bias,
                )
            case Expansion(source, width, _):
                self._emit("EXPAND_BACK", a=cotangent, rows=rows, outputs=width, offset=source)
            case Linear(operand, _, _, inputs, width, is_transposed) as linear:
                target, adds = self._contribution(operand)
                self._emit(
                    "LINEAR_INPUT",
                    a=target,
                    c=cotangent,
                    tensor=linear.tensor,
                    rows=rows,
                    inputs=inputs,
                    outputs=width,
                    flags=adds + TRANSPOSED * is_transposed,
                )
                if isinstance(self.operations[operand], ELEMENTWISE) and operand not in self.value:
                    self.waiting.setdefault(operand, []).append((linear, cotangent))
                    return
                self._weights(linear, cotangent, rows)
            case Combination(first, second, is_difference, _):
                for operand, sign in ((second, FIRST_NEGATIVE * is_difference), (first, 0)):
                    if operand == first and first not in self.cotangent and first != second:
                        self.cotangent[first] = cotangent
                        return
                    target, adds = self._contribution(operand)
                    self._emit(
                        "COMBINE", a=cotangent, c=target, rows=rows, outputs=self._width(operand), flags=adds + sign
                    )
            case Scaling(operand, tensor, is_per_unit, width):
                value = self._value_again(operand)
                target, adds = self._contribution(operand)
                self._emit(
                    "SCALE_BACK",
                    a=value,
                    b=cotangent,
                    c=target,
                    tensor=tensor,
                    rows=rows,
                    outputs=width,
                    flags=adds + PER_UNIT * is_per_unit,
                )
            case Multiplication(first, second, width):
                values = [self._value_again(operand) for operand in (first, second)]
                places = [self._buffer(operand) for operand in (first, second)]
                self._emit(
                    "MULTIPLY_BACK",
                    a=values[0],
                    b=values[1],
                    g=cotangent,
                    c=places[0],
                    h=places[1],
                    kernel=self._kernel(Product(self.channels[place]), backward=True),
                    outputs=width,
                )
                for operand, buffer in zip((first, second), places, strict=True):
                    self._contribute(operand, buffer)
            case Join(operands, width):
                offset = 0
                for operand in operands:
                    target, adds = self._contribution(operand)
                    inputs = self._width(operand)
                    self._emit(
                        "EXTRACT",
                        a=target,
                        c=cotangent,
                        rows=rows,
                        inputs=inputs,
                        outputs=width,
                        offset=offset,
                        flags=adds,
                    )
                    offset += inputs
        self._release(cotangent)

    def _backward_of_activation(self, place: Place, cotangent: int) -> None:
        operation = self.operations[place]
        assert isinstance(operation, Activation)
        wanted = self.channels[place]
        again = self.value[place] if place in self.value else self._buffer(place)
        self.value[place] = again
        composition = Composition(operation.function, wanted, operation.source is not None, operation.derivative)
        kernel = self._kernel(composition, backward=True)
        if operation.operand is None:
            self._emit(
                "ACTIVATE_BACK",
                g=cotangent,
                h=again,
                kernel=kernel,
                outputs=operation.width,
                offset=operation.source or 0,
            )
            self._release(cotangent)
        else:
            in_place = wanted == self.every
            source = -1 if operation.source is None else operation.source
            target = cotangent if in_place else self._buffer(operation.operand)
            self._emit(
                "ACTIVATE_BACK",
                a=self._value_again(operation.operand),
                g=cotangent,
                c=target,
                h=again,
                kernel=kernel,
                outputs=operation.width,
                offset=source,
            )
            self._contribute(operation.operand, target)
            if not in_place:
                self._release(cotangent)
        self._waiting_weights(place)

    def _backward_of_slope(self, place: Place, cotangent: int) -> None:
        operation = self.operations[place]
        assert isinstance(operation, Slope)
        again = self.value[place] if place in self.value else self._buffer(place)
        self.value[place] = again
        target = self._buffer(operation.operand, channels=1)
        self._emit(
            "SLOPE_BACK",
            a=self._value_again(operation.operand),
            b=-1 if operation.factor is None else self._value_again(operation.factor),
            c=target,
            h=again,
            kernel=self._kernel(
                Factor(operation.function, operation.derivative, operation.factor is None), backward=True
            ),
            tensor=operation.tensor,
            outputs=operation.width,
            g=cotangent,
        )
        self._contribute(operation.operand, target)
        if operation.factor is None:
            self._release(cotangent)
        else:
            self._contribute(operation.factor, cotangent)
        self._waiting_weights(place)

    def _backward_of_curvature(self, operation: Curvature, cotangent: int) -> None:
        target = self._buffer(operation.operand)
        factor = None if operation.factor is None else self._buffer(operation.factor)
        self._emit(
            "CURVE_BACK",
            a=self._value_again(operation.operand),
            b=-1 if operation.factor is None else self._value_again(operation.factor),
            c=target,
            g=cotangent,
            h=-1 if factor is None else factor,
            kernel=self._kernel(_bilinear(operation), backward=True),
            tensor=operation.tensor,
            outputs=self._width(operation.operand),
            offset=-1 if operation.source is None else operation.source,
        )
        self._contribute(operation.operand, target)
        if operation.factor is not None and factor is not None:
            self._contribute(operation.factor, factor)

    def _waiting_weights(self, place: Place) -> None:
        """The gradients of the weights that waited for a result to be computed again."""
        for linear, held in self.waiting.pop(place, []):
            self._weights(linear, held, len(self.channels[place]))
            self._release(held)

    def _weights(self, linear: Linear, cotangent: int, rows: int) -> None:
        has_bias = linear.has_bias and self.channels[linear.operand][0] == 0
        self._emit(
            "LINEAR_WEIGHT",
            a=self._value_again(linear.operand),
            c=cotangent,
            tensor=linear.tensor,
            rows=rows,
            inputs=linear.inputs,
            outputs=linear.width,
            flags=BIAS * has_bias + TRANSPOSED * linear.is_transposed,
        )

    def _value_again(self, place: Place) -> int:
        """The buffer of a result in the backward pass; an activation is computed again."""
        if place not in self.value:
            operation = self.operations[place]
            assert isinstance(operation, COMPUTED_AGAIN)
            for operand in operation.operands:
                self._value_again(operand)
            self.value[place] = self._buffer(place)
            self._forward(place)
        return self.value[place]

    def _contribution(self, place: Place) -> tuple[int, int]:
        """Where a cotangent goes, and whether it is added to what is there."""
        if place in self.cotangent:
            return self.cotangent[place], ADDS
        self.cotangent[place] = self._buffer(place)
        return self.cotangent[place], 0

    def _contribute(self, place: Place, buffer: int) -> None:
        """A cotangent that has been computed in a buffer of its own."""
        if place not in self.cotangent:
            self.cotangent[place] = buffer
            return
        # Reverse mode adds to values alone, after the curvature of the same function has written all channels.
        rows = min(len(self.channels[place]), self.buffers[buffer][3])
        target = self.cotangent[place]
        self._emit("COMBINE", a=buffer, c=target, rows=rows, outputs=self._width(place), flags=ADDS)
        self._release(buffer)


def _bilinear(operation: Curvature) -> Bilinear:
    return Bilinear(
        operation.function,
        operation.derivative,
        operation.pairs,
        operation.source is not None,
        operation.factor is None,
    )


def _demanded(operations: Sequence[Operation], root: Place, wanted: Channels, every: Channels) -> dict[Place, Channels]:
    """The channels in which each result is needed: those wanted, or all before a nonlinear operation."""
    demanded: dict[Place, Channels] = {root: wanted}
    for place in range(root, -1, -1):
        if place not in demanded:
            continue
        for operand in operations[place].operands:
            before = demanded.get(operand)
            asked = _asked(operations[place], operand, demanded[place], every)
            demanded[operand] = asked if before in (None, asked) else every
    demanded |= {place: (0,) for place in demanded if isinstance(operations[place], Mapped)}
    # What comes from a source is written with all channels, whichever are wanted of it.
    demanded |= {place: every for place in demanded if isinstance(operations[place], Expansion)}
    linear = [p for p in demanded if not isinstance(operations[p], NOT_LINEAR)]
    previous: dict[Place, Channels] = {}
    while previous != demanded:  # what is linear has the channels of its operands, all of which have the same
        previous = dict(demanded)
        for place in linear:
            together = (place, *operations[place].operands)
            if any(demanded[p] == every for p in together):
                demanded.update(dict.fromkeys(together, every))
    return demanded


def _asked(operation: Operation, operand: Place, wanted: Channels, every: Channels) -> Channels:
    """The channels of an operand from which those wanted of a result are made."""
    match operation:
        case Activation() | Multiplication():
            return every
        case Slope():
            return (0,)
        case Curvature():
            return every if operand == operation.operand else (0,)
    return wanted
