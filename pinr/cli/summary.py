"""What a finished run has reached, for people and for programs."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, final

from rich.console import Console

from pinr.errors import FileFormatError


@final
@dataclass(frozen=True)
class Summary:
    """The content of `summary.json`, with the files as paths.

    Attributes:
        problem: Name of the problem.
        seconds: Wall time of the training.
        steps: Steps of all stages.
        loss: The last loss, or None if it is not finite.
        errors: Relative L² error by unknown, for those that have a reference.
        stops: Why each stage ended.
        files: The files written.
    """

    problem: str
    seconds: float
    steps: int
    loss: float | None
    errors: Mapping[str, float | None]
    stops: tuple[str, ...]
    files: tuple[Path, ...]

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """The summary in a folder, or None while the run is not finished.

        Raises:
            FileFormatError: It is damaged.
        """
        from pinr.training.outputs import SUMMARY

        path = folder / SUMMARY
        if not path.is_file():
            return None
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            files = tuple(folder / name for name in stored.pop("files"))
            return cls(**{**stored, "stops": tuple(stored["stops"])}, files=files)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = (
                f"`{path}` is damaged ({type(error).__name__}). Remove it, and `pinr resume {folder}` makes it anew."
            )
            raise FileFormatError(message) from error

    def to_json(self) -> str:
        """One line for programs."""
        names = ("problem", "seconds", "steps", "loss", "errors")
        record: dict[str, Any] = {name: getattr(self, name) for name in names}
        return json.dumps({**record, "files": [str(file) for file in self.files]}, ensure_ascii=False)

    def show(self, console: Console) -> None:
        """A few lines for people."""
        from pinr.training.progress import duration

        loss = "not finite" if self.loss is None else f"{self.loss:.2e}"
        console.print(self.problem, style="bold", markup=False, highlight=False)
        console.print(f"  {duration(self.seconds)} of training, {self.steps:,} steps, loss {loss}", highlight=False)
        for label, values in self._sections():
            for number, value in enumerate(values):
                console.print(f"  {label if number == 0 else '':<20}", style="dim", end="")
                console.print(value, markup=False, highlight=False, soft_wrap=True)

    def _sections(self) -> Iterator[tuple[str, list[str]]]:
        shown = {name: "not finite" if error is None else f"{error:.2e}" for name, error in self.errors.items()}
        widest = max(map(len, shown), default=0)
        yield "relative L2 error", [f"{name:<{widest}}  {error}" for name, error in shown.items()] or ["no reference"]
        yield "stages", list(self.stops)
        yield "files", [str(file) for file in self.files]
