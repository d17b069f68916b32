"""Where in the user's script something was declared."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import final

PACKAGE = str(Path(__file__).parent.parent) + os.sep  # as code objects have it, symlinks unresolved


@final
@dataclass(frozen=True)
class Source:
    """File and line of a declaration."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{Path(self.file).name}:{self.line}"


def callers_source() -> Source:
    """The innermost frame outside the package: the line that the user wrote."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(PACKAGE):
        frame = frame.f_back
    return Source(frame.f_code.co_filename, frame.f_lineno)
