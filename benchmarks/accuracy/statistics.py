"""What is said about a run, and about several."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

Points = Sequence[Sequence[float]]
"""`[CPU seconds, error]` in the order of time."""


@dataclass(frozen=True)
class Run:
    """A run of one method on one problem.

    Attributes:
        title: The row of the table.
        method: `pinr`, or a peer with its precision.
        seed: Of the weights and points, and of the data where they are random.
        budget: CPU seconds that it was given.
        history: The error against CPU seconds.
        is_finished: Whether it came to its end.
        summary: What it says about itself.
        made: Date and versions.
    """

    title: str
    method: str
    seed: int
    budget: float
    history: Points
    is_finished: bool
    summary: Mapping[str, Any] = field(default_factory=dict)
    made: str = ""

    @property
    def key(self) -> tuple[str, str, int, float]:
        """What tells runs apart."""
        return self.title, self.method, self.seed, self.budget

    @property
    def seconds(self) -> float:
        """CPU seconds in all."""
        return self.history[-1][0] if self.history else 0.0

    def record(self) -> dict[str, Any]:
        return asdict(self)


def error_within(history: Points, seconds: float) -> float:
    """The last error found up to a time, what one would have had then; infinite if there is none."""
    errors = [error for when, error in history if when <= seconds]
    return errors[-1] if errors else math.inf


def seconds_to(history: Points, error: float) -> float:
    """The first time at which the error was as small as this; infinite if it never was."""
    return next((when for when, found in history if found <= error), math.inf)


def counted_seconds_to(run: Run, error: float) -> float:
    """The same, at its full time if it never was."""
    return min(seconds_to(run.history, error), run.seconds)


@dataclass(frozen=True)
class Spread:
    """The middle and both ends of some values, of which none is left out."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(statistics.median(values), min(values), max(values))


def latest(runs: Sequence[Run]) -> dict[tuple[str, str, int, float], Run]:
    """The last record of every run, a finished one before others."""
    found: dict[tuple[str, str, int, float], Run] = {}
    for run in runs:
        if run.is_finished or run.key not in found or not found[run.key].is_finished:
            found[run.key] = run
    return found
