"""Jets that write a network down instead of computing it; it is run as a whole when a result is asked for."""

from collections.abc import Sequence
from typing import Any, final

import torch
from torch import Tensor
from torch.nn import functional
from typing_extensions import override

from pinr.derivatives.affine_jet import AffineJet
from pinr.derivatives.jet import AbstractJet
from pinr.derivatives.native.activations import ACTIVATIONS
from pinr.derivatives.native.run import carried_out
from pinr.derivatives.native.tape import (
    Activation,
    Combination,
    Expansion,
    Join,
    Linear,
    Mapped,
    Multiplication,
    Place,
    Scaling,
    Tape,
)
from pinr.derivatives.towers import Tower


class _Combining(AbstractJet):
    """Jets with a tape are combined on it, if it is one and the same."""

    __slots__ = ()

    @override
    def plus(self, other: AbstractJet, alpha: float) -> AbstractJet:
        return _sum(self, other, alpha) or super().plus(other, alpha)

    @override
    def times(self, other: AbstractJet) -> AbstractJet:
        return _product(self, other) or super().times(other)

    @override
    def joined(self, parts: Sequence[Any], axis: int) -> AbstractJet:
        return _join(self, parts, axis) or super().joined(parts, axis)


class SourceJet(_Combining, AffineJet):
    """A jet before the first nonlinearity, with the tape that an elementwise function begins."""

    __slots__ = ("tape",)

    def __init__(self, value: Tensor, rows: Tensor, tape: Tape) -> None:
        super().__init__(value, rows, tape.algebra, tape.weights)
        self.tape = tape

    @override
    def with_parts(self, value: Tensor, rows: Tensor) -> AffineJet:
        return SourceJet(value, rows, self.tape)

    @override
    def mapped(self, weight: Tensor, bias: Tensor | None) -> AbstractJet:
        is_trained = weight.requires_grad or (bias is not None and bias.requires_grad)
        if self.tape.has_every_weight and is_trained:
            return self._on_tape().mapped(weight, bias)
        if not self.value.requires_grad and self.value.dim() == 2 and _fits(self, weight, bias):
            return MappedJet(self.value, functional.linear(self.rows, weight), self.tape, weight, bias)
        return super().mapped(weight, bias)

    @override
    def scaled(self, factor: Any) -> AbstractJet:
        return self._on_tape().scaled(factor) if self._must_be_written(factor) else super().scaled(factor)

    @override
    def shifted(self, constant: Any) -> AbstractJet:
        return self._on_tape().shifted(constant) if self._must_be_written(constant) else super().shifted(constant)

    def _must_be_written(self, constant: Any) -> bool:
        return self.tape.has_every_weight and isinstance(constant, Tensor) and constant.requires_grad

    def _on_tape(self) -> "TapeJet":
        return TapeJet(self.tape, _expanded(self), self.shape)

    @override
    def composed(self, tower: Tower) -> AbstractJet:
        if tower.name not in ACTIVATIONS or self.value.dim() != 2:
            return super().composed(tower)
        width, source = self.value.shape[1], self.tape.source(self.value, self.rows)
        return TapeJet(self.tape, self.tape.written(Activation(None, tower.name, width, source)), self.shape)


@final
class MappedJet(SourceJet):
    """`W x + b` before the first nonlinearity; its values are computed block by block on the tape."""

    __slots__ = ("_value", "_written", "bias", "points", "weight")

    def __init__(self, points: Tensor, rows: Tensor, tape: Tape, weight: Tensor, bias: Tensor | None) -> None:
        self.points, self.weight, self.bias = points, weight, bias
        self.rows, self.tape, self.algebra, self.weights = rows, tape, tape.algebra, tape.weights
        self._value: Tensor | None = None
        self._written: tuple[Place, int] | None = None

    @property
    def value(self) -> Tensor:  # type: ignore[override]
        """Only what is no elementwise function asks for it."""
        if self._value is None:
            self._value = functional.linear(self.points, self.weight, self.bias)
        return self._value

    @property
    @override
    def shape(self) -> torch.Size:
        return torch.Size((self.points.shape[0], self.weight.shape[0]))

    @property
    @override
    def dtype(self) -> torch.dtype:
        return self.points.dtype

    @property
    @override
    def device(self) -> torch.device:
        return self.points.device

    @override
    def composed(self, tower: Tower) -> AbstractJet:
        if tower.name not in ACTIVATIONS:
            return super().composed(tower)
        if self._written is None:
            self._written = self._write()
        place, source = self._written
        operation = Activation(place, tower.name, self.shape[1], source)
        return TapeJet(self.tape, self.tape.written(operation), self.shape)

    def _write(self) -> tuple[Place, int]:
        """Where its values stand on the tape, and the source that has its rows."""
        (width, inputs), tape = self.weight.shape, self.tape
        source = tape.source(self.points, self.rows)
        tensor = tape.tensor(self.weight, *([] if self.bias is None else [self.bias]))
        return tape.written(Mapped(source, tensor, self.bias is not None, inputs, width)), source


@final
class TapeJet(_Combining):
    """The result of an operation on a tape."""

    __slots__ = ("_channels", "_shape", "algebra", "place", "tape", "weights")

    def __init__(self, tape: Tape, place: Place, shape: torch.Size) -> None:
        self.tape, self.place, self._shape = tape, place, shape
        self.algebra, self.weights = tape.algebra, tape.weights
        self._channels: Tensor | None = None

    @property
    @override
    def channels(self) -> Tensor:
        if self._channels is None:
            self._channels = carried_out(self.tape, self.place, range(self.algebra.size))
        return self._channels

    @property
    @override
    def shape(self) -> torch.Size:
        return self._shape

    @property
    @override
    def dtype(self) -> torch.dtype:
        return self.tape.sources[0][0].dtype

    @property
    @override
    def device(self) -> torch.device:
        return self.tape.sources[0][0].device

    @override
    def selected(self, wanted: Sequence[int]) -> Tensor:
        if self._channels is None and len(wanted) < self.algebra.size:
            return carried_out(self.tape, self.place, wanted)
        return super().selected(wanted)

    @override
    def composed(self, tower: Tower) -> AbstractJet:
        if tower.name not in ACTIVATIONS:
            return super().composed(tower)
        return self._followed(Activation(self.place, tower.name, self.shape[1]), self.shape[1])

    @override
    def mapped(self, weight: Tensor, bias: Tensor | None) -> AbstractJet:
        if not _fits(self, weight, bias):
            return super().mapped(weight, bias)  # where torch broadcasts, or says what is wrong
        tensor = self.tape.tensor(weight, *([] if bias is None else [bias]))
        outputs, inputs = weight.shape
        return self._followed(Linear(self.place, tensor, bias is not None, inputs, outputs), outputs)

    @override
    def scaled(self, factor: Any) -> AbstractJet:
        width = self.shape[1]
        if not isinstance(factor, Tensor):
            factor = torch.tensor(float(factor), dtype=self.dtype, device=self.device)
        if factor.numel() != 1 and factor.shape != (width,):
            return super().scaled(factor)
        if torch.result_type(self.tape.sources[0][0], factor) != self.dtype:
            return super().scaled(factor)
        factor = factor.to(self.dtype)
        is_per_unit = factor.shape == (width,)
        factor = factor if is_per_unit else factor.reshape(())
        return self._followed(Scaling(self.place, self.tape.tensor(factor), is_per_unit, width), width)

    def _followed(self, operation: Any, width: int) -> "TapeJet":
        return TapeJet(self.tape, self.tape.written(operation), torch.Size((self.shape[0], width)))


TapedJet = SourceJet | TapeJet


def _fits(jet: SourceJet | TapeJet, weight: Tensor, bias: Tensor | None) -> bool:
    """Whether a linear map needs neither broadcasting nor conversion."""
    fits = weight.dim() == 2 and weight.shape[1] == jet.shape[1] and weight.dtype == jet.dtype
    return fits and (bias is None or (bias.shape == weight.shape[:1] and bias.dtype == jet.dtype))


def _places(jets: Sequence[Any]) -> list[Place] | None:
    """Where jets stand on their common tape, or None where they have none; one of them must have begun it."""
    if not all(isinstance(j, TapedJet) and j.ndim == 2 for j in jets) or not any(isinstance(j, TapeJet) for j in jets):
        return None
    tape = jets[0].tape
    if any(j.tape is not tape for j in jets):
        return None
    return [j.place if isinstance(j, TapeJet) else _expanded(j) for j in jets]


def _expanded(jet: SourceJet) -> Place:
    return jet.tape.written(Expansion(jet.tape.source(jet.value, jet.rows), jet.shape[1]))


def _sum(first: Any, second: Any, alpha: float) -> TapeJet | None:
    places = _places((first, second)) if alpha in (1.0, -1.0) and first.shape == second.shape else None
    if places is None:
        return None
    place = first.tape.written(Combination(places[0], places[1], alpha < 0, first.shape[1]))
    return TapeJet(first.tape, place, first.shape)


def _product(first: Any, second: Any) -> TapeJet | None:
    places = _places((first, second)) if first.shape == second.shape else None
    if places is None:
        return None
    return TapeJet(first.tape, first.tape.written(Multiplication(places[0], places[1], first.shape[1])), first.shape)


def _join(jet: Any, parts: Sequence[Any], axis: int) -> TapeJet | None:
    places = _places(parts) if axis in (1, -1) else None
    if places is None:
        return None
    width = sum(part.shape[1] for part in parts)
    place = jet.tape.written(Join(tuple(places), width))
    return TapeJet(jet.tape, place, torch.Size((jet.shape[0], width)))
