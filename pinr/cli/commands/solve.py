"""`pinr solve`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from pinr.cli.declaration import read_declaration
from pinr.cli.options import Debug, File, Json, Quiet, Settings, Strict
from pinr.cli.reporting import reported
from pinr.cli.run import begin, prints_to_stderr, show_summary
from pinr.cli.run_record import RunRecord
from pinr.cli.settings import read_pairs


def solve(
    file: File,
    *,
    seconds: Annotated[
        float | None, typer.Option(help="Time for all stages.", show_default="60, or what the file's stages take")
    ] = None,
    tolerance: Annotated[
        float | None, typer.Option(help="Stop at this estimated relative error; only without stages in the file.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where files go.", show_default="runs/<name of FILE>")
    ] = None,
    device: Annotated[str, typer.Option(help="Where to compute: cpu, cuda, cuda:1.")] = "cpu",
    dtype: Annotated[
        Literal["float32", "float64"] | None,
        typer.Option(
            metavar="float32|float64", help="Precision of Adam; other methods have float64. [default: float32]"
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the initial weights and of all points.")] = 0,
    setting: Settings = None,
    strict: Strict = False,
    checkpoint_every: Annotated[float, typer.Option(min=0, metavar="SECONDS", help="Time between checkpoints.")] = 10.0,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Solve the problem of a file.

    The same call goes on where an earlier one was stopped; so does `pinr resume FOLDER`.
    """
    with reported(debug=debug):
        settings = read_pairs("--set", setting or [])
        folder = out or Path("runs") / file.stem
        with prints_to_stderr(json):
            declaration = read_declaration(file, settings)
            record = RunRecord(
                file=str(file.resolve()),
                settings=settings,
                seconds=seconds,
                tolerance=tolerance,
                seed=seed,
                dtype=dtype,
                device=device,
                strict=strict,
                checkpoint_every=checkpoint_every,
            )
            begin(declaration, record, folder, shows_progress=not quiet)
        show_summary(folder, as_json=json, quiet=quiet)
