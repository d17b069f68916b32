"""Findings: what a check has to say about a problem."""

from dataclasses import dataclass
from typing import Literal, final

Severity = Literal["error", "warning"]


class ProblemWarning(UserWarning):
    """A problem that is possibly ill-posed."""


@final
@dataclass(frozen=True)
class Finding:
    """One mistake or doubt.

    Attributes:
        code: Short name that does not change, `missing-initial-condition`.
        severity: Ill-formed input is an error, a possibly ill-posed problem a warning.
        constraint: Name of the constraint, if it is about one.
        source: File and line where it was declared.
        message: What was written, what is wrong, what to do.
    """

    code: str
    severity: Severity
    constraint: str | None
    source: str
    message: str

    def __str__(self) -> str:
        place = f" [{self.source}]" if self.source else ""
        return f"{self.severity} ({self.code}){place}: {self.message}"
