"""The interface of all optimizers."""

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

from pinr.optimizers.objective import Objective
from pinr.optimizers.state import AbstractState
from pinr.optimizers.vector import Vector

S = TypeVar("S", bound=AbstractState)


class AbstractOptimizer(ABC, Generic[S]):
    """A method of minimisation with its options and its budget: immutable, a *stage* of `solve`.

    Attributes:
        state_type: the state that `initial` makes, `step` carries and `state_type.from_record` reads.
        steps: how many steps the stage may take, `None` for no limit.
        seconds: how long the stage may take, `None` for no limit.
    """

    state_type: ClassVar[type[AbstractState]]
    steps: int | None
    seconds: float | None

    @abstractmethod
    def initial(self, theta: Vector) -> S:
        """The state before the first step. Nothing is evaluated yet, and `theta` is copied."""

    @abstractmethod
    def step(self, state: S, objective: Objective, progress: float) -> S:
        """The state after one step; a stopped state comes back as it is.

        `progress`, the part of the budget spent before the step (see `elapsed_fraction`), drives schedules.
        A state may share buffers with its successors: go on from the newest one or from the one before it, and
        keep others with `to_record`.
        """

    @abstractmethod
    def reset(self, state: S) -> S:
        """The state for another objective at the same parameters (new points, new weights); it runs again."""
