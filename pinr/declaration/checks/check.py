"""A check: a search for one kind of mistake."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from pinr.declaration.finding import Finding, Severity

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem


@final
@dataclass(frozen=True)
class Remark:
    """What a search has found: the constraint by name, and what is wrong with it and what to do."""

    constraint: str
    message: str


Remarks = Iterator[Remark]


@final
@dataclass(frozen=True)
class Check:
    """A search for one kind of mistake, with the code and the severity of what it finds."""

    code: str
    severity: Severity
    search: "Callable[[Problem], Remarks]"

    def __call__(self, problem: "Problem") -> tuple[Finding, ...]:
        """The findings, each with the line where its constraint was declared."""
        constraints = problem.named_constraints
        return tuple(
            Finding(
                self.code,
                self.severity,
                remark.constraint,
                str(constraints[remark.constraint].source),
                f"The constraint {remark.constraint!r}: {remark.message}",
            )
            for remark in self.search(problem)
        )
