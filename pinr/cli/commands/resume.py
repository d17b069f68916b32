"""`pinr resume`."""

from pathlib import Path

from pinr.cli.declaration import read_declaration
from pinr.cli.options import Debug, Folder, Json, Quiet
from pinr.cli.reporting import remark, reported
from pinr.cli.run import go_on, prints_to_stderr, show_summary
from pinr.cli.run_record import RECORD, RunRecord
from pinr.cli.summary import Summary
from pinr.errors import DeclarationError


def resume(folder: Folder, *, json: Json = False, quiet: Quiet = False, debug: Debug = False) -> None:
    """Go on with a run that was stopped, as if it had not been."""
    with reported(debug=debug):
        record = RunRecord.read(folder)
        if record is None:
            raise DeclarationError(_no_run(folder))
        if Summary.read(folder) is not None:
            if not quiet:
                remark(f"{folder} is finished")
        else:
            with prints_to_stderr(json):
                declaration = read_declaration(Path(record.file), record.settings)
                go_on(declaration, record, folder, shows_progress=not quiet)
        show_summary(folder, as_json=json, quiet=quiet)


def _no_run(folder: Path) -> str:
    from pinr.training.checkpoint import FILE

    if (folder / FILE).is_file():
        return f"`{folder}` holds a run that was started from Python. Make the same call of `solve` to go on with it."
    found = f"has no `{RECORD}`" if folder.is_dir() else "does not exist"
    runs = sorted(str(path.parent) for path in folder.parent.glob(f"*/{RECORD}")) if folder.parent.is_dir() else []
    return f"`{folder}` {found}, so there is nothing to go on with. Runs beside it: {', '.join(runs) or 'none'}."
