"""`solve`: a problem and a network in, a solution out."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from pinr.compiler.device import check_device
from pinr.compiler.fields import NetworkChoices
from pinr.compiler.program import Program, as_dtype, compile_problem
from pinr.declaration.ansatz.records import exactness_record
from pinr.declaration.problem import Problem
from pinr.errors import DeclarationError, TrainingError
from pinr.language.gridded import Gridded
from pinr.networks.recipe import AbstractRecipe
from pinr.networks.siren import Siren
from pinr.optimizers import AbstractOptimizer, optimizer_record
from pinr.training.balance import AbstractBalance, FixedWeights
from pinr.training.checkpoint import RunState, fingerprint, load_checkpoint
from pinr.training.progress import AbstractProgress, Silent, progress_for
from pinr.training.sampling import AbstractSampling, ResidualDensity
from pinr.training.stages import checked_stages
from pinr.training.trainer import Trainer

if TYPE_CHECKING:
    from pinr.solution import Solution

DEFAULT_NETWORK = Siren(width=32, depth=4)


def solve(
    problem: Problem,
    network: NetworkChoices = DEFAULT_NETWORK,
    *,
    stages: Sequence[AbstractOptimizer] | None = None,
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

    Args:
        problem: What to solve; it is checked first.
        network: A recipe or module for all unknowns, or a mapping from unknowns to them.
        stages: Optimizers with their budgets, one after the other; None is Adam, then L-BFGS.
        seconds: Time for all stages together.
        device: Where to compute, as torch names it: `cpu`, `cuda`, `cuda:1`.
        dtype: `float32` or `float64`; None is float32 for Adam. L-BFGS always runs in float64.
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
        TrainingError: The folder cannot be used, or the loss stopped being finite.
    """
    chosen = checked_stages(stages, seconds)
    if not isinstance(problem, Problem):
        message = f"`solve({problem!r}, …)`: the first argument must be a Problem."
        raise DeclarationError(message)
    check_device(device)
    if capture and torch.device(device).type != "cuda":
        message = f'`capture=True`: CUDA graphs need `device="cuda"`, not {device!r}. Leave it out.'
        raise DeclarationError(message)
    if dtype is not None:
        as_dtype(dtype)
    problem.check(strict=strict)
    folder = None if out is None else usable_folder(out)
    program = compile_problem(problem, network, dtype="float64", device=device, exact=exact)
    weighting, points = balance or FixedWeights(), sampling or ResidualDensity()
    mark = fingerprint(describe_run(program, chosen, seed=seed, dtype=dtype, balance=weighting, sampling=points))
    shown = progress if isinstance(progress, AbstractProgress) else progress_for() if progress else Silent()
    trainer = Trainer(
        program,
        chosen,
        seed,
        dtype,
        weighting,
        points,
        shown,
        seconds,
        folder,
        mark,
        checkpoint_every,
        capture,
    )
    state = load_checkpoint(folder, chosen, mark, device=program.device) if folder is not None else None
    with shown:
        for note in program.notes:
            shown.say(f"note: {note}")
        if state is not None:
            is_finished = state.stage == len(chosen)
            after = f"after {state.seconds:.0f} s"
            shown.say(f"{folder} is finished, {after}" if is_finished else f"going on from {folder} {after}")
        state = trainer.run(state or trainer.start())
    solution = solution_of(trainer, state)
    if folder is not None:
        from pinr.training.outputs import write_outputs

        write_outputs(solution, state, folder, say=shown.say)
    return solution


def solution_of(trainer: Trainer, state: RunState) -> "Solution":
    """The solution that a state of a run stands for."""
    from pinr.solution import Solution

    return Solution(
        trainer.program,
        trainer.parameters(state),
        history=list(state.history),
        stages=tuple(trainer.stages),
        seed=trainer.seed,
        seconds=state.seconds,
        steps=state.steps,
        loss=state.optimizer.loss,
    )


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


def describe_run(
    program: Program,
    stages: Sequence[AbstractOptimizer],
    *,
    seed: int,
    dtype: str | None,
    balance: AbstractBalance,
    sampling: AbstractSampling,
) -> dict[str, Any]:
    """What makes two runs the same run: problem, data, networks, stages, seed, precision, rules for weights and points.

    Data are known by their SHA-256, measurements and images by that in the records of their regions. Of callables and
    modules only the name is known. References change nothing in a run, and are left out.
    """
    return {
        "problem": str(program.problem),
        "constraints": [(c.region.record(), c.points, c.weight, c.loss) for c in program.problem.constraints],
        "parameters": [(p.name, p.value, p.is_forced_positive) for p in program.problem.parameters],
        "data": _digests(program.problem),
        "ansatz": exactness_record(program.exactness)["ansaetze"],
        "networks": [_described(a.choice) for a in program.assignments],
        "stages": [optimizer_record(stage) for stage in stages],
        "seed": seed,
        "dtype": dtype,
        "balance": repr(balance),
        "sampling": repr(sampling),
    }


def _described(choice: AbstractRecipe | nn.Module) -> Any:
    return choice.record() if isinstance(choice, AbstractRecipe) else repr(choice)


def _digests(problem: Problem) -> list[tuple[str, str]]:
    fields = (f.label for c in problem.constraints for f in c.fields)
    return sorted({(label.text, label.payload.digest) for label in fields if isinstance(label.payload, Gridded)})
