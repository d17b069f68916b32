"""All checks of a problem."""

import warnings
from typing import TYPE_CHECKING

from pinr.declaration.checks.table import CHECKS
from pinr.declaration.finding import Finding, ProblemWarning
from pinr.errors import DeclarationError

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem


def check_problem(problem: "Problem", *, strict: bool = False) -> tuple[Finding, ...]:
    """All findings; warnings are also issued as `ProblemWarning`.

    Raises:
        DeclarationError: There is an error, or with `strict` a warning; the message lists every finding.
    """
    findings = tuple(finding for check in CHECKS for finding in check(problem))
    fatal = [f for f in findings if strict or f.severity == "error"]
    if fatal:
        message = f"{problem.name}: " + "\n".join(map(str, findings))
        raise DeclarationError(message)
    for finding in findings:
        warnings.warn(str(finding), ProblemWarning, stacklevel=3)
    return findings
