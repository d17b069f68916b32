"""CPU seconds of a run, without those of its observation. It knows no library, so that any interpreter can use it."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

AT_LEAST = 0.25  # CPU seconds between two points of a history
AT_LEAST_RELATIVE = 0.03  # and this share of the seconds so far: equally far apart on a logarithmic axis

_process_time = time.process_time  # of the machine, whatever takes its place in `time` later


class CpuClock:
    """CPU seconds of this process; they stand still while a `stopped` block runs."""

    def __init__(self) -> None:
        self._excluded = 0.0
        self._stopped_at: float | None = None

    def __call__(self) -> float:
        now = _process_time() if self._stopped_at is None else self._stopped_at
        return now - self._excluded

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """A block whose CPU seconds nobody is charged for."""
        self._stopped_at = _process_time()
        try:
            yield
        finally:
            self._excluded += _process_time() - self._stopped_at
            self._stopped_at = None

    def replace_clocks(self) -> None:
        """Make this the clock of everything that is imported later.

        Budgets in seconds are then CPU seconds of this process, which do not depend on what else the machine does,
        and looking at the error in between costs the run nothing.
        """
        time.perf_counter = time.process_time = self  # type: ignore[assignment]


class History:
    """The error against CPU seconds, printed as it is found, one JSON array a line."""

    def __init__(self, clock: CpuClock) -> None:
        self.clock = clock
        self.start, self.last = clock(), float("-inf")

    @property
    def seconds(self) -> float:
        return self.clock() - self.start

    def is_due(self) -> bool:
        return self.seconds - self.last >= max(AT_LEAST, AT_LEAST_RELATIVE * self.seconds)

    def look(self, error: Callable[[], float]) -> None:
        """Find the error and print it; nothing of it counts."""
        with self.clock.stopped():
            self.last = self.seconds
            print(json.dumps([round(self.last, 3), float(f"{error():.4g}")]), flush=True)
