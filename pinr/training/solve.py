"""`solve`: a problem in, a solution out."""

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from pinr.compiler.device import check_device
from pinr.compiler.fields import NetworkChoices
from pinr.compiler.program import as_dtype
from pinr.declaration.problem import Problem
from pinr.declaration.records import problem_data
from pinr.errors import DeclarationError, TrainingError
from pinr.optimizers import AbstractOptimizer
from pinr.optimizers.named_arguments import with_checked_arguments
from pinr.training.autopilot import candidates, fly
from pinr.training.balance import AbstractBalance, FixedWeights
from pinr.training.checkpoint import RunState
from pinr.training.processes import Processes
from pinr.training.progress import AbstractProgress, Silent, progress_for
from pinr.training.run import Run
from pinr.training.sampling import AbstractSampling, ResidualDensity
from pinr.training.stages import DEFAULT_SECONDS, check_tolerance, checked_stages
from pinr.training.trainer import Trainer

if TYPE_CHECKING:
    from pinr.solution import Solution


@with_checked_arguments
def solve(
    problem: Problem,
    network: NetworkChoices | None = None,
    *,
    stages: Sequence[AbstractOptimizer] | None = None,
    tolerance: float | None = None,
    seconds: float | None = None,
    device: str = "cpu",
    dtype: str | None = None,
    seed: int = 0,
    out: str | os.PathLike[str] | None = None,
    checkpoint_every: float = 10.0,
    balance: AbstractBalance | None = None,
    sampling: AbstractSampling | None = None,
    progress: AbstractProgress | bool = True,
    strict: bool = False,
    capture: bool = False,
    exact: bool = True,
) -> "Solution":
    """Solve a problem.

    What is left open is chosen, and the choice is said: without a network, one or two small kinds are tried and the
    better one goes on, and grows when it gets no better; without stages, Adam finds the shape and Gauss–Newton (for
    large networks a quasi-Newton method) the digits.

    Under `torchrun` the processes train together: each works off its share of the points, the first one shows progress
    and writes files, and all return the same solution.

    Args:
        problem: What to solve; it is checked first.
        network: A recipe or module for all unknowns, or a mapping from unknowns to them; None chooses.
        stages: Optimizers with their budgets, one after the other; None chooses.
        tolerance: Relative L² error at which to stop, as estimated from how much the solution still changes while the
            loss falls; only without stages. `verify` is an independent look.
        seconds: Time for everything together, of the stages if they are given; without stages, None is a minute.
        device: Where to compute, as torch names it: `cpu`, `cuda`, `cuda:1`.
        dtype: `float32` or `float64`; None is float32 for Adam. L-BFGS and Gauss–Newton always run in float64.
        seed: Seed of the initial weights and of all points.
        out: Folder for checkpoints, history, solution and figures. The same call on the same folder
            goes on where the run stopped.
        checkpoint_every: Seconds between checkpoints, at least; more where one takes long to write.
        balance: Rule for the weights that constraints leave open.
        sampling: When points are drawn anew, and how.
        progress: Whether to show progress, or how.
        strict: Whether possibly ill-posed problems are errors.
        capture: Whether each step is replayed from a CUDA graph; on `cuda` only.
        exact: Whether conditions are built into the unknowns where that is sound, see `on(..., exact=)`.

    Returns:
        The trained networks with the problem.

    Raises:
        DeclarationError: The problem or an argument is ill-formed.
        CompilationError: The precision is unknown, or an expression has no rule.
        FileFormatError: With a folder, if two known functions with different data have one name.
        TrainingError: The folder cannot be used, the loss stopped being finite, or the time was up before the first
            step.
    """
    began = time.perf_counter()
    chosen = checked_stages(stages, seconds)
    if not isinstance(problem, Problem):
        message = f"`solve({problem!r}, …)`: the first argument must be a Problem."
        raise DeclarationError(message)
    check_tolerance(tolerance, chosen)
    check_device(device)
    if capture and torch.device(device).type != "cuda":
        message = f'`capture=True`: CUDA graphs need `device="cuda"`, not {device!r}. Leave it out.'
        raise DeclarationError(message)
    processes = Processes.present(device)
    if capture and processes.count > 1:
        message = f"`capture=True`: one process replays graphs, and {processes.count} train here. Leave it out."
        raise DeclarationError(message)
    if dtype is not None:
        as_dtype(dtype)
    problem.check(strict=strict)
    if out is not None:
        problem_data(problem)  # data of one name could not be stored: said now and not after the training
    run = Run(
        problem,
        network,
        chosen,
        DEFAULT_SECONDS if chosen is None and seconds is None else seconds,
        tolerance,
        processes.own_device(device),
        dtype,
        seed,
        None if out is None else usable_folder(out),
        checkpoint_every,
        balance or FixedWeights(),
        sampling or ResidualDensity(),
        _shown(progress, processes),
        capture,
        exact,
        began,
        processes,
    )
    with run.progress:
        trainer, state = fly(run) if chosen is None else _in_stages(run, chosen)
    solution = trainer.solution(state)
    if solution.steps == 0:
        message = (
            f"{problem.name}: the time was up after {state.seconds:.1f} s, before the first step, so that nothing is "
            "trained. Checking and compiling are part of the time: give more `seconds`."
        )
        raise TrainingError(message)
    if run.folder is not None and processes.is_first:
        from pinr.training.outputs import write_outputs

        write_outputs(solution, state, run.folder, say=run.progress.say)
    return solution


def _shown(progress: AbstractProgress | bool, processes: Processes) -> AbstractProgress:
    """How progress is shown: of several processes by the first."""
    if not progress or not processes.is_first:
        return Silent()
    return progress if isinstance(progress, AbstractProgress) else progress_for()


def _in_stages(run: Run, stages: tuple[AbstractOptimizer, ...]) -> tuple[Trainer, RunState]:
    """The stages that were given, on the networks that were given."""
    network = run.network if run.network is not None else candidates(run.problem, run.seconds or DEFAULT_SECONDS)[0]
    trainer = run.trainer(run.compiled(network), stages)
    for note in trainer.program.notes:
        run.progress.say(f"note: {note}")
    state = run.loaded()
    run.say_where(state, len(stages))
    return trainer, trainer.run(state or trainer.start())


def usable_folder(out: str | os.PathLike[str]) -> Path:
    """The folder, made if need be and tried by writing to it.

    Raises:
        TrainingError: It cannot be written to.
    """
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        message = f"`out={str(out)!r}`: the folder cannot be written to ({error}). Choose another."
        raise TrainingError(message) from error
    return folder
