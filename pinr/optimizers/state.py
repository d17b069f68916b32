"""Everything that an optimizer remembers between two steps."""

from abc import ABC
from dataclasses import dataclass
from typing import Any, Self

from pinr.optimizers.record import from_record, to_record
from pinr.optimizers.vector import Vector


@dataclass(frozen=True, eq=False, kw_only=True)
class AbstractState(ABC):
    """Tensors, numbers and strings from which training goes on exactly as if it had never paused.

    Attributes:
        theta: the parameters reached.
        loss: the last finite loss found, `nan` before the first evaluation.
        steps: steps done.
        evaluations: calls of `value_and_gradient` so far.
        stopped: why the stage has ended by itself, in plain words; `None` while it runs.
    """

    theta: Vector
    loss: float = float("nan")
    steps: int = 0
    evaluations: int = 0
    stopped: str | None = None

    def to_record(self) -> dict[str, Any]:
        """The state as nested dicts and lists of copied tensors and plain values."""
        return to_record(self)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Self:
        """The state that wrote `record`; the tensors keep the device on which they were loaded."""
        return from_record(cls, record)
