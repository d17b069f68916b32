"""What a run was asked to do, kept in its folder so that `pinr resume` can ask the same again."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self, final

from pinr.errors import FileFormatError
from pinr.files import atomic_path

RECORD = "run.json"
FORMAT = 2
KINDS: dict[str, type | tuple[type, ...]] = {  # of the values in JSON
    "file": str,
    "settings": dict,
    "seconds": (int, float, type(None)),
    "tolerance": (int, float, type(None)),
    "seed": int,
    "dtype": (str, type(None)),
    "device": str,
    "strict": bool,
    "checkpoint_every": (int, float),
}


@final
@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """The arguments of `pinr solve`.

    Attributes:
        file: The problem file, as an absolute path.
        settings: What `--set` replaced, as it was written.
        seconds: Time for all stages.
        tolerance: Relative error at which to stop.
        seed: Seed of weights and points.
        dtype: Precision, or None for the usual one.
        device: Where it runs.
        strict: Whether possibly ill-posed problems are refused.
        checkpoint_every: Seconds between checkpoints.
    """

    file: str
    settings: Mapping[str, str]
    seconds: float | None
    tolerance: float | None
    seed: int
    dtype: str | None
    device: str
    strict: bool
    checkpoint_every: float

    def write(self, folder: Path) -> None:
        """Put the record into a folder."""
        text = json.dumps({"format": FORMAT, **asdict(self)}, indent=2, ensure_ascii=False)
        with atomic_path(folder / RECORD) as temporary:
            temporary.write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """The record in a folder, or None if there is none.

        Raises:
            FileFormatError: It is damaged.
        """
        path = folder / RECORD
        if not path.is_file():
            return None
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            message = f"`{path}` is damaged ({error}). Start the run again with `pinr solve FILE --out {folder}`."
            raise FileFormatError(message) from error
        if not _is_record(stored):
            message = f"`{path}` is no record of a run that this pinr can read. Start the run again with `pinr solve`."
            raise FileFormatError(message)
        return cls(**{field.name: stored[field.name] for field in fields(cls)})


def _is_record(stored: Any) -> bool:
    if not isinstance(stored, dict) or stored.get("format") != FORMAT:
        return False
    return all(name in stored and isinstance(stored[name], kind) for name, kind in KINDS.items())
