"""The solution in the folder of a run."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pinr.cli.declaration import read_declaration
from pinr.cli.run_record import RECORD, RunRecord
from pinr.errors import DeclarationError

if TYPE_CHECKING:
    from pinr.solution import Solution

FILE = "solution.h5"


def load_run(folder: Path, using: Path | None) -> "Solution":
    """The solution that a run wrote; nothing is run unless `using` names a problem file.

    Args:
        folder: Folder of the run.
        using: Problem file with the custom modules and callables that files keep by name only.

    Raises:
        DeclarationError: There is no solution.
        FileFormatError: It cannot be read, or needs `using`.
    """
    from pinr.solution import Solution

    path = folder / FILE
    if not path.is_file():
        raise DeclarationError(_nothing_there(folder))
    return Solution.load(path, using=None if using is None else _custom_parts(folder, using))


def _custom_parts(folder: Path, file: Path) -> Mapping[str, Any]:
    """Callables by the name of their coefficient and modules by the name of their network."""
    from torch import nn

    from pinr.compiler.fields import assign
    from pinr.declaration.records import problem_data

    record = RunRecord.read(folder)
    declaration = read_declaration(file, {} if record is None else record.settings)
    callables = {n: data for n, data in problem_data(declaration.problem).items() if not hasattr(data, "dims")}
    networks = assign(declaration.problem.unknowns, declaration.network)
    return callables | {a.name: a.choice for a in networks if isinstance(a.choice, nn.Module)}


def _nothing_there(folder: Path) -> str:
    if not folder.is_dir():
        return f"`{folder}` does not exist. Give the folder of a run, what `pinr solve` had as `--out`."
    if (folder / RECORD).is_file():
        return f"`{folder}` has no `{FILE}` yet: the run is not finished. `pinr resume {folder}` goes on with it."
    return f"`{folder}` holds no run: it has no `{FILE}`. `pinr solve FILE --out {folder}` makes one."
