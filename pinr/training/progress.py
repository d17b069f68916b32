"""What a user sees while training: a live table in a terminal, plain lines elsewhere."""

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING, TextIO, final

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text
from typing_extensions import override

if TYPE_CHECKING:
    from pinr.solution import Solution

BAR = 24  # characters


@final
@dataclass(frozen=True)
class Report:
    """The state of a run for a reader.

    Attributes:
        solution: Makes the solution that has been reached, of which a progress of one's own can watch the error.
    """

    title: str
    solution: Callable[[], "Solution"]
    stage: str
    step: int
    fraction: float
    seconds: float
    seconds_left: float | None
    rate: float
    loss: float
    losses: Mapping[str, float]
    weights: Mapping[str, float]
    held_out: Mapping[str, float] = field(default_factory=dict)


class AbstractProgress(ABC):
    """A context in which reports are shown."""

    def __enter__(self) -> "AbstractProgress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    @abstractmethod
    def show(self, report: Report) -> None:
        """Show where training is."""

    @abstractmethod
    def say(self, text: str) -> None:
        """Show a line that stays."""


@final
class Silent(AbstractProgress):
    """Nothing is shown."""

    @override
    def show(self, report: Report) -> None:
        return None

    @override
    def say(self, text: str) -> None:
        return None


@final
class Lines(AbstractProgress):
    """One plain line now and then, for logs and pipes."""

    def __init__(self, stream: TextIO, every: float = 10.0) -> None:
        self.stream, self.every, self._last = stream, every, -1e9

    @override
    def show(self, report: Report) -> None:
        now = perf_counter()
        if now - self._last >= self.every:
            self._last = now
            self.say(one_line(report))

    @override
    def say(self, text: str) -> None:
        print(text, file=self.stream, flush=True)


@final
class LiveTable(AbstractProgress):
    """A live table, one row per constraint."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.live = Live(console=console, refresh_per_second=4, transient=True)

    @override
    def __enter__(self) -> AbstractProgress:
        self.live.__enter__()
        return self

    @override
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.live.__exit__(kind, error, trace)

    @override
    def show(self, report: Report) -> None:
        self.live.update(_picture(report))

    @override
    def say(self, text: str) -> None:
        self.console.print(text, markup=False, highlight=False)


def progress_for(stream: TextIO | None = None) -> AbstractProgress:
    """A live table on a terminal, plain lines otherwise."""
    stream = stream or sys.stderr
    console = Console(file=stream)
    return LiveTable(console) if console.is_terminal else Lines(stream)


def one_line(report: Report) -> str:
    """Stage, step, time, loss and the constraints' losses in one line."""
    parts = ", ".join(f"{name} {value:.1e}" for name, value in report.losses.items())
    left = "" if report.seconds_left is None else f", {duration(report.seconds_left)} left"
    return (
        f"{report.stage} step {report.step:,}, {duration(report.seconds)}{left}, "
        f"{_rate(report.rate)}, loss {report.loss:.2e} ({parts}{_unseen(report)})"
    )


def _unseen(report: Report) -> str:
    """The weighted loss at points that were new."""
    if not report.held_out:
        return ""
    return f"; {sum(report.weights.get(n, 1.0) * loss for n, loss in report.held_out.items()):.2e} at new points"


def duration(seconds: float) -> str:
    """`42 s`, `3:05` or `1:02:03`."""
    whole = round(max(seconds, 0))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _picture(report: Report) -> Group:
    """A row per constraint, and below it how far the stage is."""
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("constraint")
    table.add_column("loss", justify="right", width=10)
    table.add_column("new points", justify="right", width=10)
    table.add_column("weight", justify="right", width=8)
    for name, value in report.losses.items():
        unseen = f"{report.held_out[name]:.2e}" if name in report.held_out else ""
        table.add_row(Text(name), f"{value:.2e}", unseen, f"{report.weights.get(name, 1.0):.3g}")
    table.add_row("total", f"{report.loss:.2e}", "", "", style="bold")
    left = "" if report.seconds_left is None else f" · {duration(report.seconds_left)} left"
    done = round(BAR * report.fraction)
    line = Text.assemble(
        f"{report.stage} ",
        ("━" * done, "green"),
        ("━" * (BAR - done), "dim"),
        f" {report.fraction:.0%} · step {report.step:,} · {_rate(report.rate)} · {duration(report.seconds)}{left}",
    )
    return Group(Text(report.title, style="bold"), table, line)


def _rate(rate: float) -> str:
    return f"{rate:.0f} steps/s" if rate >= 10 else f"{rate:.2g} steps/s"
