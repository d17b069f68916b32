"""What a problem file declares."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, final

from pinr.cli.problem_file import run_file
from pinr.errors import DeclarationError

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem


@final
@dataclass(frozen=True)
class Declaration:
    """The problem of a file, and what else the file names.

    Attributes:
        problem: What to solve.
        options: `network`, `stages` and `sampling`, those of them that the file defines, as `solve` takes them.
    """

    problem: "Problem"
    options: Mapping[str, Any]

    @property
    def network(self) -> Any:
        """The file's network, or the first one that `solve` tries by itself."""
        from pinr.training.autopilot import candidates
        from pinr.training.stages import DEFAULT_SECONDS

        return self.options.get("network") or candidates(self.problem, DEFAULT_SECONDS)[0]


def read_declaration(path: Path, settings: Mapping[str, str]) -> Declaration:
    """Run a problem file and take what it defines.

    Raises:
        DeclarationError: The file is missing or defines no problem.
        ProblemFileError: It raises something.
    """
    from pinr.declaration.problem import Problem

    module = run_file(path, settings)
    problem = getattr(module, "problem", None)
    if not isinstance(problem, Problem):
        raise DeclarationError(_no_problem(module, path, Problem))
    names = ("network", "stages", "sampling")
    return Declaration(problem, {name: getattr(module, name) for name in names if hasattr(module, name)})


def _no_problem(module: ModuleType, path: Path, kind: type) -> str:
    if hasattr(module, "problem"):
        found = f"`problem` in `{path}` is {type(module.problem).__name__!r}, not a Problem."
        return f"{found} Write `problem = Problem(on(…), …)`."
    own = {n: value for n, value in vars(module).items() if not n.startswith("_") and _is_own(value, module)}
    misnamed = [n for n, value in own.items() if isinstance(value, kind)]
    if misnamed:
        return f"`{path}` defines no `problem`, but {misnamed[0]!r} is a Problem. Write `problem = {misnamed[0]}`."
    return (
        f"`{path}` defines no `problem`. It defines {', '.join(own) or 'nothing'}. "
        "Write `problem = Problem(on(…), …)` at its top level."
    )


def _is_own(value: Any, module: ModuleType) -> bool:
    """Whether the file made it, as far as one can tell: imported functions and modules are not."""
    if isinstance(value, ModuleType):
        return False
    is_definition = isinstance(value, type) or (callable(value) and hasattr(value, "__qualname__"))
    return not is_definition or getattr(value, "__module__", None) == module.__name__
