"""What a command says when something is wrong, and its exit code.

0 is success; 1 a run that failed, or mistakes that `pinr check` found; 2 input that is refused; 130 an interruption.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console

from pinr.declaration.finding import ProblemWarning
from pinr.errors import PinrError, TrainingError

FAILED, REFUSED, INTERRUPTED = 1, 2, 130


@contextmanager
def reported(*, debug: bool = False) -> Iterator[None]:
    """Errors as short messages with exit codes in place of tracebacks; warnings about the problem as single lines.

    Args:
        debug: Whether errors keep their traceback.
    """
    with _readable_warnings():
        try:
            yield
        except PinrError as error:
            if debug:
                raise
            complain("error", str(error))
            raise typer.Exit(FAILED if isinstance(error, TrainingError) else REFUSED) from error
        except KeyboardInterrupt as error:
            complain("interrupted", "nothing was changed")
            raise typer.Exit(INTERRUPTED) from error


def complain(kind: str, message: str) -> None:
    """A message on stderr, `error: …`."""
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    console.print(f"{kind}: ", style="bold yellow" if kind.startswith("warning") else "bold red", markup=False, end="")
    console.print(message, markup=False)


def remark(text: str) -> None:
    """A line on stderr that is neither result nor complaint."""
    Console(stderr=True, soft_wrap=True, highlight=False).print(text, markup=False)


@contextmanager
def _readable_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("always", ProblemWarning)
        usual = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *place: Any, **options: Any) -> None:
            if issubclass(category, ProblemWarning):
                complain(*str(message).split(": ", 1))
            else:
                usual(message, category, *place, **options)

        warnings.showwarning = show
        yield
