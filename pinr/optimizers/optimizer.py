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
        needs_double: whether it works in double precision whatever the user asks for.
        usual_draw: steps on the same points, if nobody says. Fixed points are over-fitted sooner the better the method
            is; a new draw costs a method what it has learnt about its objective.
        rows_per_weight: how many rows the residuals should have for each weight; 0 if it does not matter.
        points_per_weight: the same for points, each of which has a row for every equation.
    """

    state_type: ClassVar[type[AbstractState]]
    needs_double: ClassVar[bool] = False
    usual_draw: ClassVar[int] = 100
    rows_per_weight: ClassVar[float] = 0.0
    points_per_weight: ClassVar[float] = 0.0
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
